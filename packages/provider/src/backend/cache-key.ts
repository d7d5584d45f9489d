import { hash } from "node:crypto";
import { adjust, type Notes } from "../canonical/context.js";
import { type InputItem, isMessage } from "../canonical/request.js";

/**
 * A stable key of a conversation, as a UUID: the backend routes requests with one key to one cache, so the second turn
 * of a conversation must have the first one's. It is made of what does not change from turn to turn: the instructions
 * and the items up to the first user message, and the caller's own `user`.
 */
export function conversationKey(instructions: string, input: readonly InputItem[], user: unknown): string {
  let head = typeof user === "string" ? `${instructions}\0${user}` : instructions;
  for (const item of input) {
    head += `\0${JSON.stringify(item, hasLongText(item) ? shorten : undefined)}`;
    if (isMessage(item) && item.role === "user") break;
  }
  return toUuid(sha256(head));
}

/** Of a longer text only its ends and its length go into the key, in letters: a photo would be copied three times for it. */
const longText = 64 * 1024;

/** Whether an item has one where long ones are: in its content or its parts. */
function hasLongText(item: InputItem): boolean {
  const { content } = item as { content?: unknown };
  if (typeof content === "string") return content.length > longText;
  if (!Array.isArray(content)) return Object.values(item).some(isLong);
  return content.some((part: unknown) => typeof part === "object" && part !== null && Object.values(part).some(isLong));
}

function isLong(value: unknown): boolean {
  return typeof value === "string" && value.length > longText;
}

function shorten(_name: string, value: unknown): unknown {
  if (typeof value !== "string" || value.length <= longText) return value;
  return [value.slice(0, longText / 4), value.length, value.slice(-longText / 4)];
}

/** Longest `prompt_cache_key` and session id that the backend takes, in characters. */
export const maxKeyLength = 64;

/** A caller's own key as it is sent: one that is too long is hashed, the same way every time, which is noted. */
export function fitKey(key: string, field: string, notes: Notes): string {
  if (key.length <= maxKeyLength) return key;
  adjust(notes, {
    field,
    action: "mapped",
    detail: `a hash of it, since it is longer than ${maxKeyLength} characters`,
  });
  return toUuid(sha256(key));
}

/** A header-safe session id for any key that a caller may have chosen. */
export function sessionIdFor(key: string): string {
  return key.length <= maxKeyLength && /^[\w.:-]+$/.test(key) ? key : toUuid(sha256(key));
}

/** In one call, which is a third cheaper than a Hash object. */
function sha256(text: string): string {
  return hash("sha256", text);
}

/** 128 bits of a hash in the form of a version 8 UUID (RFC 9562: custom). */
function toUuid(hex: string): string {
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
