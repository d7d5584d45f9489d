import { type AnswerItem, asText } from "./answer-item.js";
import { type AnswerText, fieldOf } from "./answer-text.js";
import type { OutputItem, ResponseEvent, ResponseObject } from "./events.js";

/**
 * Called with an answer in good order: an item opens, then each of its texts with its part, then it is done. An `event` is
 * given where one has told just that; what a source has left out comes without.
 */
export interface AnswerSink {
  opened(item: AnswerItem, event: ResponseEvent | undefined): void;
  partOpened?(item: AnswerItem, text: AnswerText, event: ResponseEvent | undefined): void;
  /** More of a text, as a JSON string literal that may be empty; `text` is what it was before. */
  piece(item: AnswerItem, text: AnswerText, literal: string, event: ResponseEvent | undefined): void;
  annotation?(item: AnswerItem, text: AnswerText, annotation: unknown, event: ResponseEvent | undefined): void;
  textDone?(item: AnswerItem, text: AnswerText, event: ResponseEvent | undefined): void;
  partDone?(item: AnswerItem, text: AnswerText, event: ResponseEvent | undefined): void;
  /** The item is whole; `item.isAsTold` says whether the event has it as it is. */
  done(item: AnswerItem, event: ResponseEvent | undefined): void;
  /** Any event that is none of these; `item` is the one that it is about, where it is known. */
  other?(event: ResponseEvent, item: AnswerItem | undefined): void;
  /** The end: `response` has the whole output. */
  ended(response: ResponseObject, event: ResponseEvent): void;
}

export interface AnswerReaderOptions {
  /**
   * Whether all texts go into one, as chat has it: one that goes on after another has begun then goes on in an item of its
   * own, since nothing can be put before what was sent. Default false.
   */
  inOneText?: boolean;
  /** Items that the caller does not get. Default: none. */
  leavesOut?: ((item: OutputItem) => boolean) | undefined;
}

/** Keeps an answer in good order, whatever its sources tell in which order: what is missing between two steps is added. */
export class AnswerCourse {
  readonly #sink: AnswerSink;
  readonly #options: AnswerReaderOptions;
  readonly #addItem: (type: string) => AnswerItem;
  /** The items that have begun, in order. */
  readonly #output: AnswerItem[] = [];
  /** Where all texts go into one: the last that was written. */
  #current: { item: AnswerItem; text: AnswerText } | undefined;

  constructor(sink: AnswerSink, options: AnswerReaderOptions, addItem: (type: string) => AnswerItem) {
    this.#sink = sink;
    this.#options = options;
    this.#addItem = addItem;
  }

  /** The items so far, as they are. */
  output(): OutputItem[] {
    return this.#output.map((item) => item.toItem());
  }

  /** How many items have begun. */
  get count(): number {
    return this.#output.length;
  }

  /** The text that was written last, as long as what comes next can only belong to it. */
  flowing: AnswerText | undefined;

  /** More of a text, as a JSON string literal. */
  piece(item: AnswerItem, text: AnswerText, literal: string, event: ResponseEvent | undefined): void {
    // What a call is called with waits until it is known what is called.
    if (!item.isOpen && !this.open(item, undefined, false)) text.add(literal);
    else if (!this.#options.inOneText || item.isCall || literal.length === 2) this.#write(item, text, literal, event);
    else this.#writeInOrder(item, text, literal, event);
  }

  /** Where all texts go into one: what can't follow the last text any more goes on in an item of its own. */
  #writeInOrder(item: AnswerItem, text: AnswerText, literal: string, event: ResponseEvent | undefined): void {
    if (text !== this.#current?.text && text.isEmpty && text.more.length === 0 && this.#canFollow(item, text)) {
      item.keepPhase();
      this.#current = { item, text };
    }
    const more = text.more.at(-1);
    if (text === this.#current?.text) this.#write(item, text, literal, event);
    else if (more !== undefined && more.text === this.#current?.text) {
      this.#write(more.item as AnswerItem, more.text, literal, undefined);
    } else this.#goOn(item, text, literal);
  }

  #goOn(item: AnswerItem, text: AnswerText, literal: string): void {
    const next = this.#addItem(item.type);
    if (item.sent.phase !== undefined) next.data = { type: item.type, phase: item.sent.phase };
    const made = next.text(text.kind, 0);
    text.more.push({ item: next, text: made });
    this.piece(next, made, literal, undefined);
  }

  /** Whether a text comes after the last one in the output too. */
  #canFollow(item: AnswerItem, text: AnswerText): boolean {
    const last = this.#current;
    if (last === undefined || item.index > last.item.index) return true;
    if (item !== last.item) return false;
    const isSummary = text.kind === "summary_text";
    const wasSummary = last.text.kind === "summary_text";
    return isSummary === wasSummary ? text.index > last.text.index : wasSummary;
  }

  #write(item: AnswerItem, text: AnswerText, literal: string, event: ResponseEvent | undefined): void {
    this.openPart(item, text, undefined);
    text.isTextDone = false;
    text.isPartDone = false;
    item.isDone = false;
    item.isAsTold = false;
    this.#sink.piece(item, text, literal, event);
    text.add(literal);
    this.flowing = text.isEmpty ? undefined : text;
    if (text.early !== undefined && !text.isEmpty) this.#annotateLate(item, text);
  }

  #annotateLate(item: AnswerItem, text: AnswerText): void {
    const { early = [] } = text;
    text.early = undefined;
    for (const annotation of early.slice(text.annotations.length)) this.annotate(item, text, annotation, undefined);
  }

  /** Begins an item, where that can be done yet: a call that has no name waits for it, unless this is its `isLast` chance. */
  open(item: AnswerItem, event: ResponseEvent | undefined, isLast: boolean): boolean {
    if (item.isOpen) return true;
    if (item.isCall && !isLast && (typeof item.data?.name !== "string" || item.data.name === "")) return false;
    item.index = this.#output.length;
    this.#output.push(item);
    item.keepNames(this.#options.inOneText === true);
    this.#sink.opened(item, event);
    const { call } = item;
    if (call !== undefined && !call.isEmpty) this.#sink.piece(item, call, call.literal, undefined);
    return true;
  }

  openPart(item: AnswerItem, text: AnswerText, event: ResponseEvent | undefined): void {
    if (text.isOpen) return;
    text.isOpen = true;
    if (item.isCall) return;
    const before = text.index === 0 ? undefined : item.partsBeside(text)[text.index - 1];
    if (before !== undefined) this.openPart(item, before, undefined);
    this.#sink.partOpened?.(item, text, event);
  }

  /** Takes what a source has beyond what was sent, where that is its beginning. */
  offer(item: AnswerItem, text: AnswerText, given: string): boolean {
    const { whole } = text;
    if (given.length <= whole.length || !given.startsWith(whole)) return false;
    this.piece(item, text, JSON.stringify(given.slice(whole.length)), undefined);
    return true;
  }

  annotate(item: AnswerItem, text: AnswerText, annotation: unknown, event: ResponseEvent | undefined): void {
    // Where all texts are one, nothing can be said any more about one that another has followed.
    if (this.#options.inOneText && text !== this.#current?.text && !text.isEmpty) return;
    if (text.isEmpty && event !== undefined) {
      text.early ??= [];
      text.early.push(annotation);
      return;
    }
    this.open(item, undefined, false);
    this.openPart(item, text, undefined);
    if (this.#options.inOneText) item.keepPhase();
    this.#sink.annotation?.(item, text, annotation, event);
    text.annotations.push(annotation);
  }

  takeTexts(item: AnswerItem, told: OutputItem, raw: string): boolean {
    let isMore = false;
    const texts = item.textsOf(told);
    const searched = texts.length > 1 ? "" : raw;
    for (const { text, given, part } of texts) {
      if (part !== undefined) isMore = this.takePart(item, text, part, searched) || isMore;
      else if (text.isEmpty || !text.isRepeatedIn(searched)) isMore = this.offer(item, text, given) || isMore;
    }
    return isMore;
  }

  takePart(item: AnswerItem, text: AnswerText, told: unknown, raw = ""): boolean {
    const part = (typeof told === "object" && told !== null ? told : {}) as Record<string, unknown>;
    if (!item.isDone || text.part === undefined) text.part = part;
    const { kind } = text;
    if (kind === undefined) return false;
    const isRepeated = raw !== "" && !text.isEmpty && text.isRepeatedIn(raw);
    const isMore = isRepeated ? false : this.offer(item, text, asText(part[fieldOf[kind]]));
    const annotations = Array.isArray(part.annotations) ? part.annotations : [];
    for (const one of annotations.slice(text.annotations.length)) this.annotate(item, text, one, undefined);
    return isMore;
  }

  /** A source that comes after the item was done. */
  takeMore(item: AnswerItem, told: OutputItem): void {
    if (!this.takeTexts(item, told, "")) return;
    for (const text of item.texts()) this.closePart(item, text, undefined);
    item.isDone = true;
    this.#sink.done(item, undefined);
  }

  /** All that an item as told has, then its end. */
  finish(item: AnswerItem, told: OutputItem, event: ResponseEvent | undefined): void {
    this.open(item, undefined, true);
    this.takeTexts(item, told, event?.raw ?? "");
    for (const text of item.texts()) this.closePart(item, text, undefined);
    item.isDone = true;
    item.isAsTold = item.isTold(told, event?.raw ?? "");
    if (item.isAsTold) item.data = told;
    this.#sink.done(item, event);
  }

  closeText(item: AnswerItem, text: AnswerText, event: ResponseEvent | undefined): void {
    if (text.isTextDone) return;
    text.isTextDone = true;
    this.flowing = undefined;
    this.#sink.textDone?.(item, text, event);
  }

  closePart(item: AnswerItem, text: AnswerText, event: ResponseEvent | undefined): void {
    if (text.isPartDone) return;
    this.openPart(item, text, undefined);
    if (text.early !== undefined) this.#annotateLate(item, text);
    if (text.kind !== undefined) this.closeText(item, text, undefined);
    text.isPartDone = true;
    if (!item.isCall) this.#sink.partDone?.(item, text, event);
  }
}
