import fc from "fast-check";
import { expect, test } from "vitest";
import { sampleArguments, sampleValue } from "../../src/responses/sample.js";
import { checkStrictSchema } from "../../src/responses/strict-schema.js";

const tree = {
  type: "object",
  properties: { name: { type: "string" }, children: { type: "array", items: { $ref: "#" } } },
  required: ["name", "children"],
  additionalProperties: false,
};

test.each([
  [{ type: "string" }, "sample"],
  [{ type: "string", minLength: 8 }, "samplexx"],
  [{ type: "string", maxLength: 3 }, "sam"],
  [{ type: "string", format: "date" }, "2026-01-31"],
  [{ enum: ["b", "a"] }, "b"],
  [{ const: 7 }, 7],
  [{ type: "integer" }, 42],
  [{ type: "integer", minimum: 100 }, 100],
  [{ type: "integer", exclusiveMaximum: 10 }, 9],
  [{ type: "number", multipleOf: 5 }, 45],
  [{ type: ["null", "boolean"] }, true],
  [{ anyOf: [{ type: "null" }, { type: "boolean" }] }, true],
  [{ type: "array", items: { type: "null" }, minItems: 2 }, [null, null]],
  [{ type: "array", maxItems: 0 }, []],
  [
    { allOf: [{ type: "object", properties: { a: { const: 1 } } }, { properties: { b: { const: 2 } } }] },
    { a: 1, b: 2 },
  ],
  [{ type: "object", properties: { a: { $ref: "#/$defs/x" } }, $defs: { x: { default: "d" } } }, { a: "d" }],
  [{ type: "object", properties: { a: {}, b: {} }, required: ["b"] }, { b: "sample" }],
])("a value for %j", (schema, value) => {
  expect(sampleValue(schema)).toEqual(value);
});

test("a recursive schema ends", () => {
  const value = JSON.stringify(sampleValue(tree));
  expect(value.startsWith('{"name":"sample","children":[{')).toBe(true);
  expect(value).toContain('"children":[]');
});

test.each([
  [{}, "got 'type: \"None\"'"],
  [{ type: "object", properties: {}, additionalProperties: true }, "'additionalProperties' is required"],
  [{ ...tree, required: ["name"] }, "Missing 'children'"],
  [{ ...tree, properties: { ...tree.properties, name: { type: "object" } } }, "In context=('properties', 'name')"],
  [{ ...tree, properties: { ...tree.properties, name: { anyOf: [{ type: "array" }] } } }, "array schema missing items"],
])("the strict rules find what is wrong with %j", (schema, text) => {
  expect(checkStrictSchema(schema)).toContain(text);
});

test("the strict rules have nothing against a good schema", () => {
  expect(checkStrictSchema(tree)).toBeUndefined();
});

test.each([
  ["What is the weather in Rome?", "Rome"],
  ["Use get_weather for New York, please", "New York"],
  ["wie ist das Wetter in Köln", "Köln"],
  ["What is the weather?", "Paris"],
])("a tool is called with the place that is asked about: %s", (prompt, city) => {
  const schema = {
    type: "object",
    properties: { city: { type: "string" }, unit: { enum: ["C"] } },
    required: ["city"],
  };
  expect(sampleArguments(schema, prompt)).toEqual({ city });
  expect(sampleArguments({ type: "string" }, prompt)).toBe("sample");
});

test("whatever a caller calls a schema gives some value", () => {
  const keys = [
    "anyOf",
    "oneOf",
    "allOf",
    "type",
    "properties",
    "required",
    "items",
    "prefixItems",
    "enum",
    "$ref",
    "examples",
  ];
  const { node } = fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom<unknown>(null, true, 1, "object", "array", "#/a", [], {}, [null]),
      fc.array(tie("node"), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...keys), tie("node"), { maxKeys: 4 }),
    ),
  }));
  const check = fc.property(node, (schema) => {
    expect(sampleValue(schema)).not.toBeUndefined();
  });
  fc.assert(check, { numRuns: 3000 });
});
