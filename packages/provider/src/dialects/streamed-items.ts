import type { OutputItem, ResponseEvent } from "../canonical/events.js";
import { IndexReader } from "../canonical/index-reader.js";
import type { TextLength } from "./text-length.js";

/** Where the text of a message goes. */
export type Channel = "content" | "reasoning" | "none";

/** What an encoder knows of one part of an item while it streams: how much of its text has gone out. */
export interface StreamedPart extends TextLength {
  /** Characters of content before it, by which its citations move. */
  base: number;
  /** How many of its citations have been handled. */
  annotations: number;
}

/** What an encoder knows of one output item while it streams. */
export interface StreamedItem {
  id: string | undefined;
  done: boolean;
  /** Where the text of a message goes. */
  channel: Channel;
  content: StreamedPart[];
  summary: StreamedPart[];
  /** Set once the call's id and name have gone out. */
  call: StreamedCall | undefined;
}

/** What goes around each piece of a call's arguments, and how much of them has gone out. */
export interface StreamedCall extends TextLength {
  before: string;
  after: string;
}

/** A part by its index; it is made when it is not there yet. */
export function partAt(parts: StreamedPart[], index: number): StreamedPart {
  let part = parts[index];
  if (part === undefined) {
    part = { units: 0, characters: 0, base: 0, annotations: 0 };
    parts[index] = part;
  }
  return part;
}

/** The items of one answer, and which of them an event belongs to. */
export class ItemBook {
  readonly #items = new Map<number, StreamedItem>();
  readonly #byId = new Map<string, StreamedItem>();
  /** One more than the largest index. */
  #nextIndex = 0;
  /** In the order of the output; put together once, when the end is looked at. */
  #ordered: StreamedItem[] | undefined;
  readonly #open = new Set<StreamedItem>();
  readonly #outputIndex = new IndexReader("output_index");
  /** The only open item, which is the one that deltas belong to without looking: nearly always there is just one. */
  #only: StreamedItem | undefined;
  #last: StreamedItem | undefined;

  /** The item that `output_item.added` tells of. */
  open(event: ResponseEvent, item: OutputItem): StreamedItem {
    const known = this.#find(event, item) ?? this.#add(this.#outputIndex.read(event), item);
    if (!known.done) this.#open.add(known);
    return this.#choose(known, item);
  }

  /** The item that `output_item.done` tells of. */
  close(event: ResponseEvent, item: OutputItem): StreamedItem {
    const known = this.#find(event, item) ?? this.#add(this.#outputIndex.read(event), item);
    this.#open.delete(known);
    return this.#choose(known, item);
  }

  /** The item that any other event belongs to. */
  of(event: ResponseEvent): StreamedItem {
    if (this.#only !== undefined) return this.#only;
    this.#last = this.#find(event, undefined) ?? this.#add(this.#outputIndex.read(event), undefined);
    return this.#last;
  }

  /**
   * What an item of the final `output` was in the stream: by id, and by position only where no ids are known, since
   * `output` may lack items that were streamed.
   */
  final(item: OutputItem, position: number): StreamedItem {
    this.#ordered ??= [...this.#items.entries()].sort(([a], [b]) => a - b).map(([, known]) => known);
    const byId = item.id === undefined ? undefined : this.#byId.get(item.id);
    const hasIds = item.id !== undefined && this.#byId.size > 0;
    return byId ?? (hasIds ? undefined : this.#ordered[position]) ?? this.#add(undefined, item);
  }

  #choose(known: StreamedItem, item: OutputItem): StreamedItem {
    if (known.id === undefined && typeof item.id === "string") this.#name(known, item.id);
    const [first] = this.#open;
    this.#only = this.#open.size === 1 ? first : undefined;
    this.#last = known;
    return known;
  }

  /** By `output_index`, else by id; an event that has neither belongs to the item before it. */
  #find(event: ResponseEvent, item: OutputItem | undefined): StreamedItem | undefined {
    const index = this.#outputIndex.read(event);
    if (index !== undefined) return this.#items.get(index);
    const id = item === undefined ? event.data.item_id : item.id;
    if (id === undefined) return item === undefined ? this.#last : undefined;
    return this.#byId.get(id);
  }

  #add(index: number | undefined, item: OutputItem | undefined): StreamedItem {
    const made: StreamedItem = {
      id: undefined,
      done: false,
      channel: "content",
      content: [],
      summary: [],
      call: undefined,
    };
    const at = index ?? this.#nextIndex;
    this.#items.set(at, made);
    this.#nextIndex = Math.max(this.#nextIndex, at + 1);
    this.#ordered?.push(made);
    if (typeof item?.id === "string") this.#name(made, item.id);
    return made;
  }

  /** The first item of an id is the one that it means. */
  #name(item: StreamedItem, id: string): void {
    item.id = id;
    if (!this.#byId.has(id)) this.#byId.set(id, item);
  }
}
