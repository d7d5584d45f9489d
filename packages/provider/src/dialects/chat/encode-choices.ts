import { CodexError } from "@codex/errors";
import { isTerminal, type ResponseEvent, type ResponseObject } from "../../canonical/events.js";
import type { StreamEncoder } from "../dialect.js";
import { answerHeadOf } from "../openai/answer-head.js";
import { encodeUsage } from "../openai/encode-usage.js";
import { doneEvent, keepAliveComment } from "../openai/framing.js";
import { chatIdPrefix, createChunkWriter } from "./chunks.js";
import { encodeChatStreamError } from "./encode-error.js";
import type { ChatReplyOptions } from "./reply-options.js";

/**
 * Chunks of several choices in one stream, each written by an encoder of its own. They share the id of the answer that
 * came first, and the usage of all goes out once, after the last of them.
 */
export function encodeChatChoices(
  encoders: readonly StreamEncoder[],
  { includeUsage, ...reply }: ChatReplyOptions,
): StreamEncoder {
  let first: ResponseEvent | undefined;
  let hasFailed = false;
  const ended: ResponseObject[] = [];

  const fail = (error: CodexError) => {
    if (hasFailed || ended.length === encoders.length) return "";
    hasFailed = true;
    return encodeChatStreamError(error);
  };
  const usageChunk = () => {
    const usage = includeUsage ? encodeUsage(ended) : undefined;
    if (usage === undefined || first === undefined) return "";
    return createChunkWriter(answerHeadOf(first, chatIdPrefix), { includeUsage, ...reply }).usage(usage);
  };
  return {
    event(event, choice = 0) {
      if (hasFailed) return "";
      const isFirst = event.type === "response.created";
      if (isFirst) first ??= event;
      const written = encoders[choice]?.event((isFirst && first) || event) ?? "";
      if (!isTerminal(event.type)) return written;
      ended.push(event.data.response ?? {});
      return ended.length < encoders.length ? written : written + usageChunk();
    },
    keepAlive: () => keepAliveComment,
    error: fail,
    end() {
      if (ended.length === encoders.length) return doneEvent;
      return fail(new CodexError("stream_interrupted", "The answer ended before it was complete. Try again."));
    },
  };
}
