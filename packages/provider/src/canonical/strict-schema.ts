import { isFields } from "./read-fields.js";

const maxDepth = 32;

/** All that strict mode knows. With any other keyword (`default`, `oneOf`, `patternProperties` ...) a schema is refused. */
const keywords: ReadonlySet<string> = new Set([
  ...["type", "description", "title", "$schema", "$id", "$ref", "$defs", "definitions", "anyOf", "enum", "const"],
  ...["properties", "required", "additionalProperties", "items", "minItems", "maxItems", "pattern", "format"],
  ...["multipleOf", "maximum", "minimum", "exclusiveMaximum", "exclusiveMinimum"],
]);

/**
 * Whether a JSON schema already is what strict mode asks for: every object closed, every property required. The
 * Responses API turns strict mode on by default and quietly leaves it where a schema does not fit; a default that is
 * sent as an explicit `true` would be refused instead, so we only send it for schemas that surely fit.
 */
export function fitsStrictMode(schema: unknown): boolean {
  return isFields(schema) && schema.type === "object" && fits(schema, 0, (keyword) => keywords.has(keyword));
}

/** Whether strict mode surely refuses a schema, for objects that are open or have optional properties. */
export function breaksStrictMode(schema: unknown): boolean {
  if (!isFields(schema)) return true;
  return (schema.type !== "object" && schema.$ref === undefined) || !fits(schema, 0, () => true);
}

function fits(schema: unknown, depth: number, knows: (keyword: string) => boolean): boolean {
  if (!isFields(schema) || depth > maxDepth) return false;
  if (!Object.keys(schema).every(knows)) return false;
  const types: unknown[] = Array.isArray(schema.type) ? schema.type : [schema.type];
  const properties = isFields(schema.properties) ? schema.properties : undefined;
  if (types.includes("object") || schema.properties !== undefined) {
    if (schema.additionalProperties !== false) return false;
    const required = new Set(Array.isArray(schema.required) ? schema.required : []);
    for (const [name, property] of Object.entries(properties ?? {})) {
      if (!required.has(name) || !fits(property, depth + 1, knows)) return false;
    }
  }
  if ((types.includes("array") || schema.items !== undefined) && !fits(schema.items, depth + 1, knows)) return false;
  if (schema.anyOf !== undefined && !allFit(Array.isArray(schema.anyOf) ? schema.anyOf : [], depth, knows))
    return false;
  return [schema.$defs, schema.definitions].every(
    (defs) => !isFields(defs) || allFit(Object.values(defs), depth, knows),
  );
}

function allFit(schemas: unknown[], depth: number, knows: (keyword: string) => boolean): boolean {
  return schemas.every((schema) => fits(schema, depth + 1, knows));
}
