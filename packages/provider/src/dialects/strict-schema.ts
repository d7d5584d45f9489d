import { isFields } from "./read-fields.js";

const maxDepth = 32;

/**
 * Whether a JSON schema already is what strict mode asks for: every object closed, every property required. The
 * Responses API turns strict mode on by default and quietly leaves it where a schema does not fit; a default that is
 * sent as an explicit `true` would be refused instead, so we only send it for schemas that fit.
 */
export function fitsStrictMode(schema: unknown, depth = 0): boolean {
  if (!isFields(schema) || depth > maxDepth) return false;
  const properties = isFields(schema.properties) ? schema.properties : undefined;
  if (schema.type === "object" || properties !== undefined) {
    if (schema.additionalProperties !== false) return false;
    const required = new Set(Array.isArray(schema.required) ? schema.required : []);
    for (const [name, property] of Object.entries(properties ?? {})) {
      if (!required.has(name) || !fitsStrictMode(property, depth + 1)) return false;
    }
  }
  if (schema.oneOf !== undefined || schema.allOf !== undefined || schema.not !== undefined) return false;
  if (schema.items !== undefined && !fitsStrictMode(schema.items, depth + 1)) return false;
  if (schema.anyOf !== undefined && !allFit(Array.isArray(schema.anyOf) ? schema.anyOf : [], depth)) return false;
  return isFields(schema.$defs) ? allFit(Object.values(schema.$defs), depth) : true;
}

function allFit(schemas: unknown[], depth: number): boolean {
  return schemas.every((schema) => fitsStrictMode(schema, depth + 1));
}
