import { expect, it } from "vitest";
import { compileSchema, schemaLimits } from "../../src/emulate/json-schema.js";

const person = { type: "object", properties: { name: { type: "string" } }, required: ["name"] };

/** What does not fit; undefined when that could not be told. */
async function problems(schema: object, value: unknown) {
  const compiled = await compileSchema(schema);
  const verdict = "check" in compiled ? await compiled.check(JSON.stringify(value)) : compiled;
  return "problems" in verdict ? verdict.problems : undefined;
}

it("says where a value does not fit, and how", async () => {
  expect(await problems(person, { name: "Ada" })).toEqual([]);
  expect(await problems(person, {})).toEqual(["the whole must have required property 'name'"]);
  expect(await problems(person, { name: 7 })).toEqual(["/name must be string"]);
  const many = { type: "array", items: { type: "string" } };
  expect(await problems(many, Array(100).fill(1))).toHaveLength(8);
});

it.each([
  ["draft 2020-12", { $schema: "https://json-schema.org/draft/2020-12/schema", prefixItems: [{ type: "string" }] }],
  ["draft 7", { $schema: "http://json-schema.org/draft-07/schema#", items: [{ type: "string" }] }],
  ["no draft, with items of draft 7", { items: [{ type: "string" }] }],
  ["a description from elsewhere", { $schema: "https://example.com/mine", prefixItems: [{ type: "string" }] }],
  ["definitions of both names", { $defs: { a: { type: "string" } }, type: "array", items: { $ref: "#/$defs/a" } }],
  ["an id", { $id: "https://example.com/list", type: "array", items: { type: "string" } }],
  ["unknown keywords and formats", { type: "array", items: { type: "string", format: "made-up", colour: "red" } }],
])("takes a schema of %s", async (_name, schema) => {
  expect(await problems(schema, ["a"])).toEqual([]);
  expect(await problems(schema, [1])).not.toEqual([]);
});

it("looks at no format", async () => {
  expect(await problems({ type: "string", format: "email" }, "no mail")).toEqual([]);
});

it.each([
  ["an unknown type", { type: "strng" }],
  ["a reference to the web", { $ref: "http://127.0.0.1:1/schema" }],
  ["a reference to nothing", { $ref: "#/$defs/none" }],
  ["a pattern that is none", { type: "string", pattern: "(" }],
  ["properties that are none", { properties: { a: 7 } }],
])("throws for %s", async (_name, schema) => {
  await expect(compileSchema(schema)).rejects.toThrow(/./);
});

it("runs nothing that a schema holds", async () => {
  const words = '"];globalThis.ranSchema=true;//';
  const schema = {
    title: words,
    type: "object",
    properties: { [words]: { const: words, description: words }, __proto__: { type: "string" } },
    required: [words],
  };
  expect(await problems(schema, { [words]: words })).toEqual([]);
  expect(
    await problems(JSON.parse('{"properties":{"__proto__":{"type":"string"}}}'), JSON.parse('{"__proto__":1}')),
  ).toBeDefined();
  expect("ranSchema" in globalThis).toBe(false);
  // With `$async` a check would be a promise, which is always true.
  expect(await problems({ $async: true, type: "string" }, 1)).toEqual(["the whole must be string"]);
});

it("gives up what is too large or never ends, and goes on", async () => {
  const nest = (depth: number): object => (depth === 0 ? { type: "string" } : { properties: { a: nest(depth - 1) } });
  expect(await compileSchema(nest(2000))).toEqual({ unknown: "the schema is too large" });
  const long = { description: "x".repeat(schemaLimits.characters) };
  expect(await compileSchema(long)).toEqual({ unknown: "the schema is too large" });
  const circle = { $ref: "#/$defs/a", $defs: { a: { $ref: "#/$defs/b" }, b: { $ref: "#/$defs/a" } } };
  expect(await problems(circle, {})).toBeUndefined();
  const bomb: Record<string, object> = { a40: { type: "string" } };
  for (let at = 0; at < 40; at++) bomb[`a${at}`] = { anyOf: [1, 2].map(() => ({ $ref: `#/$defs/a${at + 1}` })) };
  expect(await problems({ $ref: "#/$defs/a0", $defs: bomb }, 7)).toBeUndefined();
  const slow = { type: "string", pattern: "^(a+)+$" };
  expect(await problems(slow, "aaa")).toEqual([]);
  expect(await problems(slow, `${"a".repeat(40)}!`)).toBeUndefined();
  expect(await problems(person, {})).toHaveLength(1);
});

const alternatives = (n: number) => ({
  anyOf: Array.from({ length: n }, (_, index) => ({
    type: "object",
    properties: { [`p${index}`]: { type: "string", pattern: `^(a+)+${index}$` } },
  })),
});

it.each([
  ["a pattern with nested repetition", { type: "string", pattern: "^(a+)+b$" }, "a".repeat(60)],
  ["thousands of alternatives", alternatives(3500), { p3499: `${"a".repeat(40)}!` }],
])("keeps nobody else waiting meanwhile: %s", async (_name, schema, value) => {
  let last = performance.now();
  let longest = 0;
  const beat = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 5);
  const found = await problems(schema, value);
  clearInterval(beat);
  if (found !== undefined) expect(found).not.toEqual([]);
  // On this thread it took several seconds; a busy machine has pauses of its own.
  expect(longest).toBeLessThan(1000);
});

it("remembers what took too long", async () => {
  const slow = { type: "string", pattern: "^(b+)+c$" };
  expect(await problems(slow, "b".repeat(60))).toBeUndefined();
  const start = performance.now();
  expect(await compileSchema(slow)).toEqual({ unknown: expect.stringContaining("before") });
  expect(performance.now() - start).toBeLessThan(schemaLimits.checkMs / 2);
});

it("checks hundreds of answers that come at once", async () => {
  const all = await Promise.all(Array.from({ length: 400 }, () => problems(person, { name: "Ada" })));
  expect(all.filter((found) => found?.length !== 0)).toEqual([]);
});

it("holds little of the schemas that it has seen", async () => {
  const large = (index: number) => ({
    type: "object",
    properties: Object.fromEntries(
      Array.from({ length: 200 }, (_, at) => [
        `property_${index}_${at}`,
        { type: "string", description: "x".repeat(700) },
      ]),
    ),
  });
  const check = async (from: number, to: number) => {
    for (let index = from; index < to; index++) expect(await problems(large(index), {})).toEqual([]);
    return process.memoryUsage.rss();
  };
  // The heap of the thread grows to the size that it works with during the first hundred; from there on it stays.
  let size = await check(0, 150);
  // 300 of them are 45 MB of JSON, and were kept for ever as objects and code, several times as much. When the collector of
  // garbage comes is its own affair: what grows for ever grows each time.
  let least = Number.POSITIVE_INFINITY;
  for (let from = 150; from < 1050 && least >= 40e6; from += 300) {
    const after = await check(from, from + 300);
    least = Math.min(least, after - size);
    size = after;
  }
  expect(least).toBeLessThan(40e6);
}, 120_000);

it("follows a schema into itself", async () => {
  const tree = {
    $ref: "#/$defs/node",
    $defs: { node: { type: "object", properties: { next: { $ref: "#/$defs/node" } } } },
  };
  expect(await problems(tree, { next: { next: { next: {} } } })).toEqual([]);
  expect(await problems(tree, { next: { next: 1 } })).toEqual(["/next/next must be object"]);
});
