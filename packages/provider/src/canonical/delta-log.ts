import type { EventData, ResponseEvent } from "./events.js";
import { IndexReader } from "./index-reader.js";

/**
 * The deltas of an answer that is not whole yet, in little room: so many events are kept as they came, then those that go on
 * with one text become one. A token is some letters in an event of 300; the events of a thousand streams would fill 50 MiB in
 * a minute, all for the rare end that asks for them.
 */
export class DeltaLog {
  readonly #maxEvents: number;
  #deltas: EventData[] = [];
  /** What came after them. */
  #events: ResponseEvent[] = [];
  readonly #outputIndex = new IndexReader("output_index");
  readonly #contentIndex = new IndexReader("content_index");
  readonly #summaryIndex = new IndexReader("summary_index");

  constructor(maxEvents: number) {
    this.#maxEvents = maxEvents;
  }

  /** Takes any event; of those that are no deltas nothing remains. */
  add(event: ResponseEvent): void {
    this.#events.push(event);
    if (this.#events.length >= this.#maxEvents) this.#join();
  }

  clear(): void {
    if (this.#events.length > 0) this.#events = [];
    if (this.#deltas.length > 0) this.#deltas = [];
  }

  /** In the order in which they came. */
  deltas(): readonly EventData[] {
    this.#join();
    return this.#deltas;
  }

  #join(): void {
    let last = this.#deltas[this.#deltas.length - 1];
    let literals: string[] = [];
    for (const event of this.#events) {
      if (!event.type.endsWith(".delta")) continue;
      if (last !== undefined && this.#continues(last, event)) {
        literals.push(event.deltaLiteral);
        continue;
      }
      append(last, literals);
      literals = [];
      // Only what is asked for later, in a copy: the event holds on to all that came in one read with it.
      const { type, output_index, content_index, summary_index, item_id, delta } = event.data;
      last = { type, output_index, content_index, summary_index, item_id, delta } as EventData;
      this.#deltas.push(last);
    }
    append(last, literals);
    this.#events = [];
  }

  #continues(last: EventData, event: ResponseEvent): boolean {
    return (
      event.type === last.type &&
      typeof last.delta === "string" &&
      last.output_index !== undefined &&
      this.#outputIndex.read(event) === last.output_index &&
      (last.content_index === undefined || this.#contentIndex.read(event) === last.content_index) &&
      (last.summary_index === undefined || this.#summaryIndex.read(event) === last.summary_index)
    );
  }
}

/** Parsed, they are strings of their own; the literals are views of the events. */
function append(last: EventData | undefined, literals: readonly string[]): void {
  if (last === undefined || literals.length === 0) return;
  const texts = JSON.parse(`[${literals.join(",")}]`) as string[];
  last.delta = `${last.delta}${texts.join("")}`;
}
