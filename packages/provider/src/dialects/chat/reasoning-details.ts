import type { OutputItem } from "../../canonical/events.js";
import { type Fields, isFields } from "../../canonical/read-fields.js";
import type { InputItem } from "../../canonical/request.js";

/**
 * Reasoning that a client can hand back: the backend keeps nothing, so a conversation goes on best when the encrypted
 * reasoning of earlier turns comes with it. Chat has no field for that; `reasoning_details` is the one that clients of
 * other gateways already keep on assistant messages and replay. Nobody but the backend can read `data`.
 */
export interface ReasoningDetail {
  type: "reasoning.encrypted";
  id?: string;
  format: "openai-responses-v1";
  data: string;
}

/** The detail of a reasoning item, or undefined for one without encrypted content. */
export function encodeReasoningDetail(item: OutputItem): ReasoningDetail | undefined {
  const data = item.encrypted_content;
  if (typeof data !== "string" || data === "") return undefined;
  const detail: ReasoningDetail = { type: "reasoning.encrypted", format: "openai-responses-v1", data };
  if (typeof item.id === "string") detail.id = item.id;
  return detail;
}

/**
 * The reasoning items that an assistant message carries, each once, wherever a client keeps them: in its
 * `reasoning_details`, in its `provider_specific_fields` (LiteLLM puts what it does not know there), or in either place of
 * its content parts and tool calls (@openai/agents copies a message's own fields into them). What is not of ours (another
 * gateway's details, or plain text) is skipped: the backend takes reasoning back only in its own encryption.
 */
export function parseReasoningDetails(message: Fields): InputItem[] {
  const items = new Map<string, InputItem>();
  for (const holder of [message, ...entriesOf(message.content), ...entriesOf(message.tool_calls)]) {
    for (const detail of detailsOf(holder)) {
      if (items.has(detail.data)) continue;
      const item: InputItem = { type: "reasoning", summary: [], encrypted_content: detail.data };
      if (typeof detail.id === "string") item.id = detail.id;
      items.set(detail.data, item);
    }
  }
  return [...items.values()];
}

function detailsOf({ reasoning_details: own, provider_specific_fields: moved }: Fields) {
  return [own, isFields(moved) ? moved.reasoning_details : undefined].flatMap(entriesOf).filter(isEncrypted);
}

function entriesOf(value: unknown): Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}

function isEncrypted(detail: Fields): detail is Fields & { data: string } {
  if (detail.type !== "reasoning.encrypted") return false;
  if (detail.format !== undefined && detail.format !== "openai-responses-v1") return false;
  return typeof detail.data === "string" && detail.data !== "";
}
