import type { ResponseEvent } from "../canonical/events.js";

const zero = 48;
const nine = 57;

export type IndexKey = "output_index" | "content_index" | "summary_index";

/**
 * Reads one small number of events without parsing them. It is looked for first where it was in the event before:
 * events of one kind hardly differ, and comparing in place is several times cheaper than searching. The quotes of
 * the key would be escaped inside a string value, so only a real key can match; any other spelling is parsed.
 */
export class IndexReader {
  readonly #field: IndexKey;
  readonly #key: string;
  #lastAt = 0;

  constructor(field: IndexKey) {
    this.#field = field;
    this.#key = `"${field}":`;
  }

  /** Undefined when the event has no such number. */
  read(event: ResponseEvent): number | undefined {
    const raw = event.raw;
    const key = this.#key;
    // One search that finds at once: comparing a slice of more than 12 letters costs a call into V8's runtime.
    if (raw.indexOf(key, this.#lastAt) !== this.#lastAt) {
      const found = raw.indexOf(key);
      if (found === -1) return this.#parse(event);
      this.#lastAt = found;
    }
    const start = this.#lastAt + key.length;
    let end = start;
    let value = 0;
    let digit = raw.charCodeAt(end);
    while (digit >= zero && digit <= nine) {
      value = value * 10 + digit - zero;
      digit = raw.charCodeAt(++end);
    }
    return end > start ? value : this.#parse(event);
  }

  #parse(event: ResponseEvent): number | undefined {
    const parsed = event.data[this.#field];
    return typeof parsed === "number" ? parsed : undefined;
  }
}

/** The length of a text that goes out piece by piece. */
export interface TextLength {
  /** In UTF-16 units, as JavaScript counts. */
  units: number;
  /** In code points, in which the API counts the places of citations. */
  characters: number;
}

/** Adds the length of the text that a JSON string literal stands for, without decoding it. */
export function addLength(literal: string, length: TextLength): void {
  const last = literal.length - 1;
  let units = 0;
  let halves = 0;
  for (let at = 1; at < last; at++) {
    let code = literal.charCodeAt(at);
    if (code === backslash) {
      at++;
      if (literal.charCodeAt(at) === letterU) {
        code = Number.parseInt(literal.slice(at + 1, at + 5), 16);
        at += 4;
      }
    }
    units++;
    // The second half of a surrogate pair is no character of its own.
    if (code >= 0xdc00 && code <= 0xdfff) halves++;
  }
  length.units += units;
  length.characters += units - halves;
}

const backslash = 92;
const letterU = 117;
