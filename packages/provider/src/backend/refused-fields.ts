import { adjust, type RequestContext } from "../canonical/context.js";
import { isFields, isUnset } from "../canonical/read-fields.js";
import type { ResponsesRequest } from "../canonical/request.js";

type Fields = Record<string, unknown>;

/** Without these there is no request: a refusal of one of them is not ours to mend. */
const essentialFields: ReadonlySet<string> = new Set(["model", "input", "instructions", "store", "stream"]);

/** Whether a field may be left out when the backend refuses it. */
export function isDroppable(field: string): boolean {
  return !essentialFields.has(field.split(".")[0] as string);
}

/** Takes a refused field out; a dotted name reaches into an object, which may be the caller's and is copied. */
export function dropRefused(body: Fields, field: string, request: ResponsesRequest, context: RequestContext): void {
  const path = field.split(".");
  const last = path.pop() as string;
  let holder = body;
  let asked: unknown = request;
  for (const key of path) {
    const inner = holder[key];
    if (!isFields(inner)) return;
    const copy = { ...inner };
    holder[key] = copy;
    holder = copy;
    asked = isFields(asked) ? asked[key] : undefined;
  }
  if (!Object.hasOwn(holder, last)) return;
  delete holder[last];
  if (isFields(asked) && !isUnset(asked[last])) {
    adjust(context, { field, action: "dropped", detail: "refused by the backend" });
  }
}

/** What an item, a part of one or a tool is about: without it something else would be asked. */
const contentFields: ReadonlySet<string> = new Set([
  ...["type", "role", "content", "text", "refusal", "summary", "encrypted_content", "result", "revised_prompt"],
  ...["call_id", "name", "arguments", "input", "output", "action", "actions", "operation", "execution", "tools"],
  ...["image_url", "file_id", "file_url", "file_data", "filename", "input_audio", "queries", "query", "code"],
  ...["description", "parameters", "format", "strict", "schema", "server_label", "server_url", "vector_store_ids"],
]);

const holders = /^(input|tools)\[(\d+)\]((?:\.\w+|\[\d+\])*)\.(\w+)$/;

/**
 * What a refusal of `input[3].namespace` or `input[0].content[1].annotations` teaches: the type of the item, the path in it
 * without numbers, e.g. `input function_call namespace`. Undefined for what is content and for what is not there.
 */
export function itemFieldOf(path: string, body: Fields): string | undefined {
  const match = holders.exec(path);
  if (match === null) return undefined;
  const [, list = "", index = "", inner = "", last = ""] = match;
  if (contentFields.has(last)) return undefined;
  const items = body[list];
  const item: unknown = Array.isArray(items) ? items[Number(index)] : undefined;
  if (!isFields(item)) return undefined;
  const keys = inner.match(/\w+(?=[.[]|$)/g)?.filter((key) => !/^\d+$/.test(key)) ?? [];
  return `${list} ${typeOf(item)} ${[...keys, last].join(".")}`;
}

/** Takes refused fields out of items, which are the caller's and copied. Noted once a field. */
export function dropItemFields(body: Fields, refused: ReadonlySet<string>, context: RequestContext): void {
  for (const lesson of refused) {
    const [list = "", type = "", path = ""] = lesson.split(" ");
    const items = body[list];
    if (!Array.isArray(items)) continue;
    const keys = path.split(".");
    let has = false;
    const kept = items.map((item: unknown) => {
      if (!isFields(item) || typeOf(item) !== type) return item;
      const changed = without(item, keys);
      if (changed !== item) has = true;
      return changed;
    });
    if (!has) continue;
    body[list] = kept;
    adjust(context, { field: `${list}[].${path}`, action: "dropped", detail: "refused by the backend" });
  }
}

/** The same value where it has no such field. */
function without(value: unknown, [key = "", ...rest]: readonly string[]): unknown {
  if (Array.isArray(value)) {
    const changed = value.map((part: unknown) => without(part, [key, ...rest]));
    return changed.some((part, index) => part !== value[index]) ? changed : value;
  }
  if (!isFields(value) || !Object.hasOwn(value, key)) return value;
  if (rest.length === 0) {
    const { [key]: _refused, ...kept } = value;
    return kept;
  }
  const inner = without(value[key], rest);
  return inner === value[key] ? value : { ...value, [key]: inner };
}

/** Types are one word each; messages may leave theirs out. */
function typeOf(item: Fields): string {
  return typeof item.type === "string" && /^\w+$/.test(item.type) ? item.type : "message";
}
