import type { ResponseEvent } from "./events.js";

const zero = 48;
const nine = 57;

/** Whether a UTF-16 code unit is a digit; NaN, behind the end of a text, is none. */
export function isDigit(code: number): boolean {
  return code >= zero && code <= nine;
}

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
    while (isDigit(digit)) {
      value = value * 10 + digit - zero;
      digit = raw.charCodeAt(++end);
    }
    return end > start ? value : this.#parse(event);
  }

  /** Whether it is this number or, for undefined, whether there is none, which no event has to be parsed for. */
  equals(event: ResponseEvent, index: number | undefined): boolean {
    if (index === undefined && !event.raw.includes(this.#field)) return true;
    return this.read(event) === index;
  }

  #parse(event: ResponseEvent): number | undefined {
    const parsed = event.data[this.#field];
    return typeof parsed === "number" ? parsed : undefined;
  }
}
