import { AnswerText, fieldOf, itemTypeOf, type TextKind } from "./answer-text.js";
import type { OutputItem } from "./events.js";

/** Places beyond this are not believed. */
const mostParts = 256;

/** How many parts are compared to tell whether an item may be this one. */
const partsCompared = 8;

/** One output item of an answer while it comes. */
export class AnswerItem {
  readonly type: string;
  /** The first id that it was called by; some backends give it another one with every event. */
  id: string | undefined;
  /** The id of the event before. */
  lastId: string | undefined;
  /** Its place in the output, from 0 without gaps, in the order in which items began; -1 as long as it hasn't. */
  index = -1;
  /** Its `output_index` as the backend counts. */
  source: number | undefined;
  /** What events have said of it, texts aside: those count that were sent. */
  data: OutputItem | undefined;
  isDone = false;
  /** Whether `data` is what it is, texts and all. */
  isAsTold = false;
  /** Whether no caller gets it. */
  isLeftOut = false;
  readonly content: AnswerText[] = [];
  readonly summary: AnswerText[] = [];
  call: AnswerText | undefined;
  /** What can't change any more, since it has been sent. */
  sent: Record<string, unknown> = {};
  /** What a dialect notes of it. */
  view: unknown;
  /** The parts that are at another place than the backend counts, by kind and that. */
  readonly #odd = new Map<string, AnswerText>();

  constructor(type: string, source: number | undefined) {
    this.type = type;
    this.source = source;
  }

  get isOpen(): boolean {
    return this.index >= 0;
  }

  get isCall(): boolean {
    return this.type === "function_call" || this.type === "custom_tool_call";
  }

  /** Notes what callers know a call by from here on. */
  keepNames(inOneText: boolean): void {
    if (!this.isCall) return;
    const { name, namespace, call_id } = (this.data ?? {}) as Partial<OutputItem>;
    const id = call_id ?? (inOneText ? this.id : undefined);
    for (const [key, value] of Object.entries({ name, namespace, call_id: id })) {
      if (value !== undefined && value !== null && value !== "") this.sent[key] = value;
    }
  }

  /** Notes by which phase it is decided where its text goes. */
  keepPhase(): void {
    if (this.type === "message" && !("phase" in this.sent)) this.sent.phase = this.data?.phase;
  }

  /** The text of a kind at a place as the backend counts; it is made when it is not there yet. */
  text(kind: TextKind | undefined, source: number): AnswerText {
    if (kind === "arguments" || kind === "input") {
      this.call ??= new AnswerText(kind, 0, 0);
      return this.call;
    }
    const list = kind === "summary_text" ? this.summary : this.content;
    const usual = list[source];
    if (usual !== undefined && usual.kind === kind && usual.source === source) return usual;
    const key = `${kind} ${source}`;
    const known = this.#odd.get(key);
    if (known !== undefined) return known;
    // Parts before it that nothing has mentioned yet keep their places.
    for (let gap = list.length; gap < source && source < mostParts; gap++) list.push(new AnswerText(kind, gap, gap));
    const made = new AnswerText(kind, list.length, source);
    if (made.index !== source) this.#odd.set(key, made);
    list.push(made);
    return made;
  }

  /** The parts beside a text, itself included. */
  partsBeside(text: AnswerText): readonly AnswerText[] {
    return text.kind === "summary_text" ? this.summary : this.content;
  }

  texts(): AnswerText[] {
    return this.call === undefined ? [...this.summary, ...this.content] : [this.call];
  }

  /** The texts that an item as told has, each with its place here. Arguments that are no text are written as JSON. */
  textsOf(told: OutputItem): { text: AnswerText; given: string; part: Record<string, unknown> | undefined }[] {
    if (this.isCall) {
      const kind = this.type === "function_call" ? "arguments" : "input";
      return [{ text: this.text(kind, 0), given: asText(told[kind]), part: undefined }];
    }
    if (this.type !== "message" && this.type !== "reasoning") return [];
    return [...this.#partsOf(told.summary), ...this.#partsOf(told.content)];
  }

  /** Whether an item as told may be this one: no text of it speaks against another. */
  agreesWith(told: OutputItem): boolean {
    const agrees = (text: AnswerText | undefined, given: string) => {
      const whole = text?.whole ?? "";
      return given.startsWith(whole) || whole.startsWith(given);
    };
    if (this.isCall) return agrees(this.call, asText(told.arguments ?? told.input));
    // Of many parts the first will do.
    const parts = (list: unknown, texts: readonly AnswerText[]) =>
      !Array.isArray(list) ||
      list.slice(0, partsCompared).every((part, at) => {
        const kind = this.kindOfPart(part?.type);
        const text = texts[at]?.kind === kind ? texts[at] : undefined;
        return kind === undefined || agrees(text, asText(part[fieldOf[kind]]));
      });
    return parts(told.summary, this.summary) && parts(told.content, this.content);
  }

  /** Whether it is just as told, so that what told it can be sent as it came. `raw` is the event that did. */
  isTold(told: OutputItem, raw: string): boolean {
    for (const key in this.sent) if (told[key] !== this.sent[key]) return false;
    if (told.id !== this.id) return false;
    if (this.isCall)
      return typeof told[this.type === "function_call" ? "arguments" : "input"] === "string" && this.#repeats(raw);
    if (this.type !== "message" && this.type !== "reasoning") return true;
    return (
      lengthOf(told.summary) === this.summary.length &&
      lengthOf(told.content) === this.content.length &&
      this.#repeats(raw)
    );
  }

  #repeats(event: string): boolean {
    const texts = this.texts();
    // Only the one text of an item is found by searching: of several, one may be the same as another is told to be.
    const raw = texts.length > 1 ? "" : event;
    return texts.every((text) => {
      if (text.kind === undefined) return true;
      if (text.annotations.length !== lengthOf(text.part?.annotations)) return false;
      return text.isRepeatedIn(raw) || (text.more.length === 0 && text.part?.[fieldOf[text.kind]] === text.value);
    });
  }

  /** The item as it is now. */
  toItem(): OutputItem {
    if (this.isAsTold && this.data !== undefined) return this.data;
    const item: OutputItem = { ...this.data, ...this.sent, type: this.type };
    if (this.id !== undefined) item.id = this.id;
    if (this.type === "message") {
      item.role ??= "assistant";
      item.content = toParts(this.content);
    } else if (this.type === "reasoning") {
      item.summary = toParts(this.summary);
      if (this.content.length > 0) item.content = toParts(this.content);
    } else if (this.isCall) {
      item[this.type === "function_call" ? "arguments" : "input"] = this.call?.value ?? "";
    }
    return item;
  }

  /** The item as it began: without its texts. */
  toBeginning(): OutputItem {
    const item: OutputItem = { ...this.data, ...this.sent, type: this.type, status: "in_progress" };
    if (this.id !== undefined) item.id = this.id;
    if (this.type === "message") Object.assign(item, { role: item.role ?? "assistant", content: [] });
    if (this.type === "reasoning") {
      item.summary = [];
      delete item.content;
      delete item.encrypted_content;
    }
    if (this.isCall) item[this.type === "function_call" ? "arguments" : "input"] = "";
    return item;
  }

  #partsOf(value: unknown): { text: AnswerText; given: string; part: Record<string, unknown> }[] {
    if (!Array.isArray(value)) return [];
    return value.flatMap((part: unknown, index) => {
      if (typeof part !== "object" || part === null) return [];
      const fields = part as Record<string, unknown>;
      const kind = this.kindOfPart(fields.type);
      return [
        { text: this.text(kind, index), given: kind === undefined ? "" : asText(fields[fieldOf[kind]]), part: fields },
      ];
    });
  }

  /** The kind of a part in an item of this type. */
  kindOfPart(type: unknown): TextKind | undefined {
    if (type === "text") return this.type === "message" ? "output_text" : "reasoning_text";
    if (typeof type !== "string" || !Object.hasOwn(itemTypeOf, type)) return undefined;
    return itemTypeOf[type as TextKind] === this.type ? (type as TextKind) : undefined;
  }
}

/** A text that an event or item has: some backends give the arguments of a call as the object itself. */
export function asText(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "object" && value !== null ? JSON.stringify(value) : "";
}

/** The parts that have been sent: an empty one that only the final output has is not. */
function toParts(texts: readonly AnswerText[]): Record<string, unknown>[] {
  return texts.filter((text) => text.isOpen).map((text) => text.toPart());
}

function lengthOf(list: unknown): number {
  return Array.isArray(list) ? list.length : 0;
}
