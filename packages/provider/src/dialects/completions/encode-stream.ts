import { CodexError } from "@codex/errors";
import type { OutputItem, ResponseEvent, ResponseObject } from "../../canonical/events.js";
import { IndexReader } from "../../canonical/index-reader.js";
import { type AnswerHead, answerHead, answerHeadOf } from "../answer-head.js";
import type { ReplyOptions, StreamEncoder } from "../dialect.js";
import { encodeUsage } from "../encode-usage.js";
import { errorOfEvent } from "../failure-event.js";
import { finishReason } from "../finish-reason.js";
import { dataEvent, doneEvent, keepAliveComment } from "../framing.js";
import { partsOf } from "../item-parts.js";
import { ItemBook, partAt, type StreamedItem } from "../streamed-items.js";
import { addLength } from "../text-length.js";
import { restOf, unsent } from "../unsent-text.js";
import { encodeCompletionsStreamError } from "./encode-error.js";
import type { CompletionsReplyOptions } from "./reply-options.js";
import { completionIdPrefix, createTextFlow, isText, type TextFlow } from "./text-flow.js";

/**
 * Chunks of a legacy completion from Responses events, of one or several choices. Deltas are copied as the JSON
 * literals that they already are; all that is no text of the answer gives an empty string.
 */
export function createCompletionsEncoder(reply: ReplyOptions): StreamEncoder {
  return new CompletionsEncoder(reply);
}

/** What is known of one choice while it streams. */
interface StreamedChoice {
  items: ItemBook;
  contentIndex: IndexReader;
  flow: TextFlow;
  /** What comes before and after the text of a chunk. Set with the first one. */
  around: { before: string; after: string } | undefined;
  refused: boolean;
  /** The response that it ended with. */
  response: ResponseObject | undefined;
}

class CompletionsEncoder implements StreamEncoder {
  readonly #reply: CompletionsReplyOptions;
  readonly #choices: StreamedChoice[];
  #head: AnswerHead | undefined;
  #hasFailed = false;

  constructor(reply: CompletionsReplyOptions) {
    this.#reply = reply;
    this.#choices = Array.from({ length: reply.choices ?? 1 }, () => ({
      items: new ItemBook(),
      contentIndex: new IndexReader("content_index"),
      flow: createTextFlow(),
      around: undefined,
      refused: false,
      response: undefined,
    }));
  }

  event(event: ResponseEvent, index = 0): string {
    const choice = this.#choices[index];
    if (choice === undefined || choice.response !== undefined || this.#hasFailed) return "";
    switch (event.type) {
      case "response.output_text.delta":
        return this.#text(choice, index, event, event.deltaLiteral);
      case "response.output_text.done":
        return this.#text(choice, index, event, undefined);
      case "response.refusal.delta":
        return this.#text(choice, index, event, event.deltaLiteral, "refusal");
      case "response.refusal.done":
        return this.#text(choice, index, event, undefined, "refusal");
      case "response.created":
        this.#head ??= answerHeadOf(event, completionIdPrefix);
        return this.#open(choice, index);
      case "response.output_item.added":
        if (event.data.item) channelOf(event.data.item, choice.items.open(event, event.data.item));
        return "";
      case "response.output_item.done":
        return event.data.item
          ? this.#done(choice, index, event.data.item, choice.items.close(event, event.data.item))
          : "";
      case "response.completed":
      case "response.done":
        return this.#finish(choice, index, event.data.response ?? {});
      case "response.incomplete":
        return this.#finish(choice, index, { ...event.data.response, status: "incomplete" });
      case "response.failed":
      case "error":
        return this.error(errorOfEvent(event));
      default:
        return "";
    }
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

  /** A piece of the text: a delta, or, without one, what a `done` event has and no delta brought. */
  #text(
    choice: StreamedChoice,
    index: number,
    event: ResponseEvent,
    delta: string | undefined,
    field: "text" | "refusal" = "text",
  ): string {
    const item = choice.items.of(event);
    const part = partAt(item.content, choice.contentIndex.read(event) ?? 0);
    const literal = delta ?? unsent(event, field, part);
    return item.channel === "none" ? "" : this.#write(choice, index, item, part, literal, field);
  }

  #write(
    choice: StreamedChoice,
    index: number,
    item: StreamedItem,
    part: StreamedItem["content"][number],
    literal: string,
    field: string,
  ): string {
    if (literal.length === 2) return "";
    if (field === "refusal") choice.refused = true;
    const opening = this.#open(choice, index);
    const before = part.units === 0 ? choice.flow.before(item) : "";
    addLength(literal, part);
    const text = before === "" ? literal : JSON.stringify(before).slice(0, -1) + literal.slice(1);
    const { around } = choice;
    return opening + around?.before + text + around?.after;
  }

  /** Everything of a finished message that has not gone out yet; usually nothing is left. */
  #done(choice: StreamedChoice, index: number, item: OutputItem, streamed: StreamedItem): string {
    channelOf(item, streamed);
    if (streamed.done || streamed.channel === "none") return "";
    streamed.done = true;
    let written = "";
    for (const [at, content] of partsOf(item, "content").entries()) {
      const field = content.type === "refusal" ? "refusal" : "text";
      const part = partAt(streamed.content, at);
      written += this.#write(choice, index, streamed, part, restOf(content[field], part), field);
    }
    return written;
  }

  /** Puts together once what stays the same in all chunks, and writes the prompt where it is to be repeated. */
  #open(choice: StreamedChoice, index: number): string {
    if (choice.around !== undefined) return "";
    choice.around = this.#around(index, null);
    const echo = this.#reply.echo?.[index];
    return echo === undefined ? "" : choice.around.before + JSON.stringify(echo) + choice.around.after;
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

  #finish(choice: StreamedChoice, index: number, response: ResponseObject): string {
    let written = this.#open(choice, index);
    for (const [position, item] of (response.output ?? []).entries()) {
      written += this.#done(choice, index, item, choice.items.final(item, position));
    }
    choice.response = response;
    const { before, after } = this.#around(
      index,
      choice.refused ? "content_filter" : finishReason(response, undefined),
    );
    written += `${before}""${after}`;
    if (!this.#isOver || !this.#reply.includeUsage) return written;
    const usage = encodeUsage(this.#choices.map((one) => one.response ?? {}));
    if (usage === undefined) return written;
    return written + dataEvent(`${this.#base()},"choices":[],"usage":${JSON.stringify(usage)}}`);
  }
}

function channelOf(item: OutputItem, streamed: StreamedItem): void {
  streamed.channel = isText(item) ? "content" : "none";
}
