/** The kinds of text that an answer has, by the type of their part; the last two are what tools are called with. */
export type TextKind = "output_text" | "refusal" | "reasoning_text" | "summary_text" | "arguments" | "input";

/** The item type that a text of this kind belongs to. */
export const itemTypeOf: Readonly<Record<TextKind, string>> = {
  output_text: "message",
  refusal: "message",
  reasoning_text: "reasoning",
  summary_text: "reasoning",
  arguments: "function_call",
  input: "custom_tool_call",
};

/** The field in which parts, items and `done` events have a text of this kind. */
export const fieldOf: Readonly<Record<TextKind, string>> = {
  output_text: "text",
  refusal: "refusal",
  reasoning_text: "text",
  summary_text: "text",
  arguments: "arguments",
  input: "input",
};

/** After so many pieces a text is put together: what is small holds on to the whole read that it is cut from. */
const piecesAtOnce = 32;

/**
 * One text of an answer: what has been sent of it so far, as JSON, since all that is mostly asked is whether an event
 * repeats just that.
 */
export class AnswerText {
  /** Undefined for a part that is no text. */
  readonly kind: TextKind | undefined;
  /** Its place among the parts of its item, from 0 without gaps, in the order in which they came. */
  readonly index: number;
  /** Its place as the backend counts. */
  readonly source: number;
  /** Whether nothing has been sent of it. */
  isEmpty = true;
  /** Whether the events that open and close it have been sent. */
  isOpen = false;
  isTextDone = false;
  isPartDone = false;
  /** The part as an event has told it, whose text and citations are not looked at. */
  part: Record<string, unknown> | undefined;
  readonly annotations: unknown[] = [];
  /** Citations that have come before any of the text, where they can't be placed. */
  early: unknown[] | undefined;
  /** Where it goes on, when other texts have begun in between and there is only one place for all. */
  readonly more: { item: object; text: AnswerText }[] = [];
  /** What a dialect notes of it. */
  view: unknown;
  /** The text so far as JSON without its quotes, in runs of pieces, and the key with which an event repeats it. */
  #runs: string[] = [];
  #key: string | undefined;
  #pieces: string[] = [];

  constructor(kind: TextKind | undefined, index: number, source: number) {
    this.kind = kind;
    this.index = index;
    this.source = source;
  }

  /** Takes a JSON string literal. */
  add(literal: string): void {
    if (literal.length === 2) return;
    this.isEmpty = false;
    this.#key = undefined;
    if (this.#pieces.push(literal) === piecesAtOnce) this.#join();
  }

  /** The text so far as a JSON string literal. */
  get literal(): string {
    this.#join();
    // Put together when it is asked for: done with each run it would copy all that came before.
    if (this.#runs.length > 1) this.#runs = [this.#runs.join("")];
    return `"${this.#runs[0] ?? ""}"`;
  }

  get value(): string {
    return JSON.parse(this.literal) as string;
  }

  /** The text with all that it goes on with elsewhere. */
  get whole(): string {
    let { value } = this;
    for (const { text } of this.more) value += text.value;
    return value;
  }

  /** Whether an event repeats just this text, spelled as it came; false means that it has to be looked at. */
  isRepeatedIn(raw: string): boolean {
    if (this.kind === undefined || this.more.length > 0) return false;
    this.#key ??= [`"${fieldOf[this.kind]}":`, this.literal].join("");
    return raw.includes(this.#key);
  }

  /** The part as it is now. */
  toPart(): Record<string, unknown> {
    const { kind } = this;
    if (kind === undefined) return this.part ?? {};
    if (kind !== "output_text") return { ...this.part, type: kind, [fieldOf[kind]]: this.value };
    return { logprobs: [], ...this.part, type: kind, text: this.value, annotations: this.annotations };
  }

  #join(): void {
    if (this.#pieces.length === 0) return;
    // A copy: the pieces are views of what came in one read with them.
    this.#runs.push(this.#pieces.map((piece) => piece.slice(1, -1)).join(""));
    this.#pieces = [];
  }
}
