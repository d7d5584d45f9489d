import type { OutputItem, ResponseObject } from "../../canonical/events.js";
import { partsOf, textOf } from "../../canonical/item-parts.js";
import { answerHead } from "../openai/answer-head.js";
import { encodeUsage } from "../openai/encode-usage.js";
import { finishReason } from "../openai/finish-reason.js";
import { chatIdPrefix } from "./chunks.js";
import { encodeImage } from "./generated-images.js";
import { createLayout, type Layout } from "./layout.js";
import {
  encodeAnnotation,
  encodeToolCall,
  messageChannel,
  readToolCall,
  reasoningChannel,
  type ToolCall,
} from "./parts.js";
import { encodeReasoningDetail } from "./reasoning-details.js";
import type { ChatReplyOptions } from "./reply-options.js";

/** The plain chat completion of folded responses, one for each choice. It says what the stream's chunks fold to. */
export function encodeChatFinal(responses: ResponseObject[], reply: ChatReplyOptions): object {
  const [first = {}] = responses;
  const { id, created } = answerHead(first, chatIdPrefix);
  const choices = responses.map((response, index) => encodeChoice(response, index, reply));
  // Field by field: an object put together by spreading is several times slower to stringify.
  const answer: Record<string, unknown> = { id, object: "chat.completion", created, model: reply.model, choices };
  const usage = encodeUsage(responses);
  if (usage !== undefined) answer.usage = usage;
  if (typeof first.service_tier === "string") answer.service_tier = first.service_tier;
  answer.system_fingerprint = null;
  return answer;
}

function encodeChoice(response: ResponseObject, index: number, reply: ChatReplyOptions): object {
  const message = collect(response.output ?? [], reply);
  const callsReason = reply.legacyFunctions ? "function_call" : "tool_calls";
  const reason = finishReason(response, message.calls.length > 0 ? callsReason : undefined);
  return { index, message: encodeMessage(message, reply), logprobs: null, finish_reason: reason };
}

/** What a message's fields are made of. */
interface Collected {
  content: string;
  /** The characters of the content, by which citations are told: of so many and of what is not counted yet. */
  counted: { characters: number; rest: string };
  reasoning: string;
  refusal: string;
  calls: ToolCall[];
  annotations: object[];
  images: object[];
  details: object[];
}

function collect(output: readonly OutputItem[], reply: ChatReplyOptions): Collected {
  const layout = createLayout(reply);
  const into: Collected = {
    content: "",
    counted: { characters: 0, rest: "" },
    reasoning: "",
    refusal: "",
    calls: [],
    annotations: [],
    images: [],
    details: [],
  };
  for (const item of output) {
    switch (item.type) {
      case "message":
        collectMessage(item, into, layout, reply);
        break;
      case "reasoning":
        for (const part of [...partsOf(item, "summary"), ...partsOf(item, "content")]) {
          addReasoning(textOf(part.text), into, layout, reply);
        }
        addIfAny(into.details, encodeReasoningDetail(item));
        break;
      default: {
        const call = readToolCall(item);
        if (call !== undefined && call.name !== "") into.calls.push(call);
        addIfAny(into.images, encodeImage(item));
      }
    }
  }
  addContent(into, layout.atEnd());
  return into;
}

function collectMessage(item: OutputItem, into: Collected, layout: Layout, reply: ChatReplyOptions): void {
  const channel = messageChannel(item, reply);
  for (const part of partsOf(item, "content")) {
    if (part.type === "refusal") {
      const refusal = textOf(part.refusal);
      if (refusal !== "") into.refusal += layout.beforeRefusal() + refusal;
      continue;
    }
    const text = textOf(part.text);
    if (channel !== "content") {
      addReasoning(text, into, layout, reply);
      continue;
    }
    if (text !== "") addContent(into, layout.beforeContent(item));
    const annotations = Array.isArray(part.annotations) ? part.annotations : [];
    const base = text === "" || annotations.length === 0 ? 0 : countCharacters(into);
    addContent(into, text);
    for (const annotation of annotations) {
      addIfAny(into.annotations, encodeAnnotation(annotation, base));
    }
  }
}

function addContent(into: Collected, text: string): void {
  into.content += text;
  into.counted.rest += text;
}

/** The characters of the content so far; each is counted once, and the whole is not looked at. */
function countCharacters({ counted }: Collected): number {
  for (const _character of counted.rest) counted.characters++;
  counted.rest = "";
  return counted.characters;
}

function addReasoning(text: string, into: Collected, layout: Layout, reply: ChatReplyOptions): void {
  if (text === "" || reasoningChannel(reply) === "none") return;
  const whole = layout.beforeReasoning() + text;
  if (reply.reasoning === "think") addContent(into, whole);
  else into.reasoning += whole;
}

function addIfAny(list: object[], entry: object | undefined): void {
  if (entry !== undefined) list.push(entry);
}

function encodeMessage(from: Collected, reply: ChatReplyOptions): object {
  const { calls, images } = from;
  const isSilent = from.content === "" && (calls.length > 0 || images.length > 0 || from.refusal !== "");
  const message: Record<string, unknown> = {
    role: "assistant",
    content: isSilent ? null : from.content,
    refusal: from.refusal === "" ? null : from.refusal,
    annotations: from.annotations,
  };
  if (from.reasoning !== "") message.reasoning_content = from.reasoning;
  if (from.details.length > 0) message.reasoning_details = from.details.map((detail, index) => ({ ...detail, index }));
  if (images.length > 0) message.images = images.map((image, index) => ({ index, ...image }));
  const [first] = calls;
  if (first === undefined) return message;
  if (reply.legacyFunctions) message.function_call = { name: first.name, arguments: first.arguments };
  else message.tool_calls = calls.map((call) => encodeToolCall(call, call.arguments));
  return message;
}
