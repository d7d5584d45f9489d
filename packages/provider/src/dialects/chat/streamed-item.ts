import type { OutputItem } from "../../canonical/events.js";
import type { Channel } from "./parts.js";

/** What an encoder knows of one part of an item while it streams. */
export interface StreamedPart {
  /** Whether any of its text has gone out; what its `done` events repeat is then left out. */
  sent: boolean;
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

/** What goes around each piece of a call's arguments, and whether any piece has gone out. */
export interface StreamedCall {
  before: string;
  after: string;
  sent: boolean;
}

export function createStreamedItem(item: OutputItem | undefined): StreamedItem {
  const id = typeof item?.id === "string" ? item.id : undefined;
  return { id, done: false, channel: "content", content: [], summary: [], call: undefined };
}

/** A part by its index; it is made when it is not there yet. */
export function partAt(parts: StreamedPart[], index: number): StreamedPart {
  let part = parts[index];
  if (part === undefined) {
    part = { sent: false, base: 0, annotations: 0 };
    parts[index] = part;
  }
  return part;
}

/**
 * The streamed item that an item of the final `output` is: by id, and by position where the ids say nothing. Positions
 * alone would be wrong, since `output` may lack items that were streamed.
 */
export function findItem(
  items: ReadonlyMap<number, StreamedItem>,
  item: OutputItem,
  position: number,
): StreamedItem | undefined {
  if (item.id !== undefined) {
    for (const known of items.values()) if (known.id === item.id) return known;
    if ([...items.values()].some((known) => known.id !== undefined)) return undefined;
  }
  return [...items.entries()].sort(([a], [b]) => a - b)[position]?.[1];
}
