type Schema = Record<string, unknown>;

/**
 * What is wrong with a schema that is to be followed strictly: every object must forbid other properties and require
 * all of its own. Undefined when nothing is.
 */
export function checkStrictSchema(schema: unknown): string | undefined {
  if (!isObject(schema) || (schema.type !== "object" && !("$ref" in schema))) {
    const type = isObject(schema) && schema.type !== undefined ? String(schema.type) : "None";
    return `schema must be a JSON Schema of 'type: "object"', got 'type: "${type}"'.`;
  }
  return check(schema, []);
}

function check(schema: unknown, path: string[]): string | undefined {
  if (!isObject(schema)) return undefined;
  const here = `In context=(${path.map((part) => `'${part}'`).join(", ")}${path.length === 1 ? "," : ""}), `;
  const types: unknown[] = Array.isArray(schema.type) ? schema.type : [schema.type];
  if (types.includes("object") || "properties" in schema) {
    if (schema.additionalProperties !== false) {
      return `${here}'additionalProperties' is required to be supplied and to be false.`;
    }
    const required = Array.isArray(schema.required) ? (schema.required as unknown[]) : [];
    const missing = Object.keys(isObject(schema.properties) ? schema.properties : {}).find(
      (key) => !required.includes(key),
    );
    if (missing !== undefined) {
      return `${here}'required' is required to be supplied and to be an array including every key in properties. Missing '${missing}'.`;
    }
  }
  if (types.includes("array") && !isObject(schema.items)) return `${here}array schema missing items.`;
  return checkParts(schema, path);
}

function checkParts(schema: Schema, path: string[]): string | undefined {
  for (const field of ["properties", "$defs", "definitions"]) {
    if (!isObject(schema[field])) continue;
    for (const [key, part] of Object.entries(schema[field])) {
      const problem = check(part, [...path, field, key]);
      if (problem !== undefined) return problem;
    }
  }
  if (isObject(schema.items)) {
    const problem = check(schema.items, [...path, "items"]);
    if (problem !== undefined) return problem;
  }
  for (const [i, part] of (Array.isArray(schema.anyOf) ? (schema.anyOf as unknown[]) : []).entries()) {
    const problem = check(part, [...path, "anyOf", String(i)]);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function isObject(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
