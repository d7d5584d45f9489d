import type { AnswerReaderOptions, AnswerSink } from "./answer-course.js";
import type { AnswerItem } from "./answer-item.js";
import { AnswerReader } from "./answer-reader.js";
import { type AnswerText, fieldOf, type TextKind } from "./answer-text.js";
import { createEvent, type EventData, type OutputItem, type ResponseEvent, type ResponseObject } from "./events.js";

/** How the events of a text are called. */
const eventNames: Readonly<Record<TextKind, string>> = {
  output_text: "response.output_text",
  refusal: "response.refusal",
  reasoning_text: "response.reasoning_text",
  summary_text: "response.reasoning_summary_text",
  arguments: "response.function_call_arguments",
  input: "response.custom_tool_call_input",
};

export interface NormalEventsOptions extends AnswerReaderOptions {
  /** Takes the end in place of the event that tells it. */
  onEnd?: (response: ResponseObject, event: ResponseEvent) => void;
}

/**
 * The events of an answer in good order, as `AnswerReader` tells of it: each as it came where it is right, and else one of
 * ours. Items are numbered without gaps and keep their first id. An event in, events out.
 */
export function normalEvents(write: (event: ResponseEvent) => void, options: NormalEventsOptions = {}): AnswerReader {
  return new AnswerReader(new EventWriter(write, options.onEnd), options);
}

class EventWriter implements AnswerSink {
  readonly #write: (event: ResponseEvent) => void;
  readonly #onEnd: NormalEventsOptions["onEnd"];
  #id: string | undefined;
  #idKey = "";
  /** Where it was in the event before. */
  #idAt = 0;

  constructor(write: (event: ResponseEvent) => void, onEnd: NormalEventsOptions["onEnd"]) {
    this.#write = write;
    this.#onEnd = onEnd;
  }

  opened(item: AnswerItem, event: ResponseEvent | undefined) {
    // An item that nobody has named is one of ours.
    item.id ??= `${idPrefixes[item.type] ?? "item"}_${item.index}`;
    const told = event?.data.item;
    const isRight = told !== undefined && item.index === item.source && told.id === item.id && isBare(told);
    if (isRight) return this.#write(event as ResponseEvent);
    this.#put("response.output_item.added", { output_index: item.index, item: beginningOf(item) });
  }

  partOpened(item: AnswerItem, text: AnswerText, event: ResponseEvent | undefined) {
    if (event !== undefined && this.#isPlaced(event, item, text) && !hasText(event)) return this.#write(event);
    const part = text.kind === undefined ? (text.part ?? {}) : emptyPart(text.kind);
    this.#put(`${partEvent(text)}.added`, { ...placeOf(item, text), part });
  }

  piece(item: AnswerItem, text: AnswerText, literal: string, event: ResponseEvent | undefined) {
    if (event !== undefined && this.#isPlaced(event, item, text)) return this.#write(event);
    const delta: unknown = JSON.parse(literal);
    this.#put(`${nameOf(text)}.delta`, { ...placeOf(item, text), delta });
  }

  annotation(item: AnswerItem, text: AnswerText, annotation: unknown, event: ResponseEvent | undefined) {
    if (event !== undefined && this.#isPlaced(event, item, text)) return this.#write(event);
    const annotation_index = text.annotations.length;
    this.#put("response.output_text.annotation.added", { ...placeOf(item, text), annotation_index, annotation });
  }

  textDone(item: AnswerItem, text: AnswerText, event: ResponseEvent | undefined) {
    if (event !== undefined && this.#isPlaced(event, item, text)) return this.#write(event);
    const { kind } = text;
    if (kind === undefined) return;
    const name = kind === "arguments" && item.sent.name !== undefined ? { name: item.sent.name } : {};
    this.#put(`${nameOf(text)}.done`, { ...placeOf(item, text), ...name, [fieldOf[kind]]: text.value });
  }

  partDone(item: AnswerItem, text: AnswerText, event: ResponseEvent | undefined) {
    if (event !== undefined && this.#isPlaced(event, item, text)) return this.#write(event);
    this.#put(`${partEvent(text)}.done`, { ...placeOf(item, text), part: text.toPart() });
  }

  done(item: AnswerItem, event: ResponseEvent | undefined) {
    if (event !== undefined && item.isAsTold && item.index === item.source) return this.#write(event);
    this.#put("response.output_item.done", { output_index: item.index, item: item.toItem() });
  }

  other(event: ResponseEvent, item: AnswerItem | undefined) {
    if (item === undefined || this.#isPlaced(event, item, undefined)) return this.#write(event);
    const place: Partial<EventData> = { output_index: item.index };
    if (event.data.item_id !== undefined && item.id !== undefined) place.item_id = item.id;
    this.#write(createEvent({ ...event.data, ...place }));
  }

  ended(response: ResponseObject, event: ResponseEvent) {
    if (this.#onEnd !== undefined) return this.#onEnd(response, event);
    const type = response.status === "incomplete" ? "response.incomplete" : "response.completed";
    this.#write(createEvent({ ...event.data, type, response }));
  }

  #put(type: string, data: Partial<EventData>): void {
    this.#write(createEvent({ type, ...data }));
  }

  /** Whether an event says where it belongs as we count; nearly always, and then it goes out as it came. */
  #isPlaced(event: ResponseEvent, item: AnswerItem, text: AnswerText | undefined): boolean {
    if (item.index !== item.source || (text !== undefined && text.index !== text.source)) return false;
    if (item.id !== this.#id) {
      this.#id = item.id;
      this.#idKey = `"item_id":${JSON.stringify(item.id)}`;
    }
    const { raw } = event;
    if (raw.indexOf(this.#idKey, this.#idAt) === this.#idAt) return true;
    const found = raw.indexOf(this.#idKey);
    if (found === -1) return event.data.item_id === item.id;
    this.#idAt = found;
    return true;
  }
}

const idPrefixes: Readonly<Record<string, string>> = {
  message: "msg",
  reasoning: "rs",
  function_call: "fc",
  custom_tool_call: "ctc",
};

function nameOf(text: AnswerText): string {
  return text.kind === undefined ? "response.content_part" : eventNames[text.kind];
}

function partEvent(text: AnswerText): string {
  return text.kind === "summary_text" ? "response.reasoning_summary_part" : "response.content_part";
}

function placeOf(item: AnswerItem, text: AnswerText): Partial<EventData> {
  const place = { item_id: item.id as string, output_index: item.index };
  if (item.isCall) return place;
  return text.kind === "summary_text"
    ? { ...place, summary_index: text.index }
    : { ...place, content_index: text.index };
}

function emptyPart(kind: TextKind): Record<string, unknown> {
  return kind === "output_text"
    ? { type: kind, annotations: [], logprobs: [], text: "" }
    : { type: kind, [fieldOf[kind]]: "" };
}

function hasText(event: ResponseEvent): boolean {
  return !event.raw.includes('"text":""') && !event.raw.includes('"refusal":""');
}

/** Whether an item that begins has no texts yet, which come in pieces of their own. */
function isBare(told: OutputItem): boolean {
  const texts = [told.content, told.summary, told.arguments, told.input];
  return texts.every((text) => text === undefined || text === null || text === "" || (text as unknown[]).length === 0);
}

/** What an item is when it begins. What hosted tools give is large, and comes when they are done. */
function beginningOf(item: AnswerItem): OutputItem {
  if (item.isCall || item.type === "message" || item.type === "reasoning") return item.toBeginning();
  return { ...(item.id === undefined ? {} : { id: item.id }), type: item.type, status: "in_progress" };
}
