import { AnswerCourse, type AnswerReaderOptions, type AnswerSink } from "./answer-course.js";
import { type Flow, flowOf, isInFlow } from "./answer-flow.js";
import type { AnswerItem } from "./answer-item.js";
import { asText } from "./answer-item.js";
import { type AnswerText, fieldOf, type TextKind } from "./answer-text.js";
import type { LeftOutItem, OutputItem, ResponseEvent } from "./events.js";
import { isTerminal } from "./events.js";
import { IndexReader } from "./index-reader.js";
import { ItemBook } from "./item-book.js";

/**
 * Reads the events of an answer, whichever way its texts came: in deltas, in the `done` event of a text, of its part, of its
 * item, or in the final output. The fullest source counts of which what was sent is a prefix; one that contradicts it is
 * not looked at. Every dialect's stream and the fold of the plain answer get the same answer from this one reader.
 */
export class AnswerReader {
  readonly #sink: AnswerSink;
  /** The items that the caller does not get, as far as they are done. */
  readonly leftOut: LeftOutItem[] = [];
  readonly #leavesOut: AnswerReaderOptions["leavesOut"];
  readonly #book = new ItemBook();
  readonly #course: AnswerCourse;
  readonly #contentIndex = new IndexReader("content_index");
  readonly #summaryIndex = new IndexReader("summary_index");

  #flow: Flow | undefined;

  constructor(sink: AnswerSink, options: AnswerReaderOptions = {}) {
    this.#sink = sink;
    this.#leavesOut = options.leavesOut;
    this.#course = new AnswerCourse(sink, options, (type) => this.#book.add(type, undefined, undefined));
  }

  add(event: ResponseEvent) {
    switch (event.type) {
      case "response.output_text.delta":
        return this.#delta(event, "output_text", this.#contentIndex);
      case "response.function_call_arguments.delta":
        return this.#delta(event, "arguments", undefined);
      case "response.reasoning_summary_text.delta":
        return this.#delta(event, "summary_text", this.#summaryIndex);
      case "response.custom_tool_call_input.delta":
        return this.#delta(event, "input", undefined);
      case "response.refusal.delta":
        return this.#delta(event, "refusal", this.#contentIndex);
      case "response.reasoning_text.delta":
        return this.#delta(event, "reasoning_text", this.#contentIndex);
      case "response.output_item.added":
        return event.data.item ? this.#added(event, event.data.item) : undefined;
      case "response.output_item.done":
        return event.data.item ? this.#itemDone(event, event.data.item) : undefined;
      case "response.content_part.added":
      case "response.reasoning_summary_part.added":
        return this.#partAdded(event);
      case "response.output_text.done":
        return this.#textDone(event, "output_text", this.#contentIndex);
      case "response.function_call_arguments.done":
        return this.#textDone(event, "arguments", undefined);
      case "response.reasoning_summary_text.done":
        return this.#textDone(event, "summary_text", this.#summaryIndex);
      case "response.custom_tool_call_input.done":
        return this.#textDone(event, "input", undefined);
      case "response.refusal.done":
        return this.#textDone(event, "refusal", this.#contentIndex);
      case "response.reasoning_text.done":
        return this.#textDone(event, "reasoning_text", this.#contentIndex);
      case "response.content_part.done":
      case "response.reasoning_summary_part.done":
        return this.#partDone(event);
      case "response.output_text.annotation.added":
        return this.#annotation(event);
      case "response.created":
      case "response.in_progress":
        // Large, and about no item.
        return this.#sink.other?.(event, undefined);
      default:
        if (isTerminal(event.type)) return this.#end(event);
        return this.#other(event);
    }
  }

  #delta(event: ResponseEvent, kind: TextKind, reader: IndexReader | undefined) {
    const flow = this.#flow;
    if (flow !== undefined && flow.kind === kind && flow.text === this.#course.flowing && isInFlow(event, flow)) {
      const literal = event.deltaLiteral;
      if (literal.length > 2) {
        this.#sink.piece(flow.item, flow.text, literal, event);
        flow.text.add(literal);
        return;
      }
    }
    const item = this.#book.ofText(event, kind);
    if (item.isLeftOut) return;
    const text = item.text(kind, reader?.read(event) ?? 0);
    const literal = event.deltaLiteral;
    // Arguments may come as the object itself.
    const isObject = literal.length === 2 && item.isCall && typeof event.data.delta === "object";
    if (!isObject) this.#course.piece(item, text, literal, event);
    else this.#course.piece(item, text, JSON.stringify(asText(event.data.delta)), undefined);
    this.#flow = text === this.#course.flowing ? flowOf(event, item, text, flow) : undefined;
  }

  #added(event: ResponseEvent, told: OutputItem): void {
    const item = this.#book.begun(event, told);
    if (this.#isLeftOut(item, told)) return;
    this.#book.name(item, told.id);
    if (item.data !== undefined || item.isDone) return;
    item.data = told;
    this.#course.open(item, event, false);
  }

  #partAdded(event: ResponseEvent): void {
    const item = this.#itemOfPart(event);
    if (item === undefined || item.isLeftOut || item.isDone) return;
    const text = this.#partOf(event, item);
    if (this.#course.open(item, undefined, false)) this.#course.openPart(item, text, event);
  }

  #textDone(event: ResponseEvent, kind: TextKind, reader: IndexReader | undefined): void {
    const item = this.#book.ofText(event, kind);
    if (item.isLeftOut) return;
    const text = item.text(kind, reader?.read(event) ?? 0);
    if (item.isCall && !item.isOpen && typeof event.data.name === "string") {
      item.data = { ...item.data, type: item.type, name: event.data.name };
    }
    const isRepeated = !text.isEmpty && text.isRepeatedIn(event.raw);
    if (!isRepeated) this.#course.offer(item, text, asText(event.data[fieldOf[kind]]));
    if (!item.isOpen && !this.#course.open(item, undefined, false)) return;
    this.#course.openPart(item, text, undefined);
    this.#course.closeText(item, text, isRepeated || text.isRepeatedIn(event.raw) ? event : undefined);
  }

  #partDone(event: ResponseEvent): void {
    const item = this.#itemOfPart(event);
    if (item === undefined || item.isLeftOut) return;
    const text = this.#partOf(event, item);
    let isRepeated = !text.isEmpty && text.isRepeatedIn(event.raw);
    if (!isRepeated && text.kind !== undefined) {
      this.#course.takePart(item, text, event.data.part);
      isRepeated = text.isRepeatedIn(event.raw);
    } else if (text.kind === undefined || event.raw.includes('"annotations":[{')) {
      this.#course.takePart(item, text, event.data.part);
    }
    if (!this.#course.open(item, undefined, false)) return;
    this.#course.openPart(item, text, undefined);
    this.#course.closePart(item, text, isRepeated && lengthsAgree(text, event) ? event : undefined);
  }

  #itemDone(event: ResponseEvent, told: OutputItem) {
    const item = this.#book.ended(event, told);
    if (this.#isLeftOut(item, told)) return this.#setAside(item, told);
    this.#book.name(item, told.id);
    if (item.isDone) return this.#course.takeMore(item, told);
    item.data = { ...item.data, ...told };
    this.#course.finish(item, told, event);
  }

  #annotation(event: ResponseEvent): void {
    const item = this.#book.ofText(event, "output_text");
    if (item.isLeftOut) return;
    this.#course.annotate(
      item,
      item.text("output_text", this.#contentIndex.read(event) ?? 0),
      event.data.annotation,
      event,
    );
  }

  #itemOfPart(event: ResponseEvent): AnswerItem | undefined {
    const known = this.#book.of(event);
    if (known !== undefined && (known.type === "message" || known.type === "reasoning")) return known;
    return this.#book.ofText(event, this.#kindOfPart(event) ?? "output_text");
  }

  #partOf(event: ResponseEvent, item: AnswerItem): AnswerText {
    const kind = this.#kindOfPart(event);
    if (kind === "summary_text") return item.text(kind, this.#summaryIndex.read(event) ?? 0);
    return item.text(item.kindOfPart(kind), this.#contentIndex.read(event) ?? 0);
  }

  /** The kind of the part that an event is about, found without parsing where it is one of the usual. */
  #kindOfPart(event: ResponseEvent): TextKind | undefined {
    if (event.type.startsWith("response.reasoning")) return "summary_text";
    for (const kind of partKinds) if (event.raw.includes(`"part":{"type":"${kind}"`)) return kind;
    const { type } = (event.data.part ?? {}) as { type?: unknown };
    return type === "text" ? "output_text" : partKinds.find((kind) => kind === type);
  }

  #other(event: ResponseEvent): void {
    const item = this.#book.of(event);
    if (!item?.isLeftOut) this.#sink.other?.(event, item);
  }

  #isLeftOut(item: AnswerItem, told: OutputItem): boolean {
    if (!item.isOpen && this.#leavesOut?.(told)) item.isLeftOut = true;
    return item.isLeftOut;
  }

  #setAside(item: AnswerItem, told: OutputItem): void {
    if (item.isDone) return;
    item.isDone = true;
    this.leftOut.push({ index: this.#course.count + this.leftOut.length, item: told });
  }

  #end(event: ResponseEvent): void {
    const given = event.data.response ?? {};
    const isIncomplete = event.type === "response.incomplete" || given.status === "incomplete";
    const output = (Array.isArray(given.output) ? given.output : []).filter((item) => typeof item?.type === "string");
    const matched = this.#book.final(output);
    for (const told of output) {
      const item = matched.get(told) ?? this.#book.add(told.type, undefined, told.id);
      if (this.#isLeftOut(item, told)) {
        this.#setAside(item, told);
        continue;
      }
      if (item.isDone) this.#course.takeMore(item, told);
      else {
        item.data = { ...item.data, ...told };
        this.#course.finish(item, told, undefined);
      }
    }
    for (const item of this.#book.items) {
      if (item.isDone || item.isLeftOut) continue;
      const told = item.data?.status;
      const isWhole = !isIncomplete && (!item.isCall || item.call?.isTextDone);
      const status = told !== undefined && told !== "in_progress" ? told : isWhole ? "completed" : "incomplete";
      item.data = { ...item.data, type: item.type, status };
      this.#course.finish(item, item.data, undefined);
    }
    const status = isIncomplete ? "incomplete" : "completed";
    this.#sink.ended({ ...given, status, output: this.#course.output() }, event);
  }
}

const partKinds = ["output_text", "reasoning_text", "refusal"] as const;

function lengthsAgree(text: AnswerText, event: ResponseEvent): boolean {
  const part = text.annotations.length === 0 ? undefined : (event.data.part as { annotations?: unknown[] } | undefined);
  return text.annotations.length === 0 || part?.annotations?.length === text.annotations.length;
}
