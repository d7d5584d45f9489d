import type { AnswerHead } from "../openai/answer-head.js";
import type { ChatUsage } from "../openai/encode-usage.js";
import { dataEvent } from "../openai/framing.js";
import type { ChatReplyOptions } from "./reply-options.js";

/** How the id of a chat completion begins. */
export const chatIdPrefix = "chatcmpl-";

/** The chunks of one answer as wire text, with everything that stays the same put together once. */
export interface ChunkWriter {
  /** What comes before and after a `content` literal, for the hot path. */
  readonly content: string;
  readonly reasoning: string;
  readonly tail: string;
  /** What comes before and after a JSON string literal that stands in a delta where `literalPlace` is. */
  around(delta: object): { before: string; after: string };
  /** A chunk with a delta. */
  delta(delta: object): string;
  /** The chunk that ends the choice. */
  finish(reason: string): string;
  /** The chunk after the last choice. */
  usage(usage: ChatUsage): string;
}

/** The place in a delta where a JSON string literal will be put. */
export const literalPlace = "\u0000";

export function createChunkWriter({ id, created }: AnswerHead, reply: ChatReplyOptions): ChunkWriter {
  const base = JSON.stringify({ id, object: "chat.completion.chunk", created, model: reply.model }).slice(0, -1);
  const start = `data: ${base},"choices":[{"index":${reply.choice ?? 0},"delta":`;
  const usageNull = reply.includeUsage ? ',"usage":null' : "";
  const end = `,"finish_reason":null}]${usageNull}}\n\n`;
  return {
    content: `${start}{"content":`,
    reasoning: `${start}{"reasoning_content":`,
    tail: `}${end}`,
    around(delta) {
      const json = JSON.stringify(delta);
      const place = JSON.stringify(literalPlace);
      const at = json.lastIndexOf(place);
      return { before: start + json.slice(0, at), after: json.slice(at + place.length) + end };
    },
    delta: (delta) => start + JSON.stringify(delta) + end,
    finish: (reason) => `${start}{},"finish_reason":${JSON.stringify(reason)}}]${usageNull}}\n\n`,
    usage: (usage) => dataEvent(`${base},"choices":[],"usage":${JSON.stringify(usage)}}`),
  };
}
