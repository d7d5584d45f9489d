/** JSON values that satisfy a JSON schema, always the same ones for the same schema. */

type Schema = Record<string, unknown>;

const samplePlace = "Paris";

/** How deep a recursive schema is followed before optional parts are left out. */
const maxDepth = 6;

/**
 * A value that satisfies the schema: const, enum, default, examples, types with their bounds, `$ref`, anyOf, oneOf
 * and allOf. Patterns and formats are met for the common formats only.
 */
export function sampleValue(schema: unknown, root: unknown = schema, depth = 0, name = ""): unknown {
  if (typeof schema !== "object" || schema === null) return "sample";
  const s = schema as Schema;
  if ("const" in s) return s.const;
  if (Array.isArray(s.enum) && s.enum.length > 0) return s.enum[0];
  if (typeof s.$ref === "string") return sampleValue(resolve(s.$ref, root), root, depth + 1, name);
  if ("default" in s && s.default !== null) return s.default;
  if (Array.isArray(s.examples) && s.examples.length > 0) return s.examples[0];
  const branch = pickBranch(s, depth);
  if (branch) return sampleValue(branch, root, depth + 1, name);
  if (Array.isArray(s.allOf)) {
    const parts = s.allOf.filter(isObject);
    const merged = parts.map((part) => (typeof part.$ref === "string" ? resolve(part.$ref, root) : part));
    const all = [{ ...s, allOf: undefined }, ...merged.filter(isObject)];
    return sampleValue(mergeObjects(all), root, depth + 1, name);
  }
  switch (typeOf(s)) {
    case "object":
      return sampleObject(s, root, depth);
    case "array":
      return sampleArray(s, root, depth, name);
    case "integer":
      return Math.ceil(sampleNumber(s));
    case "number":
      return sampleNumber(s);
    case "boolean":
      return true;
    case "null":
      return null;
    default:
      return sampleString(s, name);
  }
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Whether a value is an object, as schemas are; what callers call one may be any JSON. */
function isObject(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function typeOf(s: Schema): string {
  const type = Array.isArray(s.type) ? (s.type as string[]).find((t) => t !== "null") : s.type;
  if (typeof type === "string") return type;
  if ("properties" in s) return "object";
  if ("items" in s) return "array";
  return "string";
}

/** Past the depth limit the simplest branch is taken, so that recursive schemas end. */
function pickBranch(s: Schema, depth: number): unknown {
  const given = s.anyOf ?? s.oneOf;
  const branches = Array.isArray(given) ? given.filter(isObject) : [];
  if (depth > maxDepth) return branches.find((b) => b.type === "null" || b.type === "string") ?? branches[0];
  return branches.find((b) => b.type !== "null") ?? branches[0];
}

/** Names of fields that hold a place. */
const placeFields = /city|location|place/i;

/** What a tool is called with: as `sampleValue`, with the place that the prompt names where one is asked for. */
export function sampleArguments(schema: unknown, prompt: string): unknown {
  const value = sampleValue(schema);
  const [, place] = /\b(?:in|at|for|near|of|to) (\p{Lu}[\p{L}'-]*(?: \p{Lu}[\p{L}'-]*)*)/u.exec(prompt) ?? [];
  if (place === undefined || !isObject(value)) return value;
  const fields = Object.entries(value).map(([key, old]) => [
    key,
    old === samplePlace && placeFields.test(key) ? place : old,
  ]);
  return Object.fromEntries(fields);
}

function mergeObjects(parts: Schema[]): Schema {
  const merged: Schema = {};
  for (const { allOf: _, ...part } of parts) {
    Object.assign(merged, part, {
      properties: { ...(merged.properties as Schema), ...(part.properties as Schema) },
      required: [...listOf(merged.required), ...listOf(part.required)],
    });
  }
  return merged;
}

function sampleObject(s: Schema, root: unknown, depth: number): Schema {
  const value: Schema = {};
  const required = new Set(listOf(s.required).filter((key) => typeof key === "string"));
  for (const [key, property] of Object.entries((s.properties ?? {}) as Schema)) {
    if (required.has(key) || required.size === 0) {
      if (required.has(key) || depth <= maxDepth) value[key] = sampleValue(property, root, depth + 1, key);
    }
  }
  for (const key of required) if (!(key in value)) value[key] = "sample";
  return value;
}

function sampleArray(s: Schema, root: unknown, depth: number, name: string): unknown[] {
  if (Array.isArray(s.prefixItems)) return s.prefixItems.map((item) => sampleValue(item, root, depth + 1, name));
  const least = typeof s.minItems === "number" ? s.minItems : 0;
  const count = Math.max(least, depth > maxDepth || s.maxItems === 0 ? 0 : 1);
  return Array.from({ length: count }, () => sampleValue(s.items ?? {}, root, depth + 1, name));
}

function sampleNumber(s: Schema): number {
  const low = bound(s.minimum, s.exclusiveMinimum, 1);
  const high = bound(s.maximum, s.exclusiveMaximum, -1);
  const step = typeof s.multipleOf === "number" && s.multipleOf > 0 ? s.multipleOf : undefined;
  let value = 42;
  if (low !== undefined && value < low) value = low;
  if (high !== undefined && value > high) value = low !== undefined && high < low ? (low + high) / 2 : high;
  return step ? (high !== undefined ? Math.floor(value / step) : Math.ceil(value / step)) * step : value;
}

function bound(inclusive: unknown, exclusive: unknown, inside: 1 | -1): number | undefined {
  if (typeof exclusive === "number") return exclusive + inside;
  return typeof inclusive === "number" ? inclusive : undefined;
}

const formats: Record<string, string> = {
  date: "2026-01-31",
  time: "12:00:00Z",
  "date-time": "2026-01-31T12:00:00Z",
  email: "someone@example.com",
  uri: "https://example.com/",
  uuid: "00000000-0000-4000-8000-000000000000",
  ipv4: "127.0.0.1",
  hostname: "example.com",
};

function sampleString(s: Schema, name: string): string {
  const known = typeof s.format === "string" ? formats[s.format] : undefined;
  if (known !== undefined) return known;
  let text = placeFields.test(name) ? samplePlace : "sample";
  if (typeof s.minLength === "number") text = text.padEnd(s.minLength, "x");
  return typeof s.maxLength === "number" ? text.slice(0, s.maxLength) : text;
}

function resolve(ref: string, root: unknown): unknown {
  let node: unknown = root;
  for (const part of ref.replace(/^#\/?/, "").split("/")) {
    if (part === "") continue;
    if (typeof node !== "object" || node === null) return {};
    node = (node as Schema)[decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~")];
  }
  return node ?? {};
}
