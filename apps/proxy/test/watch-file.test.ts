import { appendFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { watchFile } from "../src/settings/watch-file.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "codex-watch-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it("notices a change within a second while another file of the folder is written all the time", async () => {
  const file = join(folder, "keys.json");
  await writeFile(file, "before");
  const noise = setInterval(() => appendFileSync(join(folder, "proxy.log"), "a line\n"), 10);
  let changedAt = 0;
  const end = watchFile(file, "before", async () => {
    changedAt = performance.now();
  });
  try {
    const start = performance.now();
    await writeFile(file, "after");
    await expect.poll(() => changedAt, { timeout: 10_000 }).not.toBe(0);
    expect(changedAt - start).toBeLessThan(1000);
  } finally {
    end();
    clearInterval(noise);
  }
});

it("notices changes where there was no folder to watch, and in one that was made anew", async () => {
  const file = join(folder, "later", "keys.json");
  let changes = 0;
  const end = watchFile(file, undefined, async () => {
    changes++;
  });
  try {
    for (const text of ["one", "two"]) {
      const before = changes;
      await rm(join(folder, "later"), { recursive: true, force: true });
      await mkdir(join(folder, "later"));
      await writeFile(file, text);
      const start = performance.now();
      await expect.poll(() => changes, { timeout: 10_000 }).toBeGreaterThan(before);
      expect(performance.now() - start).toBeLessThan(3000);
    }
  } finally {
    end();
  }
});
