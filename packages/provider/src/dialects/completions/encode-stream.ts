import { CodexError } from "@codex/errors";
import type { AnswerSink } from "../../canonical/answer-course.js";
import type { AnswerItem } from "../../canonical/answer-item.js";
import { AnswerReader } from "../../canonical/answer-reader.js";
import type { AnswerText } from "../../canonical/answer-text.js";
import { isFailure, type ResponseEvent, type ResponseObject } from "../../canonical/events.js";
import { errorOfEvent } from "../../canonical/failure-event.js";
import type { StreamEncoder } from "../dialect.js";
import { type AnswerHead, answerHead, answerHeadOf } from "../openai/answer-head.js";
import { encodeUsage } from "../openai/encode-usage.js";
import { finishReason } from "../openai/finish-reason.js";
import { dataEvent, doneEvent, keepAliveComment } from "../openai/framing.js";
import { encodeCompletionsStreamError } from "./encode-error.js";
import type { CompletionsReplyOptions } from "./reply-options.js";
import { completionIdPrefix, createTextFlow, isText } from "./text-flow.js";

/**
 * Chunks of a legacy completion from Responses events, of one or several choices. Deltas are copied as the JSON
 * literals that they already are; all that is no text of the answer gives an empty string.
 */
export function createCompletionsEncoder(reply: CompletionsReplyOptions): StreamEncoder {
  return new CompletionsEncoder(reply);
}

class CompletionsEncoder implements StreamEncoder {
  readonly #reply: CompletionsReplyOptions;
  readonly #choices: StreamedChoice[];
  #head: AnswerHead | undefined;
  #hasFailed = false;

  constructor(reply: CompletionsReplyOptions) {
    this.#reply = reply;
    const around = (index: number, reason: string | null) => this.#around(index, reason);
    this.#choices = Array.from(
      { length: reply.choices ?? 1 },
      (_, index) => new StreamedChoice(index, reply.echo?.[index], around),
    );
  }

  event(event: ResponseEvent, index = 0): string {
    const choice = this.#choices[index];
    if (choice === undefined || choice.response !== undefined || this.#hasFailed) return "";
    if (event.type === "response.created") this.#head ??= answerHeadOf(event, completionIdPrefix);
    else if (isFailure(event.type)) return this.error(errorOfEvent(event));
    const written = choice.read(event);
    if (choice.response === undefined || !this.#isOver || !this.#reply.includeUsage) return written;
    const usage = encodeUsage(this.#choices.map((one) => one.response ?? {}));
    if (usage === undefined) return written;
    return written + dataEvent(`${this.#base()},"choices":[],"usage":${JSON.stringify(usage)}}`);
  }

  keepAlive(): string {
    return keepAliveComment;
  }

  error(error: CodexError): string {
    if (this.#hasFailed || this.#isOver) return "";
    this.#hasFailed = true;
    return encodeCompletionsStreamError(error);
  }

  end(): string {
    if (this.#isOver) return doneEvent;
    return this.error(new CodexError("stream_interrupted", "The answer ended before it was complete. Try again."));
  }

  get #isOver(): boolean {
    return this.#choices.every((choice) => choice.response !== undefined);
  }

  #around(index: number, reason: string | null): { before: string; after: string } {
    const usage = this.#reply.includeUsage ? ',"usage":null' : "";
    return {
      before: `data: ${this.#base()},"choices":[{"text":`,
      after: `,"index":${index},"logprobs":null,"finish_reason":${JSON.stringify(reason)}}]${usage}}\n\n`,
    };
  }

  #base(): string {
    const { id, created } = this.#head ?? answerHead({}, completionIdPrefix);
    return JSON.stringify({ id, object: "text_completion", created, model: this.#reply.model }).slice(0, -1);
  }
}

/** What stands before and after the text of a chunk. */
type Around = (index: number, reason: string | null) => { before: string; after: string };

/** One choice while it streams. */
class StreamedChoice implements AnswerSink {
  /** The response that it ended with. */
  response: ResponseObject | undefined;
  readonly #index: number;
  readonly #echo: string | undefined;
  readonly #around: Around;
  readonly #reader = new AnswerReader(this, { inOneText: true });
  readonly #flow = createTextFlow();
  /** Set with the first chunk. */
  #usual: { before: string; after: string } | undefined;
  #refused = false;
  /** What has come of the event at hand. */
  #written = "";

  constructor(index: number, echo: string | undefined, around: Around) {
    this.#index = index;
    this.#echo = echo;
    this.#around = around;
  }

  read(event: ResponseEvent): string {
    this.#written = "";
    if (event.type === "response.created") this.#open();
    else this.#reader.add(event);
    return this.#written;
  }

  opened(): void {}

  piece(item: AnswerItem, text: AnswerText, literal: string): void {
    if (literal.length === 2 || !isText({ type: item.type, phase: item.sent.phase })) return;
    if (text.kind === "refusal") this.#refused = true;
    const { before, after } = this.#open();
    const gap = text.isEmpty ? this.#flow.before(item) : "";
    this.#written += before + (gap === "" ? literal : JSON.stringify(gap).slice(0, -1) + literal.slice(1)) + after;
  }

  done(): void {}

  ended(response: ResponseObject): void {
    this.#open();
    this.response = response;
    const reason = this.#refused ? "content_filter" : finishReason(response, undefined);
    const { before, after } = this.#around(this.#index, reason);
    this.#written += `${before}""${after}`;
  }

  /** Puts together once what stays the same in all chunks, and writes the prompt where it is to be repeated. */
  #open(): { before: string; after: string } {
    if (this.#usual !== undefined) return this.#usual;
    this.#usual = this.#around(this.#index, null);
    const { before, after } = this.#usual;
    if (this.#echo !== undefined) this.#written += before + JSON.stringify(this.#echo) + after;
    return this.#usual;
  }
}
