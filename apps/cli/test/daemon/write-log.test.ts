import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { followLog, readTail } from "../../src/daemon/follow-log.js";
import { openLog } from "../../src/daemon/write-log.js";

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "codex-log-"));
  file = join(folder, "state", "proxy.log");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const options = { maxBytes: 100, keep: 2 };
/** As lines have it, so that three of them fill a file. */
const time = "1970-01-01T00:00:00.000Z";

it("sets full files aside, keeps the youngest, and goes on with what is there", async () => {
  const first = openLog(file, options);
  first.write(`${time} one`);
  first.close();
  const log = openLog(file, options);
  for (const word of ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"])
    log.write(`${time} ${word}`);
  log.close();
  expect((await readdir(join(folder, "state"))).sort()).toEqual(["proxy.log", "proxy.log.1", "proxy.log.2"]);
  expect(await readFile(file, "utf8")).toBe(`${time} ten\n`);
  expect(await readFile(`${file}.1`, "utf8")).toBe(
    ["seven", "eight", "nine"].map((word) => `${time} ${word}\n`).join(""),
  );
  if (process.platform !== "win32") expect((await stat(file)).mode & 0o777).toBe(0o600);
});

it("is followed from its end over files that are set aside", async () => {
  const log = openLog(file, options);
  log.write(`${time} one`);
  log.write(`${time} two`);
  const tail = await readTail(file, 1);
  expect(tail.text).toBe(`${time} two\n`);
  expect((await readTail(file, 0)).text).toBe("");
  const ending = new AbortController();
  let seen = "";
  const print = async (text: string) => {
    seen += text;
  };
  const followed = followLog(file, tail, print, ending.signal);
  for (const word of ["three", "four", "five"]) {
    log.write(`${time} ${word}`);
    await expect.poll(() => seen).toContain(`${time} ${word}\n`);
  }
  ending.abort();
  await followed;
  log.close();
  expect(seen).toBe(["three", "four", "five"].map((word) => `${time} ${word}\n`).join(""));
});

describe.skipIf(process.platform === "win32")("what goes wrong with the file", () => {
  const state = () => join(folder, "state");
  const line = (word: string) => `${time} ${word}`;

  it("a folder that is gone is made again, at a rotation and before", async () => {
    const log = openLog(file, { ...options, checkMs: 1_000_000 });
    for (const word of ["one", "two", "three"]) log.write(line(word));
    await rm(state(), { recursive: true });
    log.write(line("four"));
    log.write(line("five"));
    expect(await readFile(file, "utf8")).toBe(`${line("four")}\n${line("five")}\n`);
    log.close();
    const looking = openLog(file, { ...options, checkMs: 0 });
    looking.write(line("six"));
    await rm(state(), { recursive: true });
    looking.write(line("seven"));
    expect(await readFile(file, "utf8")).toBe(`${line("seven")}\n`);
    looking.close();
  });

  it("a folder that cannot be made loses lines until it can", async () => {
    await writeFile(state(), "a file in its place");
    const log = openLog(file, options);
    log.write(line("lost"));
    await rm(state());
    await expect
      .poll(async () => {
        log.write(line("kept"));
        return readFile(file, "utf8").catch(() => "");
      })
      .toContain(line("kept"));
    log.close();
    log.write(line("after the end"));
    expect(await readFile(file, "utf8")).not.toMatch(/lost|after the end/);
  });

  it("one that another program has set aside is begun anew", async () => {
    const log = openLog(file, { checkMs: 0 });
    log.write(line("one"));
    await rename(file, `${file}.theirs`);
    log.write(line("two"));
    log.close();
    expect(await readFile(file, "utf8")).toBe(`${line("two")}\n`);
    expect(await readFile(`${file}.theirs`, "utf8")).toBe(`${line("one")}\n`);
  });

  it.skipIf(!existsSync("/dev/full"))("a full disk loses lines and throws nothing", () => {
    const log = openLog("/dev/full", options);
    for (let i = 0; i < 10; i++) log.write(line("lost"));
    log.close();
  });
});
