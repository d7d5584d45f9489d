import type { AnswerItem } from "./answer-item.js";
import type { AnswerText, TextKind } from "./answer-text.js";
import type { ResponseEvent } from "./events.js";
import { isDigit } from "./index-reader.js";

/**
 * The text that goes on, and how its deltas say that they are its own: two short searches for all that is to be looked up
 * else. The numbers may stand in any order, before the delta or behind it, as they do with the backend.
 */
export interface Flow {
  readonly kind: TextKind | undefined;
  readonly item: AnswerItem;
  readonly text: AnswerText;
  readonly place: Mark;
  /** Calls have no parts. */
  readonly part: Mark | undefined;
}

/** A key with its number, and from where it is looked for: no event of the flow so far had it before that. */
interface Mark {
  key: string;
  from: number;
}

/**
 * @param before the flow until now, whose marks have been missed by the event: it may have them earlier than all before it
 * @returns undefined where a delta does not name its place
 */
export function flowOf(
  { raw }: ResponseEvent,
  item: AnswerItem,
  text: AnswerText,
  before: Flow | undefined,
): Flow | undefined {
  const known = before?.text === text ? before : undefined;
  const place = markOf(raw, `"output_index":${item.source}`, known?.place);
  if (item.isCall) return place && { kind: text.kind, item, text, place, part: undefined };
  const field = text.kind === "summary_text" ? "summary_index" : "content_index";
  const part = markOf(raw, `"${field}":${text.source}`, known?.part);
  return place && part && { kind: text.kind, item, text, place, part };
}

/** Whether an event is about the place and the part of a flow. No search for what would take longer than to look it up. */
export function isInFlow({ raw }: ResponseEvent, { place, part }: Flow): boolean {
  return holds(raw, place) && (part === undefined || holds(raw, part));
}

function markOf(raw: string, key: string, known: Mark | undefined): Mark | undefined {
  const at = raw.indexOf(key);
  if (at === -1) return undefined;
  return { key, from: known === undefined ? at : Math.min(at, known.from) };
}

/** The quotes of a key would be escaped inside of a text, so only a real one can match. */
function holds(raw: string, { key, from }: Mark): boolean {
  const at = raw.indexOf(key, from);
  return at !== -1 && !isDigit(raw.charCodeAt(at + key.length));
}
