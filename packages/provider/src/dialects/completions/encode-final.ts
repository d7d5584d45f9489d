import type { ResponseObject } from "../../canonical/events.js";
import { partsOf, textOf } from "../../canonical/item-parts.js";
import { answerHead } from "../openai/answer-head.js";
import { encodeUsage } from "../openai/encode-usage.js";
import { finishReason } from "../openai/finish-reason.js";
import type { CompletionsReplyOptions } from "./reply-options.js";
import { completionIdPrefix, createTextFlow, isText } from "./text-flow.js";

/**
 * The plain completion of folded responses, one for each choice. There is no field for a refusal: its words are the
 * text, and the finish reason is `content_filter`.
 */
export function encodeCompletionsFinal(responses: ResponseObject[], reply: CompletionsReplyOptions): object {
  const { echo, model } = reply;
  const { id, created } = answerHead(responses[0] ?? {}, completionIdPrefix);
  const choices = responses.map((response, index) => encodeChoice(response, index, echo?.[index] ?? ""));
  const answer: Record<string, unknown> = { id, object: "text_completion", created, model, choices };
  const usage = encodeUsage(responses);
  if (usage !== undefined) answer.usage = usage;
  answer.system_fingerprint = null;
  return answer;
}

function encodeChoice(response: ResponseObject, index: number, echo: string): object {
  const flow = createTextFlow();
  let text = echo;
  let refused = false;
  for (const item of (response.output ?? []).filter(isText)) {
    for (const part of partsOf(item, "content")) {
      const words = textOf(part.type === "refusal" ? part.refusal : part.text);
      if (words === "") continue;
      refused ||= part.type === "refusal";
      text += flow.before(item) + words;
    }
  }
  const reason = refused ? "content_filter" : finishReason(response, undefined);
  return { text, index, logprobs: null, finish_reason: reason };
}
