import { CodexError } from "@codex/errors";
import type { AnswerSink } from "../../canonical/answer-course.js";
import type { AnswerItem } from "../../canonical/answer-item.js";
import { AnswerReader } from "../../canonical/answer-reader.js";
import type { AnswerText } from "../../canonical/answer-text.js";
import { isFailure, type ResponseEvent, type ResponseObject } from "../../canonical/events.js";
import { errorOfEvent } from "../../canonical/failure-event.js";
import type { StreamEncoder } from "../dialect.js";
import { doneEvent, keepAliveComment } from "../openai/framing.js";
import { encodeChatChoices } from "./encode-choices.js";
import { encodeChatStreamError } from "./encode-error.js";
import { MessageWriter } from "./message-writer.js";
import { messageChannel, readToolCall, reasoningChannel } from "./parts.js";
import type { ChatReplyOptions } from "./reply-options.js";
import type { Channel, StreamedCall } from "./streamed-items.js";

/**
 * Chunks of a chat completion from Responses events. A delta is copied as the JSON literal that it already is. Events
 * without a word in chat give an empty string.
 */
export function createChatEncoder(reply: ChatReplyOptions): StreamEncoder {
  const { choices = 1 } = reply;
  if (choices === 1) return new ChatEncoder(reply);
  const encoders = Array.from({ length: choices }, (_, choice) => new ChatEncoder({ ...reply, choice }));
  return encodeChatChoices(encoders, reply);
}

class ChatEncoder implements StreamEncoder, AnswerSink {
  readonly #reply: ChatReplyOptions;
  readonly #message: MessageWriter;
  readonly #reader = new AnswerReader(this, { inOneText: true });
  /** The items that have begun, and how many of them have given all that comes when an item is done. */
  readonly #items: AnswerItem[] = [];
  #given = 0;
  #state: "streaming" | "finished" | "failed" = "streaming";
  /** What has come of the event at hand. */
  #written = "";

  constructor(reply: ChatReplyOptions) {
    this.#reply = reply;
    this.#message = new MessageWriter(reply);
  }

  event(event: ResponseEvent): string {
    if (this.#state !== "streaming") return "";
    this.#written = "";
    this.#reader.add(event);
    const written = this.#written;
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

  opened(item: AnswerItem): void {
    this.#items.push(item);
    const call = item.isCall ? readToolCall(item.toBeginning()) : undefined;
    if (call === undefined || call.name === "") return;
    const begun = this.#message.beginCall(call);
    if (begun === undefined) return;
    item.view = begun.state;
    this.#written += begun.written;
  }

  piece(item: AnswerItem, text: AnswerText, literal: string): void {
    if (literal.length === 2) return;
    switch (text.kind) {
      case "output_text": {
        const channel = this.#channelOf(item);
        if (channel !== "none") this.#written += this.#message.text(literal, text, item, channel);
        return;
      }
      case "arguments":
      case "input": {
        const call = item.view as StreamedCall | undefined;
        if (call !== undefined) this.#written += call.before + literal + call.after;
        return;
      }
      case "summary_text":
      case "reasoning_text":
        if (reasoningChannel(this.#reply) !== "none") this.#written += this.#message.reasoning(literal, text);
        return;
      case "refusal":
        this.#written += this.#message.refusal(literal, text);
    }
  }

  annotation(item: AnswerItem, text: AnswerText, annotation: unknown): void {
    if (this.#channelOf(item) === "content") this.#message.annotation(annotation, text);
  }

  done(): void {
    // In the order of the output, as the plain answer has them.
    for (let item = this.#items[this.#given]; item?.isDone; item = this.#items[++this.#given]) {
      if (item.type === "reasoning") this.#written += this.#message.reasoningDetail(item.toItem());
      else if (item.type === "image_generation_call") this.#written += this.#message.image(item.toItem());
    }
  }

  other(event: ResponseEvent): void {
    if (event.type === "response.created") this.#written += this.#message.start(event);
    else if (isFailure(event.type)) this.#written += this.error(errorOfEvent(event));
  }

  ended(response: ResponseObject): void {
    this.#state = "finished";
    this.#written += this.#message.finish(response);
  }

  #hasFailed(): boolean {
    return this.#state === "failed";
  }

  #channelOf(item: AnswerItem): Channel {
    item.view ??= messageChannel({ type: item.type, phase: item.sent.phase }, this.#reply);
    return item.view as Channel;
  }
}
