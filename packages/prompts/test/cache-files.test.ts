import { chmod, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { entryPath, readEntry, writeEntry } from "../src/cache-files.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "codex-prompts-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const entry = (text: string) => ({ url: "http://127.0.0.1/x", etag: '"1"', text, checkedAt: 5 });

describe("a cache file", () => {
  it("is read as it was written, every character", async () => {
    const path = entryPath(folder, "prompt.md");
    expect(await readEntry(path)).toBeUndefined();
    await writeEntry(path, entry("“quoted” \\ \n \u2028 💡"));
    expect(await readEntry(path)).toEqual(entry("“quoted” \\ \n \u2028 💡"));
  });

  it("is whole at every moment, however many write it, and nothing is left beside it", async () => {
    const path = entryPath(folder, "prompt.md");
    await writeEntry(path, entry("start"));
    const texts = Array.from({ length: 40 }, (_, i) => String(i).repeat(50_000));
    let writing = true;
    const seen: (string | undefined)[] = [];
    const reader = (async () => {
      while (writing) seen.push((await readEntry(path))?.text);
    })();
    await Promise.all(texts.map((text) => writeEntry(path, entry(text))));
    writing = false;
    await reader;
    expect(seen.length).toBeGreaterThan(0);
    for (const text of seen) expect(text === "start" || texts.includes(text ?? "")).toBe(true);
    expect(await readdir(join(folder, "instructions"))).toEqual(["prompt.md.json"]);
  });

  it("leaves nothing behind when it cannot take its place", async () => {
    const path = entryPath(folder, "prompt.md");
    await mkdir(join(path, "occupied"), { recursive: true });
    await expect(writeEntry(path, entry("x"))).rejects.toThrow();
    expect(await readdir(join(folder, "instructions"))).toEqual(["prompt.md.json"]);
    await expect(readEntry(path)).rejects.toMatchObject({ code: "EISDIR" });
  });

  it.skipIf(process.getuid?.() === 0)("cannot be written into a folder without the right to", async () => {
    await chmod(folder, 0o500);
    await expect(writeEntry(entryPath(folder, "prompt.md"), entry("x"))).rejects.toMatchObject({ code: "EACCES" });
    await chmod(folder, 0o700);
  });
});
