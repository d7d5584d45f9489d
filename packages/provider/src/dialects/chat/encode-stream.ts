import { CodexError } from "@codex/errors";
import type { OutputItem, ResponseEvent, ResponseObject } from "../../canonical/events.js";
import { IndexReader } from "../../canonical/index-reader.js";
import type { ReplyOptions, StreamEncoder } from "../dialect.js";
import { errorOfEvent } from "../failure-event.js";
import { doneEvent, keepAliveComment } from "../framing.js";
import { partsOf } from "../item-parts.js";
import { ItemBook, partAt, type StreamedItem, type StreamedPart } from "../streamed-items.js";
import { addLength } from "../text-length.js";
import { restOf, unsent } from "../unsent-text.js";
import { encodeChatChoices } from "./encode-choices.js";
import { encodeChatStreamError } from "./encode-error.js";
import { MessageWriter } from "./message-writer.js";
import { messageChannel, readToolCall, reasoningChannel } from "./parts.js";
import type { ChatReplyOptions } from "./reply-options.js";

/**
 * Chunks of a chat completion from Responses events. A delta is copied as the JSON literal that it already is; what
 * `done` events repeat goes out only as far as no delta brought it. Events without a word in chat give an empty string.
 */
export function createChatEncoder(reply: ReplyOptions): StreamEncoder {
  const { choices = 1 }: ChatReplyOptions = reply;
  if (choices === 1) return new ChatEncoder(reply);
  const encoders = Array.from({ length: choices }, (_, choice) => new ChatEncoder({ ...reply, choice }));
  return encodeChatChoices(encoders, reply);
}

class ChatEncoder implements StreamEncoder {
  readonly #reply: ChatReplyOptions;
  readonly #message: MessageWriter;
  readonly #items = new ItemBook();
  readonly #contentIndex = new IndexReader("content_index");
  readonly #summaryIndex = new IndexReader("summary_index");
  #state: "streaming" | "finished" | "failed" = "streaming";

  constructor(reply: ChatReplyOptions) {
    this.#reply = reply;
    this.#message = new MessageWriter(reply);
  }

  event(event: ResponseEvent): string {
    if (this.#state !== "streaming") return "";
    const written = this.#encode(event);
    return written === "" || this.#message.isOpen || this.#hasFailed() ? written : this.#message.open(written);
  }

  keepAlive(): string {
    return keepAliveComment;
  }

  error(error: CodexError): string {
    if (this.#state !== "streaming") return "";
    this.#state = "failed";
    return encodeChatStreamError(error);
  }

  end(): string {
    if (this.#state === "finished") return doneEvent;
    return this.error(new CodexError("stream_interrupted", "The answer ended before it was complete. Try again."));
  }

  #hasFailed(): boolean {
    return this.#state === "failed";
  }

  #encode(event: ResponseEvent): string {
    switch (event.type) {
      case "response.output_text.delta":
        return this.#text(event, event.deltaLiteral);
      case "response.function_call_arguments.delta":
      case "response.custom_tool_call_input.delta":
        return this.#arguments(this.#items.of(event), event.deltaLiteral);
      case "response.reasoning_summary_text.delta":
        return this.#summary(event, event.deltaLiteral);
      case "response.reasoning_text.delta":
        return this.#rawReasoning(event, event.deltaLiteral);
      case "response.refusal.delta":
        return this.#refusal(event, event.deltaLiteral);
      case "response.created":
        return this.#message.start(event);
      case "response.output_item.added":
        return event.data.item ? this.#added(event.data.item, this.#items.open(event, event.data.item)) : "";
      case "response.output_item.done":
        return event.data.item ? this.#done(event.data.item, this.#items.close(event, event.data.item)) : "";
      case "response.output_text.done":
        return this.#text(event, undefined);
      case "response.reasoning_summary_text.done":
        return this.#summary(event, undefined);
      case "response.reasoning_text.done":
        return this.#rawReasoning(event, undefined);
      case "response.refusal.done":
        return this.#refusal(event, undefined);
      case "response.function_call_arguments.done":
        return this.#wholeArguments(event, "arguments");
      case "response.custom_tool_call_input.done":
        return this.#wholeArguments(event, "input");
      case "response.output_text.annotation.added":
        return this.#annotation(event);
      case "response.completed":
      case "response.done":
        return this.#finish(event.data.response ?? {});
      case "response.incomplete":
        return this.#finish({ ...event.data.response, status: "incomplete" });
      case "response.failed":
      case "error":
        return this.error(errorOfEvent(event));
      default:
        return "";
    }
  }

  #text(event: ResponseEvent, delta: string | undefined): string {
    const item = this.#items.of(event);
    const part = partAt(item.content, this.#contentIndex.read(event) ?? 0);
    const literal = delta ?? unsent(event, "text", part);
    return literal.length === 2 || item.channel === "none" ? "" : this.#message.text(literal, part, item, item.channel);
  }

  #summary(event: ResponseEvent, delta: string | undefined): string {
    const part = partAt(this.#items.of(event).summary, this.#summaryIndex.read(event) ?? 0);
    return this.#reasoning(delta ?? unsent(event, "text", part), part);
  }

  #rawReasoning(event: ResponseEvent, delta: string | undefined): string {
    const part = partAt(this.#items.of(event).content, this.#contentIndex.read(event) ?? 0);
    return this.#reasoning(delta ?? unsent(event, "text", part), part);
  }

  #reasoning(literal: string, part: StreamedPart): string {
    if (literal.length === 2 || reasoningChannel(this.#reply) === "none") return "";
    return this.#message.reasoning(literal, part);
  }

  #refusal(event: ResponseEvent, delta: string | undefined): string {
    const part = partAt(this.#items.of(event).content, this.#contentIndex.read(event) ?? 0);
    const literal = delta ?? unsent(event, "refusal", part);
    return literal.length === 2 ? "" : this.#message.refusal(literal, part);
  }

  /** A delta before its call's name is known is left to `output_item.done`, which has the arguments whole. */
  #arguments(item: StreamedItem, literal: string): string {
    const call = item.call;
    if (call === undefined || literal.length === 2) return "";
    addLength(literal, call);
    return call.before + literal + call.after;
  }

  #wholeArguments(event: ResponseEvent, field: string): string {
    const item = this.#items.of(event);
    return item.call === undefined ? "" : this.#arguments(item, unsent(event, field, item.call));
  }

  #restOfArguments(item: StreamedItem, whole: unknown): string {
    return item.call === undefined ? "" : this.#arguments(item, restOf(whole, item.call));
  }

  #annotation(event: ResponseEvent): string {
    const item = this.#items.of(event);
    const part = partAt(item.content, this.#contentIndex.read(event) ?? 0);
    // Before its text has begun nobody knows where the part stands; `output_item.done` has the citation again.
    if (part.units === 0 || item.channel !== "content") return "";
    part.annotations++;
    return this.#message.annotation(event.data.annotation, part);
  }

  #added(item: OutputItem, streamed: StreamedItem): string {
    if (item.type === "message") streamed.channel = messageChannel(item, this.#reply);
    const call = readToolCall(item);
    if (call === undefined || call.name === "" || streamed.call !== undefined) return "";
    const begun = this.#message.beginCall(call);
    streamed.call = begun?.state;
    return begun?.written ?? "";
  }

  /** Everything of a finished item that has not gone out yet; usually nothing is left. */
  #done(item: OutputItem, streamed: StreamedItem): string {
    if (streamed.done) return "";
    let written = this.#added(item, streamed);
    streamed.done = true;
    switch (item.type) {
      case "message":
        for (const [index, part] of partsOf(item, "content").entries())
          written += this.#donePart(part, index, streamed);
        return written;
      case "reasoning":
        for (const [index, part] of partsOf(item, "summary").entries()) {
          written += this.#reasoning(
            restOf(part.text, partAt(streamed.summary, index)),
            partAt(streamed.summary, index),
          );
        }
        for (const [index, part] of partsOf(item, "content").entries()) {
          written += this.#reasoning(
            restOf(part.text, partAt(streamed.content, index)),
            partAt(streamed.content, index),
          );
        }
        return written + this.#message.reasoningDetail(item);
      default:
        return written + this.#restOfArguments(streamed, readToolCall(item)?.arguments) + this.#message.image(item);
    }
  }

  #donePart(part: Record<string, unknown>, index: number, streamed: StreamedItem): string {
    const known = partAt(streamed.content, index);
    if (part.type === "refusal") {
      const refusal = restOf(part.refusal, known);
      return refusal.length === 2 ? "" : this.#message.refusal(refusal, known);
    }
    if (streamed.channel === "none") return "";
    const text = restOf(part.text, known);
    let written = text.length === 2 ? "" : this.#message.text(text, known, streamed, streamed.channel);
    if (streamed.channel !== "content" || !Array.isArray(part.annotations)) return written;
    for (const annotation of part.annotations.slice(known.annotations)) {
      written += this.#message.annotation(annotation, known);
    }
    return written;
  }

  #finish(response: ResponseObject): string {
    let written = "";
    for (const [position, item] of (response.output ?? []).entries()) {
      written += this.#done(item, this.#items.final(item, position));
    }
    this.#state = "finished";
    return written + this.#message.finish(response);
  }
}
