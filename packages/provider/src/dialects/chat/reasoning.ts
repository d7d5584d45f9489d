import { adjust, type Notes } from "../../canonical/context.js";
import {
  type Fields,
  isFields,
  noteUnknownKeys,
  readBoolean,
  readFields,
  readString,
} from "../../canonical/read-fields.js";
import { readEffort } from "../openai/read-effort.js";

/** What a chat body says of reasoning, in the Responses API's names. */
export interface ChatReasoning {
  reasoning: { effort?: string; summary?: string };
  /** Whether the answer is to show none. */
  hidden: boolean;
}

const knownKeys: ReadonlySet<string> = new Set(["effort", "summary", "enabled", "exclude"]);

/**
 * `reasoning_effort`, or the object `reasoning: { effort, summary, enabled, exclude }` that other gateways take on chat.
 * `enabled: false` is the lowest effort, `exclude: true` hides the reasoning; `max_tokens` and the rest have no counterpart
 * and are noted. A summary is always asked for where it is shown: chat has reasoning in `reasoning_content`, and without a
 * summary there is none.
 */
export function parseReasoning(body: Fields, notes: Notes): ChatReasoning {
  const nested = readFields(body.reasoning, "reasoning") ?? {};
  noteUnknownKeys(nested, knownKeys, "reasoning", notes);
  const given = readEffort(body.reasoning_effort, notes);
  const hidden = readBoolean(nested.exclude, "reasoning.exclude") ?? false;
  const isOff = readBoolean(nested.enabled, "reasoning.enabled") === false;
  const inside = readString(nested.effort, "reasoning.effort");
  const off = isOff ? first("none", inside, "reasoning.effort", notes) : inside;
  const effort = first(given.effort, off, isOff ? "reasoning.enabled" : "reasoning.effort", notes);
  const summary = first(given.summary, readString(nested.summary, "reasoning.summary"), "reasoning.summary", notes);
  const reasoning: ChatReasoning["reasoning"] = {};
  if (effort !== undefined) reasoning.effort = effort;
  if (summary !== undefined) reasoning.summary = summary;
  else if (!hidden) reasoning.summary = "auto";
  return { reasoning, hidden };
}

/** Whether `reasoning` is the object that only chat's gateways have, in a body that is else of the Responses API. */
export function isChatReasoning(value: unknown): boolean {
  return isFields(value) && ["enabled", "exclude", "max_tokens"].some((key) => value[key] !== undefined);
}

/** The first of two values for one thing; the other is noted where it differs, under the name that it came by. */
function first(value: string | undefined, other: string | undefined, field: string, notes: Notes): string | undefined {
  if (value !== undefined && other !== undefined && other !== value) {
    const { adjustments } = notes;
    adjust({ adjustments }, { field, action: "dropped", detail: "another field goes before it" });
  }
  return value ?? other;
}
