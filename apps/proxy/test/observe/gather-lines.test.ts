import { setImmediate as turn } from "node:timers/promises";
import { expect, it } from "vitest";
import { gatherLines } from "../../src/observe/gather-lines.js";

it("writes the lines of one turn together", async () => {
  const written: string[] = [];
  const { print } = gatherLines((text) => written.push(text));
  print("one");
  print("two");
  expect(written).toEqual([]);
  await turn();
  expect(written).toEqual(["one\ntwo\n"]);
  print("three");
  await turn();
  expect(written).toEqual(["one\ntwo\n", "three\n"]);
});

it("writes at once when it is told to, and each line once", async () => {
  const written: string[] = [];
  const { print, flush } = gatherLines((text) => written.push(text));
  print("last words");
  flush();
  expect(written).toEqual(["last words\n"]);
  await turn();
  expect(written).toEqual(["last words\n"]);
});
