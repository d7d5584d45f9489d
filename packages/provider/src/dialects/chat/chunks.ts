import type { ResponseEvent, ResponseObject } from "../../canonical/events.js";
import { dataEvent } from "../framing.js";
import type { ChatReplyOptions } from "./reply-options.js";
import type { ChatUsage } from "./usage.js";

/** What all chunks of one answer, and the plain answer, have in common. */
export interface AnswerHead {
  id: string;
  /** Unix seconds. */
  created: number;
}

/**
 * The chat id and time of a response: `chatcmpl-` and the end of the response's own id, as long as OpenAI's chat ids are.
 * It stands in every chunk, so its length counts.
 */
export function answerHead(response: ResponseObject): AnswerHead {
  const id = typeof response.id === "string" ? response.id : "";
  const created = typeof response.created_at === "number" ? Math.floor(response.created_at) : 0;
  return { id: `chatcmpl-${id.slice(id.indexOf("_") + 1).slice(-29) || "0"}`, created };
}

/**
 * The same from `response.created`, which echoes all instructions and tools and is too big to be parsed for two
 * fields. Any other shape than the usual one is parsed.
 */
export function answerHeadOf(event: ResponseEvent): AnswerHead {
  const found = headPattern.exec(event.raw.slice(0, 400));
  if (found?.[1] === undefined || found[2] === undefined) return answerHead(event.data.response ?? {});
  return answerHead({ id: found[1], created_at: Number(found[2]) });
}

const headPattern = /"response":\{"id":"(resp_[\w-]+)","object":"response","created_at":(\d+)[.,]/;

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
  const start = `data: ${base},"choices":[{"index":0,"delta":`;
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
