import { CodexError } from "@codex/errors";
import { requireShallowEvent } from "./depth.js";

/**
 * Events of a Responses stream, read as little as possible: the type is known from the framing, a delta is copied
 * as the JSON literal that it already is, and only who looks inside pays for JSON.parse (design: "parsed only when
 * somebody looks inside").
 */

/** One event. `type` and `raw` are always there; `data` parses on first use. */
export class ResponseEvent {
  readonly type: string;
  /** The JSON text of the event, on one line. */
  readonly raw: string;
  // Not a #field: there is one object an event, and private fields double the cost of making it.
  private parsed: EventData | undefined;

  constructor(type: string, raw: string, data?: EventData) {
    this.type = type;
    this.raw = raw;
    this.parsed = data;
  }

  /** The parsed event. Throws `stream_interrupted` for text that is not a JSON object. */
  get data(): EventData {
    this.parsed ??= parseEventData(this.raw);
    return this.parsed;
  }

  /** The event's `delta` as a JSON string literal, quotes and escapes included, ready to be copied into an answer. */
  get deltaLiteral(): string {
    return scanDelta(this.raw) ?? JSON.stringify(typeof this.data.delta === "string" ? this.data.delta : "");
  }
}

/** What an event may carry; every field but `type` is optional because each type has its own. */
export interface EventData {
  type: string;
  sequence_number?: number;
  output_index?: number;
  content_index?: number;
  summary_index?: number;
  item_id?: string;
  delta?: unknown;
  item?: OutputItem;
  response?: ResponseObject;
  [field: string]: unknown;
}

export interface OutputItem {
  type: string;
  id?: string;
  [field: string]: unknown;
}

/** An item that the caller did not get, and its place in the whole output. */
export interface LeftOutItem {
  index: number;
  item: OutputItem;
}

/** The Response object inside `response.created`, `response.completed` and their like. */
export interface ResponseObject {
  id?: string;
  created_at?: number;
  model?: string;
  status?: string;
  output?: OutputItem[];
  usage?: Usage | null;
  error?: { code?: string; type?: string; message?: string; [field: string]: unknown } | null;
  incomplete_details?: { reason?: string } | null;
  [field: string]: unknown;
}

export interface Usage {
  input_tokens: number;
  input_tokens_details?: { cached_tokens?: number; [field: string]: unknown };
  output_tokens: number;
  output_tokens_details?: { reasoning_tokens?: number; [field: string]: unknown };
  total_tokens: number;
  /** Ours: whether some of it is an estimate, of an answer that was cut here. */
  estimated?: boolean;
  [field: string]: unknown;
}

/** Whether the stream is over after an event of this type, in success. `response.done` is an old name of `completed`. */
export function isTerminal(type: string): boolean {
  return type === "response.completed" || type === "response.incomplete" || type === "response.done";
}

/** Whether an event of this type says that the response has failed. */
export function isFailure(type: string): boolean {
  return type === "response.failed" || type === "error";
}

function parseEventData(raw: string): EventData {
  let data: unknown;
  try {
    data = JSON.parse(raw);
  } catch (cause) {
    throw new CodexError("stream_interrupted", "The backend sent an event that is not JSON. Try again.", { cause });
  }
  if (typeof data !== "object" || data === null || Array.isArray(data)) {
    throw new CodexError("stream_interrupted", "The backend sent an event that is not a JSON object. Try again.");
  }
  requireShallowEvent(data, raw.length);
  return data as EventData;
}

/** Makes an event out of data, for transforms that add or change events. */
export function createEvent(data: EventData): ResponseEvent {
  return new ResponseEvent(data.type, JSON.stringify(data), data);
}

const deltaKey = '"delta":"';
const backslash = 92;
const comma = 44;
const openBrace = 123;

/** Where the key was in the event before: events of one kind hardly differ, and a look in place is cheaper than a search. */
let lastKeyAt = 0;

/**
 * The literal after a top-level `"delta":` key, or undefined when the shape is not the plain one (then JSON.parse
 * decides). Inside a string value the key's quotes would be escaped, so behind a comma or a brace it can only be a key;
 * and it is one of the event's own as long as no other brace stands before it.
 */
function scanDelta(raw: string): string | undefined {
  let key = lastKeyAt;
  if (raw.slice(key, key + deltaKey.length) !== deltaKey) {
    key = raw.indexOf(deltaKey);
    if (key === -1) return undefined;
    lastKeyAt = key;
  }
  const before = raw.charCodeAt(key - 1);
  if (before !== comma && before !== openBrace) return undefined;
  const nested = raw.indexOf("{", 1);
  if (raw.charCodeAt(0) !== openBrace || (nested !== -1 && nested < key)) return undefined;
  const start = key + deltaKey.length - 1;
  let end = start;
  let slashes: number;
  do {
    end = raw.indexOf('"', end + 1);
    if (end === -1) return undefined;
    slashes = end - 1;
    while (raw.charCodeAt(slashes) === backslash) slashes--;
  } while ((end - slashes) % 2 === 0);
  return raw.slice(start, end + 1);
}
