import { Writable } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { expect, it } from "vitest";
import { createLineWriter } from "../../src/observe/line-writer.js";
import { createLog } from "../../src/observe/log.js";

it("loses what a reader that takes nothing has no room for, and tells how much when it takes something again", async () => {
  const taken: string[] = [];
  let onTaken: (() => void) | undefined;
  const stream = new Writable({
    decodeStrings: false,
    write(text: string, _encoding, done) {
      taken.push(text);
      onTaken = done;
    },
  });
  const lost: number[] = [];
  const { print } = createLineWriter(stream, (count) => lost.push(count));
  const line = "x".repeat(300_000);
  for (let i = 0; i < 20; i++) {
    print(line);
    print("short");
    await turn();
  }
  expect(stream.writableLength).toBeLessThan(1_400_000);
  expect(lost).toEqual([]);
  while (stream.writableLength > 0) {
    onTaken?.();
    await turn();
  }
  const whole = taken.join("").split("\n").length - 1;
  expect(lost.reduce((sum, count) => sum + count, 0)).toBe(40 - whole);
  expect(whole).toBeGreaterThan(0);
});

it.each([
  ["answers with an error", (done: (error: Error) => void) => done(new Error("write EPIPE"))],
  [
    "throws",
    () => {
      throw new Error("ENOSPC: no space left on device");
    },
  ],
])("outlives a stream that %s", async (_what, fail) => {
  const stream = new Writable({ autoDestroy: false, write: (_text, _encoding, done) => fail(done) });
  const lost: number[] = [];
  const { print, flush } = createLineWriter(stream, (count) => lost.push(count));
  for (let i = 0; i < 3; i++) {
    print("line");
    await turn();
  }
  print("last words");
  flush();
  await turn();
  expect(lost).toEqual([]);
});

it("logs on when whoever prints its lines fails", () => {
  const printed: string[] = [];
  const log = createLog({
    format: "json",
    level: () => "info",
    print: (line) => {
      if (line.includes("first")) throw new Error("no");
      printed.push(line);
    },
  });
  log.write("first");
  log.write('second "word"\n', "warn", { at: 1 });
  expect(printed.map((line) => JSON.parse(line))).toEqual([
    { level: "warn", time: expect.stringMatching(/^\d{4}-.*Z$/), msg: 'second "word"\n', at: 1 },
  ]);
  expect(printed[0]).not.toContain("\n");
});
