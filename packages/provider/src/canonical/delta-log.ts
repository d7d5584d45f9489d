import type { EventData, ResponseEvent } from "./events.js";
import { IndexReader } from "./index-reader.js";

/** After so many pieces a text is put together: cheaper than at each, and less to hold. */
const piecesAtOnce = 32;

/**
 * The deltas of an answer that is not whole yet, in little room: so many events are kept as they came, then those that go on
 * with one text become one. A token is some letters in an event of 300; the events of a thousand streams would fill 50 MiB in
 * a minute, all for the rare end that asks for them.
 */
export class DeltaLog {
  readonly #maxEvents: number;
  #events: ResponseEvent[] = [];
  /** What the events before them were. */
  #deltas: EventData[] = [];
  /** What goes on with the last of those. */
  #pieces: string[] = [];
  readonly #outputIndex = new IndexReader("output_index");
  readonly #contentIndex = new IndexReader("content_index");
  readonly #summaryIndex = new IndexReader("summary_index");

  constructor(maxEvents: number) {
    this.#maxEvents = maxEvents;
  }

  /** Takes any event; of those that are no deltas nothing remains. */
  add(event: ResponseEvent): void {
    if (this.#maxEvents === 0) this.#read(event);
    else this.#events.push(event);
    if (this.#events.length > this.#maxEvents) this.#readEvents();
  }

  clear(): void {
    if (this.#events.length > 0) this.#events = [];
    if (this.#deltas.length > 0) this.#deltas = [];
    if (this.#pieces.length > 0) this.#pieces = [];
  }

  /** In the order in which they came. */
  deltas(): readonly EventData[] {
    this.#readEvents();
    this.#join();
    return this.#deltas;
  }

  #readEvents(): void {
    for (const event of this.#events) this.#read(event);
    this.#events = [];
  }

  #read(event: ResponseEvent): void {
    if (!event.type.endsWith(".delta")) return;
    const last = this.#deltas[this.#deltas.length - 1];
    if (last !== undefined && this.#continues(last, event)) {
      // Parsed, it is a string of its own; the literal is a view of the event.
      this.#pieces.push(JSON.parse(event.deltaLiteral));
      if (this.#pieces.length === piecesAtOnce) this.#join();
      return;
    }
    this.#join();
    // Only what is asked for later, in a copy: the event holds on to all that came in one read with it.
    const { type, output_index, content_index, summary_index, item_id, delta } = event.data;
    this.#deltas.push({ type, output_index, content_index, summary_index, item_id, delta } as EventData);
  }

  #continues(last: EventData, event: ResponseEvent): boolean {
    return (
      event.type === last.type &&
      typeof last.delta === "string" &&
      last.output_index !== undefined &&
      this.#outputIndex.equals(event, last.output_index) &&
      this.#contentIndex.equals(event, last.content_index) &&
      this.#summaryIndex.equals(event, last.summary_index)
    );
  }

  #join(): void {
    const last = this.#deltas[this.#deltas.length - 1];
    if (last === undefined || this.#pieces.length === 0) return;
    last.delta = `${last.delta}${this.#pieces.join("")}`;
    this.#pieces = [];
  }
}
