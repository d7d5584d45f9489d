import type { OutputItem } from "../../canonical/events.js";
import { textOf } from "../../canonical/item-parts.js";
import { isFields } from "../../canonical/read-fields.js";
import type { ChatReplyOptions } from "./reply-options.js";
import type { Channel } from "./streamed-items.js";

/** Where the text of a message item goes: the answer, or, for commentary, wherever the options want it. */
export function messageChannel(item: OutputItem, reply: ChatReplyOptions): Channel {
  return item.phase === "commentary" && reply.commentary === "reasoning" ? reasoningChannel(reply) : "content";
}

export function reasoningChannel(reply: ChatReplyOptions): Channel {
  return reply.reasoning === "none" ? "none" : "reasoning";
}

/** A tool call in an item's own words, or undefined for an item that is none which a chat client could answer. */
export interface ToolCall {
  type: "function" | "custom";
  id: string;
  name: string;
  namespace?: string;
  arguments: string;
}

export function readToolCall(item: OutputItem): ToolCall | undefined {
  if (item.type !== "function_call" && item.type !== "custom_tool_call") return undefined;
  const type = item.type === "function_call" ? "function" : "custom";
  const given = type === "function" ? item.arguments : item.input;
  const call: ToolCall = {
    type,
    id: textOf(item.call_id) || textOf(item.id),
    name: textOf(item.name),
    arguments: textOf(given),
  };
  if (textOf(item.namespace) !== "") call.namespace = textOf(item.namespace);
  return call;
}

/** A tool call as chat spells it, with `given` as its arguments. */
export function encodeToolCall(call: ToolCall, given: string): Record<string, unknown> {
  const namespace = call.namespace === undefined ? {} : { namespace: call.namespace };
  return call.type === "function"
    ? { id: call.id, type: "function", function: { name: call.name, ...namespace, arguments: given } }
    : { id: call.id, type: "custom", custom: { name: call.name, ...namespace, input: given } };
}

/** A citation of a web page as chat spells it, moved by the characters that stand before its part. */
export function encodeAnnotation(annotation: unknown, moved: number): Record<string, unknown> | undefined {
  if (!isFields(annotation) || annotation.type !== "url_citation") return undefined;
  const { type: _type, ...citation } = annotation;
  for (const key of ["start_index", "end_index"]) {
    const at = citation[key];
    if (typeof at === "number") citation[key] = at + moved;
  }
  return { type: "url_citation", url_citation: citation };
}
