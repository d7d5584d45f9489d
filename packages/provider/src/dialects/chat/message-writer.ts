import type { AnswerText } from "../../canonical/answer-text.js";
import type { OutputItem, ResponseEvent, ResponseObject } from "../../canonical/events.js";
import { answerHead, answerHeadOf } from "../openai/answer-head.js";
import { encodeUsage } from "../openai/encode-usage.js";
import { finishReason } from "../openai/finish-reason.js";
import { type ChunkWriter, chatIdPrefix, createChunkWriter, literalPlace } from "./chunks.js";
import { encodeImage } from "./generated-images.js";
import { createLayout, type Layout } from "./layout.js";
import { encodeAnnotation, encodeToolCall, type ToolCall } from "./parts.js";
import { encodeReasoningDetail } from "./reasoning-details.js";
import type { ChatReplyOptions } from "./reply-options.js";
import { baseOf, type Channel, type StreamedCall } from "./streamed-items.js";

/**
 * Writes one chat message as chunks, piece by piece; it knows the fields of a message and nothing of events. Texts
 * come as JSON string literals, ready to be copied.
 */
export class MessageWriter {
  readonly #reply: ChatReplyOptions;
  readonly #layout: Layout;
  #chunks: ChunkWriter | undefined;
  #isOpen = false;
  /** The text that ends the content so far: citations of the next one move by what stands before it. */
  #last: AnswerText | undefined;
  readonly #annotations: object[] = [];
  #calls = 0;
  #images = 0;
  #details = 0;

  constructor(reply: ChatReplyOptions) {
    this.#reply = reply;
    this.#layout = createLayout(reply);
  }

  /** Takes id and time from `response.created`, and writes the first chunk, which has the role. */
  start(created: ResponseEvent): string {
    if (this.#isOpen) return "";
    this.#chunks ??= createChunkWriter(answerHeadOf(created, chatIdPrefix), this.#reply);
    return this.open("");
  }

  /** Puts the first chunk before `written`, where it has not gone out yet. */
  open(written: string): string {
    if (this.#isOpen) return written;
    this.#isOpen = true;
    return this.#writer.delta({ role: "assistant", content: "" }) + written;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  text(literal: string, part: AnswerText, item: object, channel: Channel): string {
    if (channel === "reasoning") return this.reasoning(literal, part);
    return this.#content(part.isEmpty ? this.#layout.beforeContent(item) : "", literal, part);
  }

  reasoning(literal: string, part: AnswerText): string {
    const before = part.isEmpty ? this.#layout.beforeReasoning() : "";
    if (this.#reply.reasoning === "think") return this.#content(before, literal, part);
    const chunks = this.#writer;
    return chunks.reasoning + join(before, literal) + chunks.tail;
  }

  refusal(literal: string, part: AnswerText): string {
    const joined = part.isEmpty ? join(this.#layout.beforeRefusal(), literal) : literal;
    const { before, after } = this.#writer.around({ refusal: literalPlace });
    return before + joined + after;
  }

  /** Begins a tool call: its id and name go out now, `state` says what goes around its arguments later. */
  beginCall(call: ToolCall): { written: string; state: StreamedCall } | undefined {
    const index = this.#calls++;
    const field = call.type === "function" ? "function" : "custom";
    const key = call.type === "function" ? "arguments" : "input";
    if (this.#reply.legacyFunctions) {
      if (index > 0) return undefined;
      const written = this.#writer.delta({ function_call: { name: call.name, arguments: "" } });
      const around = this.#writer.around({ function_call: { arguments: literalPlace } });
      return { written, state: around };
    }
    const written = this.#writer.delta({ tool_calls: [{ index, ...encodeToolCall(call, "") }] });
    const around = this.#writer.around({ tool_calls: [{ index, [field]: { [key]: literalPlace } }] });
    return { written, state: around };
  }

  /**
   * Citations go out together at the end. They have no index in OpenAI's chunks: the stream helper of openai-python raises on
   * a second list of such, and that of openai-node keeps the last one alone.
   */
  annotation(annotation: unknown, part: AnswerText): void {
    const encoded = encodeAnnotation(annotation, baseOf(part));
    if (encoded !== undefined) this.#annotations.push(encoded);
  }

  image(item: OutputItem): string {
    const image = encodeImage(item);
    return image === undefined ? "" : this.#writer.delta({ images: [{ index: this.#images++, ...image }] });
  }

  reasoningDetail(item: OutputItem): string {
    const detail = encodeReasoningDetail(item);
    if (detail === undefined) return "";
    return this.#writer.delta({ reasoning_details: [{ ...detail, index: this.#details++ }] });
  }

  /** The end of the message: what is still open in it, the finish reason, and the usage where it was asked for. */
  finish(response: ResponseObject): string {
    const rest = this.#layout.atEnd();
    const callsReason = this.#reply.legacyFunctions ? "function_call" : "tool_calls";
    const reason = finishReason(response, this.#calls > 0 ? callsReason : undefined);
    // The usage of several choices is told once, by who has them all.
    const tellsUsage = this.#reply.includeUsage && this.#reply.choice === undefined;
    const usage = tellsUsage ? encodeUsage([response]) : undefined;
    let written = rest === "" ? "" : this.#writer.delta({ content: rest });
    if (this.#annotations.length > 0) written += this.#writer.delta({ annotations: this.#annotations });
    written += this.#writer.finish(reason);
    return usage === undefined ? written : written + this.#writer.usage(usage);
  }

  #content(before: string, literal: string, part: AnswerText): string {
    if (part.isEmpty) {
      const last = this.#last;
      part.view = (last === undefined ? 0 : baseOf(last) + [...last.value].length) + before.length;
      this.#last = part;
    }
    const chunks = this.#writer;
    return chunks.content + join(before, literal) + chunks.tail;
  }

  /** Without a `response.created` the answer has no id of its own. */
  get #writer(): ChunkWriter {
    this.#chunks ??= createChunkWriter(answerHead({}, chatIdPrefix), this.#reply);
    return this.#chunks;
  }
}

/** Puts our own text in front of a literal. */
function join(before: string, literal: string): string {
  return before === "" ? literal : JSON.stringify(before).slice(0, -1) + literal.slice(1);
}
