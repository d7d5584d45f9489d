import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rename, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { nameThisProcess } from "../../src/locks/lock-holder.js";
import { noteSending } from "../../src/stores/sending.js";

let folder: string;
let target: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "codex-auth-"));
  target = join(folder, "auth.json");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Makes the one note that is there look as if another process had written it. */
async function giveTo(pid: number, begun: string, machine?: string): Promise<string> {
  const [name = ""] = await readdir(folder);
  const parts = name.split("-");
  const changed = [parts[0], parts[1], machine ?? parts[2], pid, begun, ...parts.slice(5)].join("-");
  await rename(join(folder, name), join(folder, changed));
  return join(folder, changed);
}

it("is found by whoever is about to send the same token, for as long as it is there", async () => {
  const first = await noteSending(target, "rt-CANARY-1");
  expect(first.other).toBeUndefined();
  const second = await noteSending(target, "rt-CANARY-1");
  expect(second.other).toEqual(await nameThisProcess());
  expect((await noteSending(target, "rt-CANARY-2")).other).toBeUndefined();
  await first.withdraw();
  await second.withdraw();
  expect((await noteSending(target, "rt-CANARY-1")).other).toBeUndefined();
});

it("of many at the same moment lets one of them through at most", async () => {
  for (let round = 0; round < 20; round += 1) {
    const notes = await Promise.all(Array.from({ length: 8 }, () => noteSending(target, "rt-CANARY-1")));
    expect(notes.filter(({ other }) => other === undefined).length).toBeLessThanOrEqual(1);
    await Promise.all(notes.map(({ withdraw }) => withdraw()));
  }
  expect(await readdir(folder)).toEqual([]);
});

it("of a process that has ended, or of a later one with its number, counts no more and is removed", async () => {
  const gone = spawn(process.execPath, ["--version"]);
  await once(gone, "close");
  for (const [pid, begun] of [
    [gone.pid ?? 0, "1"],
    [process.pid, "1"],
  ] as const) {
    await noteSending(target, "rt-CANARY-1");
    await giveTo(pid, begun);
    const note = await noteSending(target, "rt-CANARY-1");
    expect(note.other).toBeUndefined();
    await note.withdraw();
    expect(await readdir(folder)).toEqual([]);
  }
});

it("of another machine counts for five minutes", async () => {
  await noteSending(target, "rt-CANARY-1");
  const path = await giveTo(1, "1", "0123456789abcdef");
  const note = await noteSending(target, "rt-CANARY-1");
  expect(note.other).toMatchObject({ pid: 1, machine: "0123456789abcdef" });
  await note.withdraw();
  const before = Date.now() / 1000 - 301;
  await utimes(path, before, before);
  expect((await noteSending(target, "rt-CANARY-1")).other).toBeUndefined();
});

it("holds no token, and other files are passed over", async () => {
  await writeFile(join(folder, ".auth.json-x.codex-oauth.sending"), "");
  const note = await noteSending(target, "rt-CANARY-1");
  expect(note.other).toBeUndefined();
  expect((await readdir(folder)).join()).not.toContain("CANARY");
});
