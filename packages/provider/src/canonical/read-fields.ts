import { CodexError } from "@codex/errors";
import { adjust, defaultModelList, type Notes, type RequestContext } from "./context.js";

/**
 * Reading of a caller's JSON: what is null, or an empty string, list or object, is not set (LlamaIndex sends every
 * key that the API has), and what has the wrong type is the caller's mistake, told with its place.
 */

export type Fields = Record<string, unknown>;

/** The caller's mistake: a 400 that names the field and says what to send instead. */
export function invalid(param: string, message: string): CodexError {
  return new CodexError("request_invalid", message, { param });
}

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a value counts as not set. */
export function isUnset(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return true;
  if (typeof value !== "object") return false;
  return Array.isArray(value) ? value.length === 0 : Object.keys(value).length === 0;
}

/** The whole body, which must be an object. Throws `request_invalid`. */
export function readBody(body: unknown): Fields {
  if (isFields(body)) return body;
  throw new CodexError("request_invalid", 'The request body must be a JSON object, such as {"model": "..."}.');
}

/** The model's name as the caller spelled it. Throws `request_invalid` without one. */
export function readModel(body: Fields, { modelList = defaultModelList }: Pick<RequestContext, "modelList">): string {
  const model = readString(body.model, "model");
  if (model !== undefined && model.trim() !== "") return model;
  throw invalid("model", `The request names no model. Set \`model\`; ${modelList} lists the names.`);
}

export function readString(value: unknown, param: string): string | undefined {
  if (isUnset(value)) return undefined;
  if (typeof value === "string") return value;
  throw invalid(param, `\`${param}\` must be a string, not ${kindOf(value)}.`);
}

export function readBoolean(value: unknown, param: string): boolean | undefined {
  if (isUnset(value)) return undefined;
  if (typeof value === "boolean") return value;
  throw invalid(param, `\`${param}\` must be true or false, not ${kindOf(value)}.`);
}

export function readFields(value: unknown, param: string): Fields | undefined {
  if (isUnset(value)) return undefined;
  if (isFields(value)) return value;
  throw invalid(param, `\`${param}\` must be an object, not ${kindOf(value)}.`);
}

export function readList(value: unknown, param: string): unknown[] | undefined {
  if (isUnset(value)) return undefined;
  if (Array.isArray(value)) return value;
  throw invalid(param, `\`${param}\` must be a list, not ${kindOf(value)}.`);
}

/** An entry of a list, which must be an object. */
export function readEntry(value: unknown, param: string): Fields {
  if (isFields(value)) return value;
  throw invalid(param, `\`${param}\` must be an object, not ${kindOf(value)}.`);
}

/** Notes the keys of an object inside the body that have no place in what is sent. `holder` says where it is. */
export function noteUnknownKeys(fields: Fields, known: ReadonlySet<string>, holder: string, notes: Notes): void {
  for (const key of Object.keys(fields)) {
    if (known.has(key) || isUnset(fields[key])) continue;
    adjust(notes, { field: `${holder}.${key.slice(0, 60)}`, action: "dropped", detail: "no place in the backend" });
  }
}

/** A copy without the keys that are not set. */
export function withoutUnset(fields: Fields): Fields {
  const set: Fields = {};
  for (const key of Object.keys(fields)) {
    if (!isUnset(fields[key])) define(set, key, fields[key]);
  }
  return set;
}

/** The same object where no key is null, else a copy without those. */
export function withoutNulls(fields: Fields): Fields {
  const keys = Object.keys(fields);
  if (!keys.some((key) => fields[key] === null)) return fields;
  const set: Fields = {};
  for (const key of keys) if (fields[key] !== null) define(set, key, fields[key]);
  return set;
}

/** Sets a key that came from outside: a plain assignment to `__proto__` would change the object's prototype. */
function define(target: Fields, key: string, value: unknown): void {
  if (key === "__proto__") return;
  target[key] = value;
}

/** What a value is, in a word, for a message. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return "missing";
  if (Array.isArray(value)) return "a list";
  switch (typeof value) {
    case "object":
      return "an object";
    case "string":
      return "a string";
    case "number":
      return "a number";
    default:
      return `a ${typeof value}`;
  }
}
