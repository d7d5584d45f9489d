import type { Notes } from "../../canonical/context.js";
import { isFields, noteUnknownKeys, readString, withoutUnset } from "../../canonical/read-fields.js";

/**
 * `reasoning_effort`: a word, or the object `{ effort, summary }` that LiteLLM takes there and hands on to some
 * backends. Throws `request_invalid` for anything else.
 */
export function readEffort(value: unknown, notes: Notes): { effort?: string; summary?: string } {
  const param = "reasoning_effort";
  if (!isFields(value)) return withoutUnset({ effort: readString(value, param) });
  noteUnknownKeys(value, new Set(["effort", "summary"]), param, notes);
  return withoutUnset({
    effort: readString(value.effort, `${param}.effort`),
    summary: readString(value.summary, `${param}.summary`),
  });
}
