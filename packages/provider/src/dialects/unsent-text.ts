import type { ResponseEvent } from "../canonical/events.js";
import { textOf } from "./item-parts.js";
import type { TextLength } from "./text-length.js";

/**
 * The text of a `done` event of which no delta has come. Where some have, the event is not even parsed: what they may
 * have missed comes with `output_item.done`.
 */
export function unsent(event: ResponseEvent, field: string, sent: TextLength): string {
  return sent.units > 0 ? '""' : JSON.stringify(textOf(event.data[field]));
}

/** What of a text that came whole has not gone out yet, as a literal; nearly always nothing, or all of it. */
export function restOf(whole: unknown, sent: TextLength): string {
  return JSON.stringify(textOf(whole).slice(sent.units));
}
