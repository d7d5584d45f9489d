import type { ResponseEvent, ResponseObject } from "../../canonical/events.js";

/** What all chunks of one answer, and the plain answer, have in common. */
export interface AnswerHead {
  id: string;
  /** Unix seconds. */
  created: number;
}

/**
 * The id and time of a response in the dialects before Responses: a prefix such as `chatcmpl-` and the end of the
 * response's own id, as long as OpenAI's ids are. It stands in every chunk, so its length counts.
 */
export function answerHead(response: ResponseObject, prefix: string): AnswerHead {
  const id = typeof response.id === "string" ? response.id : "";
  const created = typeof response.created_at === "number" ? Math.floor(response.created_at) : 0;
  return { id: `${prefix}${id.slice(id.indexOf("_") + 1).slice(-29) || "0"}`, created };
}

/**
 * The same from `response.created`, which echoes all instructions and tools and is too big to be parsed for two
 * fields. Any other shape than the usual one is parsed.
 */
export function answerHeadOf(event: ResponseEvent, prefix: string): AnswerHead {
  const found = headPattern.exec(event.raw.slice(0, 400));
  if (found?.[1] === undefined || found[2] === undefined) return answerHead(event.data.response ?? {}, prefix);
  return answerHead({ id: found[1], created_at: Number(found[2]) }, prefix);
}

const headPattern = /"response":\{"id":"(resp_[\w-]+)","object":"response","created_at":(\d+)[.,]/;
