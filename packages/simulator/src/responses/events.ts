import { splitText } from "./deltas.js";
import type { Ids } from "./ids.js";
import type { PlannedItem } from "./plan.js";

/** The events of an answer as wire text, and what they amount to. */
export interface EventList {
  events: string[];
  /** The finished output items. */
  output: Record<string, unknown>[];
  /** How many pieces of output there were, and how many of them belong to reasoning: a stand-in for tokens. */
  pieces: { all: number; reasoning: number };
}

/** A one-pixel PNG, what the image tool makes. */
export const pixelPng =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

/** How long the pieces of a call's arguments are, which have few spaces to be cut at. */
const argumentPiece = 8;

const padding = "aK3vQ9xT1mZr7Lp2";

/** Frames one event. */
export function frameEvent(event: { type: string } & Record<string, unknown>): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** Writes the events of planned items, one after the other. */
export class EventWriter {
  readonly list: EventList = { events: [], output: [], pieces: { all: 0, reasoning: 0 } };
  readonly #ids: Ids;
  readonly #deltas: number | undefined;
  #sequence = 0;
  #calls = 0;
  #partnered = false;

  /** `deltas`: in how many pieces a text comes; default: a word each. */
  constructor(ids: Ids, deltas?: number) {
    this.#ids = ids;
    this.#deltas = deltas;
  }

  /** Adds an event that is not output; `sequence_number` is filled in. */
  add(event: { type: string } & Record<string, unknown>): void {
    this.list.events.push(frameEvent({ ...event, sequence_number: this.#sequence++ }));
  }

  /** Adds an event as it is, without a number, as the `codex.*` events come. */
  addPlain(event: { type: string } & Record<string, unknown>): void {
    this.list.events.push(frameEvent(event));
  }

  /** Adds all events of an output item. `withEncrypted`: reasoning carries its encrypted form. */
  item(item: PlannedItem, withEncrypted: boolean): void {
    switch (item.kind) {
      case "reasoning":
        this.#reasoning(item.summary, withEncrypted);
        break;
      case "message":
      case "refusal":
        this.#message(item);
        break;
      case "function_call":
      case "custom_tool_call":
        this.#toolCall(item);
        break;
      case "image":
        this.#image(item.prompt);
        break;
      case "search":
        this.#search(item);
        break;
    }
  }

  /** Adds an item of a type that nobody knows, with an event of its own. */
  unknownItem(): void {
    const output_index = this.list.output.length;
    const item = {
      id: `xx_${output_index}`,
      type: "simulated_future_call",
      status: "completed",
      payload: { answer: 42 },
    };
    this.add({ type: "response.output_item.added", output_index, item });
    this.add({ type: "response.simulated_future_call.progress", output_index, item_id: item.id, progress: 0.5 });
    this.add({ type: "response.output_item.done", output_index, item });
    this.list.output.push(item);
  }

  #reasoning(summary: string[], withEncrypted: boolean): void {
    const output_index = this.list.output.length;
    const item_id = this.#ids.item("rs", output_index);
    if (output_index === 0) this.#partnered = true;
    const encrypted = withEncrypted ? { encrypted_content: this.#ids.encryptedContent(output_index) } : {};
    const base = { id: item_id, type: "reasoning", ...encrypted };
    this.add({ type: "response.output_item.added", output_index, item: { ...base, summary: [] } });
    const parts = summary.map((text, summary_index) => {
      const place = { item_id, output_index, summary_index };
      this.add({ type: "response.reasoning_summary_part.added", ...place, part: { type: "summary_text", text: "" } });
      this.#deltasOf("response.reasoning_summary_text.delta", text, place, "");
      this.add({ type: "response.reasoning_summary_text.done", ...place, text });
      const part = { type: "summary_text", text };
      this.add({ type: "response.reasoning_summary_part.done", ...place, part });
      return part;
    });
    this.list.pieces.reasoning = this.list.pieces.all;
    this.#done(output_index, { ...base, summary: parts });
  }

  #message(item: Extract<PlannedItem, { kind: "message" | "refusal" }>): void {
    const output_index = this.list.output.length;
    const item_id = this.#ids.item("msg", output_index, this.#partnered);
    const phase = item.kind === "message" && item.phase ? { phase: item.phase } : {};
    const base = { id: item_id, type: "message", role: "assistant", ...phase };
    this.add({
      type: "response.output_item.added",
      output_index,
      item: { ...base, status: "in_progress", content: [] },
    });
    const place = { item_id, output_index, content_index: 0 };
    if (item.kind === "refusal") {
      this.add({ type: "response.content_part.added", ...place, part: { type: "refusal", refusal: "" } });
      this.#deltasOf("response.refusal.delta", item.text, place, "");
      this.add({ type: "response.refusal.done", ...place, refusal: item.text });
      const part = { type: "refusal", refusal: item.text };
      this.add({ type: "response.content_part.done", ...place, part });
      this.#done(output_index, { ...base, status: "completed", content: [part] });
      return;
    }
    const empty = { type: "output_text", annotations: [], logprobs: [], text: "" };
    this.add({ type: "response.content_part.added", ...place, part: empty });
    this.#deltasOf("response.output_text.delta", item.text, place, ',"logprobs":[]');
    const annotations = (item.citations ?? []).map((source, annotation_index) => {
      const annotation = { type: "url_citation", start_index: 0, end_index: item.text.length, ...source };
      this.add({ type: "response.output_text.annotation.added", ...place, annotation_index, annotation });
      return annotation;
    });
    this.add({ type: "response.output_text.done", ...place, text: item.text, logprobs: [] });
    const part = { ...empty, annotations, text: item.text };
    this.add({ type: "response.content_part.done", ...place, part });
    this.#done(output_index, { ...base, status: "completed", content: [part] });
  }

  #toolCall(item: Extract<PlannedItem, { kind: "function_call" | "custom_tool_call" }>): void {
    const output_index = this.list.output.length;
    const custom = item.kind === "custom_tool_call";
    const item_id = this.#ids.item(custom ? "ctc" : "fc", output_index, this.#partnered);
    const text = custom ? item.input : item.arguments;
    const field = custom ? "input" : "arguments";
    const event = custom ? "response.custom_tool_call_input" : "response.function_call_arguments";
    const namespace = item.namespace === undefined ? {} : { namespace: item.namespace };
    const call_id = this.#ids.call(this.#calls++);
    const made = (status: string, value: string) => ({
      id: item_id,
      type: item.kind,
      status,
      [field]: value,
      call_id,
      name: item.name,
      ...namespace,
    });
    this.add({ type: "response.output_item.added", output_index, item: made("in_progress", "") });
    const deltas = this.#deltas ?? Math.ceil(text.length / argumentPiece);
    this.#deltasOf(`${event}.delta`, text, { item_id, output_index }, "", deltas);
    this.add({ type: `${event}.done`, item_id, output_index, [field]: text });
    this.#done(output_index, made("completed", text));
  }

  #image(prompt: string): void {
    const output_index = this.list.output.length;
    const item_id = this.#ids.item("ig", output_index);
    const look = { background: "opaque", output_format: "png", quality: "low", size: "1024x1024" };
    const item = { id: item_id, type: "image_generation_call", status: "in_progress" };
    this.add({ type: "response.output_item.added", output_index, item });
    const place = { item_id, output_index };
    this.add({ type: "response.image_generation_call.in_progress", ...place });
    this.add({ type: "response.image_generation_call.generating", ...place });
    const partial = { partial_image_index: 0, partial_image_b64: pixelPng, ...look };
    this.add({ type: "response.image_generation_call.partial_image", ...place, ...partial });
    this.add({ type: "response.image_generation_call.completed", ...place });
    this.#done(output_index, { ...item, status: "completed", ...look, result: pixelPng, revised_prompt: prompt });
  }

  #search(search: Extract<PlannedItem, { kind: "search" }>): void {
    const output_index = this.list.output.length;
    const item_id = this.#ids.item("ws", output_index);
    const item = { id: item_id, type: "web_search_call", status: "in_progress" };
    this.add({ type: "response.output_item.added", output_index, item });
    for (const step of ["in_progress", "searching", "completed"]) {
      this.add({ type: `response.web_search_call.${step}`, item_id, output_index });
    }
    const found = search.results.map(({ url }) => ({ type: "url", url }));
    const action = { type: "search", query: search.query, sources: found };
    this.#done(output_index, { ...item, status: "completed", action });
  }

  #done(output_index: number, item: Record<string, unknown>): void {
    this.list.output.push(item);
    this.add({ type: "response.output_item.done", output_index, item });
  }

  /** The hot loop: the fixed parts of a delta event are written once, not once an event. */
  #deltasOf(type: string, text: string, place: object, extra: string, deltas = this.#deltas): void {
    const head = `event: ${type}\ndata: {"type":"${type}","sequence_number":`;
    const middle = `,${JSON.stringify(place).slice(1, -1)},"delta":`;
    const { events } = this.list;
    for (const piece of splitText(text, deltas)) {
      const hidden = padding.slice(0, 16 - (piece.length % 16));
      events.push(`${head}${this.#sequence++}${middle}${JSON.stringify(piece)}${extra},"obfuscation":"${hidden}"}\n\n`);
      this.list.pieces.all++;
    }
  }
}
