import type { EventData, ResponseEvent } from "./events.js";
import { IndexReader } from "./index-reader.js";

/** After so many pieces a text is put together: cheaper than at each, and less to hold. */
const piecesAtOnce = 32;

/**
 * The deltas of an answer that is not whole yet, in little room: those that go on with one text become one. A token is
 * some letters in an event of 300; kept as they came, the events of a thousand streams would fill 50 MiB in a minute,
 * all for the rare end that asks for them.
 */
export class DeltaLog {
  #deltas: EventData[] = [];
  /** What goes on with the last of them. */
  #pieces: string[] = [];
  readonly #outputIndex = new IndexReader("output_index");
  readonly #contentIndex = new IndexReader("content_index");
  readonly #summaryIndex = new IndexReader("summary_index");

  /** Events that are no deltas are not kept. */
  add(event: ResponseEvent): void {
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

  clear(): void {
    if (this.#deltas.length === 0) return;
    this.#deltas = [];
    this.#pieces = [];
  }

  /** In the order in which they came. */
  deltas(): readonly EventData[] {
    this.#join();
    return this.#deltas;
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

  #join(): void {
    const last = this.#deltas[this.#deltas.length - 1];
    if (last === undefined || this.#pieces.length === 0) return;
    last.delta = `${last.delta}${this.#pieces.join("")}`;
    this.#pieces = [];
  }
}
