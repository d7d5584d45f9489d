import type { EventData, OutputItem, ResponseEvent } from "../canonical/events.js";
import { createEvent } from "../canonical/events.js";
import { IndexReader } from "../canonical/index-reader.js";
import { partsOf, textOf } from "../canonical/item-parts.js";
import type { StopScanner } from "./stop.js";

/** The fields of items that hold visible output: all but reasoning. */
export type TextField = "text" | "refusal" | "arguments" | "input";

/** The visible output that events bring: in pieces, and whole. */
export const pieceFields: ReadonlyMap<string, TextField> = new Map([
  ["response.output_text.delta", "text"],
  ["response.refusal.delta", "refusal"],
  ["response.function_call_arguments.delta", "arguments"],
  ["response.custom_tool_call_input.delta", "input"],
]);
export const wholeFields: ReadonlyMap<string, TextField> = new Map([
  ["response.output_text.done", "text"],
  ["response.refusal.done", "refusal"],
  ["response.function_call_arguments.done", "arguments"],
  ["response.custom_tool_call_input.done", "input"],
]);
const eventNames: Readonly<Record<TextField, string>> = {
  text: "response.output_text",
  refusal: "response.refusal",
  arguments: "response.function_call_arguments",
  input: "response.custom_tool_call_input",
};

/** One text of an answer, as far as it has been shown. */
export interface ShownText {
  field: TextField;
  contentIndex: number;
  shown: string;
  /** Units that the backend has sent of it, those held back included. */
  seen: number;
  annotations: unknown[];
  scanner: StopScanner | undefined;
  isClosed: boolean;
}

/** One item of an answer, as far as it has been shown. */
export interface ShownItem {
  outputIndex: number;
  item: OutputItem;
  texts: ShownText[];
  /** The same by the index of their part. */
  byIndex: Map<number, ShownText>;
  isDone: boolean;
}

/** What has been shown of an answer so far, so that it can be brought to an end anywhere. */
export class ShownOutput {
  readonly #items = new Map<number, ShownItem>();
  readonly #contentIndex = new IndexReader("content_index");
  readonly #outputIndex = new IndexReader("output_index");
  readonly #createScanner: (field: TextField, item: OutputItem) => StopScanner | undefined;

  constructor(createScanner: (field: TextField, item: OutputItem) => StopScanner | undefined) {
    this.#createScanner = createScanner;
  }

  /** The item that `output_item.added` or `output_item.done` tells of. */
  told(event: ResponseEvent, item: OutputItem): ShownItem {
    const shown = this.itemOf(event);
    shown.item = item;
    return shown;
  }

  /** The item that an event belongs to; in good order every event of one says its place. */
  itemOf(event: ResponseEvent): ShownItem {
    const outputIndex = this.#outputIndex.read(event) ?? 0;
    let shown = this.#items.get(outputIndex);
    if (shown === undefined) {
      shown = {
        outputIndex,
        item: { type: "message", role: "assistant" },
        texts: [],
        byIndex: new Map(),
        isDone: false,
      };
      this.#items.set(outputIndex, shown);
    }
    return shown;
  }

  textOf(event: ResponseEvent, shown: ShownItem, field: TextField): ShownText {
    const isCall = field === "arguments" || field === "input";
    return this.text(shown, field, isCall ? 0 : (this.#contentIndex.read(event) ?? 0));
  }

  text(shown: ShownItem, field: TextField, contentIndex: number): ShownText {
    const known = shown.byIndex.get(contentIndex);
    if (known !== undefined) return known;
    const scanner = this.#createScanner(field, shown.item);
    const text: ShownText = { field, contentIndex, shown: "", seen: 0, annotations: [], scanner, isClosed: false };
    shown.texts.push(text);
    shown.byIndex.set(contentIndex, text);
    return text;
  }

  /** The whole texts that a finished item has, with where each belongs. */
  wholeTexts(shown: ShownItem): [ShownText, string][] {
    const { item } = shown;
    switch (item.type) {
      case "message":
        return partsOf(item, "content").map((part, index) => {
          const field = part.type === "refusal" ? "refusal" : "text";
          return [this.text(shown, field, index), textOf(part[field])];
        });
      case "function_call":
        return [[this.text(shown, "arguments", 0), textOf(item.arguments)]];
      case "custom_tool_call":
        return [[this.text(shown, "input", 0), textOf(item.input)]];
      default:
        return [];
    }
  }

  /** Every text so far and the item that it belongs to, in the order of the output. */
  texts(): [ShownItem, ShownText][] {
    return this.#inOrder().flatMap((shown) => shown.texts.map((text): [ShownItem, ShownText] => [shown, text]));
  }

  /** The events that close what is open; `status` is that of the item in which the answer ends. */
  *closing(last: ShownItem, status: "completed" | "incomplete"): Generator<ResponseEvent> {
    for (const shown of this.#inOrder()) {
      // What is not ours to close is put together from its deltas, like all that breaks off.
      if (shown.isDone || shown.texts.length === 0) continue;
      shown.isDone = true;
      for (const text of shown.texts) if (!text.isClosed) yield* closeText(shown, text);
      const item = { ...shown.item, ...fieldsOf(shown), status: shown === last ? status : "incomplete" };
      yield createEvent({ type: "response.output_item.done", output_index: shown.outputIndex, item });
    }
  }

  #inOrder(): ShownItem[] {
    return [...this.#items.values()].sort((a, b) => a.outputIndex - b.outputIndex);
  }
}

/** A piece of a text as the event that brings it. */
export function pieceEvent(shown: ShownItem, text: ShownText, delta: string): ResponseEvent {
  return createEvent({ type: `${eventNames[text.field]}.delta`, ...placeOf(shown, text), delta });
}

function* closeText(shown: ShownItem, text: ShownText): Generator<ResponseEvent> {
  text.isClosed = true;
  const place = placeOf(shown, text);
  yield createEvent({ type: `${eventNames[text.field]}.done`, ...place, [text.field]: text.shown });
  if (place.content_index !== undefined) {
    yield createEvent({ type: "response.content_part.done", ...place, part: partOf(text) });
  }
}

function placeOf({ item, outputIndex }: ShownItem, text: ShownText): Partial<EventData> {
  const place: Partial<EventData> = { output_index: outputIndex };
  if (item.id !== undefined) place.item_id = item.id;
  if (text.field === "text" || text.field === "refusal") place.content_index = text.contentIndex;
  return place;
}

function fieldsOf({ item, texts }: ShownItem): Record<string, unknown> {
  const [first] = texts;
  if (item.type === "message" || first === undefined) return { content: texts.map(partOf) };
  return { [first.field]: first.shown };
}

function partOf({ field, shown, annotations }: ShownText): Record<string, unknown> {
  if (field === "refusal") return { type: "refusal", refusal: shown };
  return { type: "output_text", annotations, logprobs: [], text: shown };
}
