import { createHash } from "node:crypto";
import { type InputItem, isMessage } from "../canonical/request.js";

/**
 * A stable key of a conversation, as a UUID: the backend routes requests with one key to one cache, so the second turn
 * of a conversation must have the first one's. It is made of what does not change from turn to turn: the instructions
 * and the items up to the first user message, and the caller's own `user`.
 */
export function conversationKey(instructions: string, input: readonly InputItem[], user: unknown): string {
  const hash = createHash("sha256").update(instructions);
  if (typeof user === "string") hash.update("\0").update(user);
  for (const item of input) {
    hash.update("\0").update(JSON.stringify(item));
    if (isMessage(item) && item.role === "user") break;
  }
  return toUuid(hash.digest("hex"));
}

/** A header-safe session id for any key that a caller may have chosen. */
export function sessionIdFor(key: string): string {
  return /^[\w.:-]{1,128}$/.test(key) ? key : toUuid(createHash("sha256").update(key).digest("hex"));
}

/** 128 bits of a hash in the form of a version 8 UUID (RFC 9562: custom). */
function toUuid(hex: string): string {
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
