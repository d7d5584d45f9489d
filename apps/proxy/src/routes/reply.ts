import type { Reply } from "@codex/provider";

/** A small reply in one piece. */
export function textReply(body: string, contentType = "text/plain; charset=utf-8", more: Partial<Reply> = {}): Reply {
  return { status: more.status ?? 200, headers: { "content-type": contentType, ...more.headers }, body };
}

/** @param value what JSON can say, or a text that is JSON already */
export function jsonReply(value: object | string, more: Partial<Reply> = {}): Reply {
  return textReply(typeof value === "string" ? value : JSON.stringify(value), "application/json", more);
}

/** For what holds at this moment only. */
export const noStore = { "cache-control": "no-store" };
