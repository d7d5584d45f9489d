import type { ResponseEvent } from "../canonical/events.js";

const zero = 48;
const nine = 57;

/**
 * Reads a small number such as `output_index` from an event without parsing it. `key` is the quoted key with its
 * colon, e.g. `"output_index":`; inside a string value its quotes would be escaped, so it can only match a real key.
 * Any other spelling falls back to the parsed event. Undefined when the event has no such number.
 */
export function readIndex(event: ResponseEvent, key: IndexKey): number | undefined {
  const raw = event.raw;
  const at = raw.indexOf(key);
  if (at !== -1) {
    let end = at + key.length;
    let value = 0;
    let digit = raw.charCodeAt(end);
    while (digit >= zero && digit <= nine) {
      value = value * 10 + digit - zero;
      digit = raw.charCodeAt(++end);
    }
    if (end > at + key.length) return value;
  }
  const parsed = event.data[key.slice(1, -2)];
  return typeof parsed === "number" ? parsed : undefined;
}

export type IndexKey = '"output_index":' | '"content_index":' | '"summary_index":';

/**
 * How many characters (code points, in which the API counts the places of citations) a JSON string literal stands
 * for, counted without decoding it.
 */
export function countCharacters(literal: string): number {
  let count = 0;
  const last = literal.length - 1;
  for (let at = 1; at < last; at++) {
    let code = literal.charCodeAt(at);
    if (code === backslash) {
      at++;
      if (literal.charCodeAt(at) === letterU) {
        code = Number.parseInt(literal.slice(at + 1, at + 5), 16);
        at += 4;
      }
    }
    // The second half of a surrogate pair is no character of its own.
    if (code < 0xdc00 || code > 0xdfff) count++;
  }
  return count;
}

const backslash = 92;
const letterU = 117;
