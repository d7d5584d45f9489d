import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

/** Runs a script in a process that can collect its garbage; gives what it prints as JSON. */
function run(script: string): { heap: number; bytes: number; size: number } {
  const url = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  const source = `
    const { createMemoryStore } = await import(${url("../../src/responses-store/memory-store.ts")});
    const heap = () => { globalThis.gc(); globalThis.gc(); return process.memoryUsage().heapUsed; };
    const before = heap();
    ${script}
    console.log(JSON.stringify({ heap: heap() - before, bytes: store.bytes, size: store.size }));`;
  const command = [
    "--expose-gc",
    "--import",
    "tsx",
    "--conditions=@codex/source",
    "--input-type=module",
    "--eval",
    source,
  ];
  const cwd = fileURLToPath(new URL("../../../..", import.meta.url));
  return JSON.parse(execFileSync(process.execPath, command, { cwd, encoding: "utf8" }));
}

/** As the exchange does it: the turns of the response before, its output, and the new input. */
const goOn = `
  const goOn = (at, json) => {
    const previous = at === 0 ? undefined : store.get("me", "r" + (at - 1));
    const earlier = previous ? [...previous.turns, { key: "r" + (at - 1) + ":output", kind: "items", json }] : [];
    const turns = [...earlier, { key: "r" + at + ":input", kind: "items", json }];
    store.put({ id: "r" + at, owner: "me", turns, response: json, itemIds: ["m" + at] });
  };`;

it("holds a conversation of 3,000 short turns in little, and no more than it counts", () => {
  const { heap, bytes, size } = run(`
    const store = createMemoryStore();
    ${goOn}
    for (let at = 0; at < 3000; at++) goOn(at, "\\"" + at + "\\"");`);
  expect(size).toBe(3000);
  expect(heap).toBeLessThan(8e6);
  expect(heap).toBeLessThan(bytes * 1.2);
});

it("stays within its bytes when conversations go on and on", () => {
  const { heap, bytes } = run(`
    const store = createMemoryStore({ maxBytes: 4e6 });
    ${goOn}
    for (let at = 0; at < 6000; at++) goOn(at, JSON.stringify("x".repeat(100) + at));`);
  expect(bytes).toBeLessThanOrEqual(4e6);
  expect(heap).toBeLessThan(4e6 * 1.2);
});
