import type { OutputItem, ResponseEvent, ResponseObject } from "../canonical/events.js";
import { createEvent } from "../canonical/events.js";
import { normalEvents } from "../canonical/normal-events.js";
import type { AnswerEnd } from "../dialects/dialect.js";
import { type CutOptions, roughTokens, usageOfCut, usageOfRest } from "./cut-usage.js";
import { pieceEvent, pieceFields, type ShownItem, ShownOutput, type ShownText, wholeFields } from "./shown-output.js";
import { createStopScanner } from "./stop.js";
import { CountedText, TokenCap } from "./token-cap.js";
import { loadTokenizer, type Tokenizer } from "./tokenizer.js";

type Batch = ResponseEvent[];
type Read = IteratorResult<Batch>;

/**
 * An answer's events up to a stop sequence or a number of tokens of visible output: texts, refusals, and what tools are
 * called with. At the cut what is open is closed, the response ends as if the backend had ended it, and the backend's
 * request is given up, unless it ends within a second and tells what it has used. The last event is a batch of its own.
 */
export function cutEvents(
  events: AsyncIterable<Batch>,
  end: AnswerEnd,
  options: CutOptions,
): AsyncIterableIterator<Batch> {
  return new CutEvents(events[Symbol.asyncIterator](), end, options);
}

/** By hand, like the readers below it: a cap that is never reached must cost little. */
class CutEvents implements AsyncIterableIterator<Batch> {
  readonly #source: AsyncIterator<Batch, unknown>;
  readonly #end: AnswerEnd;
  readonly #cap: TokenCap | undefined;
  readonly #output: ShownOutput;
  #created: ResponseEvent | undefined;
  #tokenizer: Tokenizer | undefined;
  #over = false;
  /** Why it was cut, until that has been said. */
  #cutBy: "stop" | "length" | undefined;
  readonly #options: CutOptions;
  /** What of the batch at hand is still to be looked at, in good order: whichever way a text came, it comes in pieces here. */
  #batch: Batch = [];
  readonly #normal = normalEvents((event) => this.#batch.push(event), { onEnd: (_, event) => this.#batch.push(event) });
  /** What comes out of the batch at hand. */
  #out: Batch = [];

  constructor(source: AsyncIterator<Batch, unknown>, end: AnswerEnd, options: CutOptions) {
    this.#options = options;
    this.#source = source;
    this.#end = end;
    this.#cap = end.maxTokens === undefined ? undefined : new TokenCap(end.maxTokens);
    const { stop } = end;
    this.#output = new ShownOutput((field, item) =>
      stop !== undefined && field === "text" && this.#isVisible(item) ? createStopScanner(stop) : undefined,
    );
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Read> {
    if (!this.#over) return this.#source.next().then(this.#onRead);
    if (this.#cutBy !== undefined) return this.#sayEnd(this.#cutBy);
    return Promise.resolve({ value: undefined, done: true });
  }

  return(): Promise<Read> {
    this.#over = true;
    this.#cutBy = undefined;
    this.#source.return?.().catch(() => {});
    return Promise.resolve({ value: undefined, done: true });
  }

  readonly #onRead = (read: IteratorResult<Batch, unknown>): Read | Promise<Read> => {
    if (read.done || this.#over) return { value: undefined, done: true };
    // An empty batch is a sign of life.
    if (read.value.length === 0) return read;
    this.#out = [];
    this.#batch = [];
    for (const event of read.value) this.#normal.add(event);
    return this.#take(this.#batch, 0);
  };

  #take(batch: Batch, from: number): Read | Promise<Read> {
    for (let at = from; at < batch.length && !this.#over; at++) {
      const waiting = this.#event(batch[at] as ResponseEvent);
      if (waiting !== undefined) return waiting.then(() => this.#take(batch, at + 1));
    }
    return this.#out.length === 0 ? this.next() : { value: this.#out, done: false };
  }

  #event(event: ResponseEvent): Promise<void> | undefined {
    const field = pieceFields.get(event.type);
    if (field !== undefined) {
      const shown = this.#output.itemOf(event);
      const text = this.#output.textOf(event, shown, field);
      const piece = decode(event.deltaLiteral);
      return this.#piece(shown, text, piece, (visible) => {
        if (visible === piece) this.#out.push(event);
        else if (visible !== "") this.#out.push(pieceEvent(shown, text, visible));
      });
    }
    const whole = wholeFields.get(event.type);
    if (whole !== undefined) {
      const shown = this.#output.itemOf(event);
      const text = this.#output.textOf(event, shown, whole);
      const given = event.data[whole];
      return this.#whole(event, shown, [[text, typeof given === "string" ? given : ""]]);
    }
    return this.#other(event);
  }

  #other(event: ResponseEvent): Promise<void> | undefined {
    switch (event.type) {
      case "response.created":
        this.#created = event;
        break;
      case "response.output_item.added":
        if (event.data.item) this.#output.told(event, event.data.item);
        break;
      case "response.output_item.done": {
        const { item } = event.data;
        if (!item) break;
        const shown = this.#output.told(event, item);
        return this.#whole(event, shown, this.#output.wholeTexts(shown));
      }
      case "response.output_text.annotation.added":
        this.#output.textOf(event, this.#output.itemOf(event), "text").annotations.push(event.data.annotation);
        break;
    }
    this.#out.push(event);
    return undefined;
  }

  /** An event with whole texts: what pieces have brought of them is known, the rest is looked at now. */
  async #whole(event: ResponseEvent, shown: ShownItem, texts: readonly [ShownText, string][]): Promise<void> {
    for (const [text, whole] of texts) {
      await this.#rest(shown, text, whole);
      if (this.#over) return;
      text.isClosed = true;
    }
    if (event.type === "response.output_item.done") shown.isDone = true;
    this.#out.push(event);
  }

  /** What of a text no piece has brought, and what has been held back. A text without pieces is left to the event itself. */
  async #rest(shown: ShownItem, text: ShownText, whole: string): Promise<void> {
    const hadPieces = text.seen > 0;
    const rest = whole.slice(text.seen);
    const show = (visible: string) => {
      if (visible !== "" && hadPieces) this.#out.push(pieceEvent(shown, text, visible));
    };
    await this.#piece(shown, text, rest, show, true);
  }

  #piece(
    shown: ShownItem,
    text: ShownText,
    piece: string,
    show: (visible: string) => void,
    isLast = false,
  ): Promise<void> | undefined {
    const scanned = text.scanner?.push(piece);
    const stopped = scanned?.stopped ?? false;
    const visible = (scanned?.shown ?? piece) + (isLast && !stopped ? (text.scanner?.flush() ?? "") : "");
    text.seen += piece.length;
    if (this.#cap === undefined || !this.#isVisible(shown.item) || this.#cap.passes(visible)) {
      text.shown += visible;
      show(visible);
      return stopped ? this.#cut(shown, "stop") : undefined;
    }
    const cap = this.#cap;
    return this.#withTokenizer((tokenizer) => {
      const fits = cap.fit(visible, tokenizer, () => this.#shownText());
      const kept = visible.slice(0, fits);
      text.shown += kept;
      show(kept);
      if (fits < visible.length) this.#cut(shown, "length");
      else if (stopped) this.#cut(shown, "stop");
    });
  }

  #withTokenizer(use: (tokenizer: Tokenizer) => void): Promise<void> | undefined {
    if (this.#tokenizer !== undefined) return void use(this.#tokenizer);
    return loadTokenizer().then((tokenizer) => {
      this.#tokenizer = tokenizer;
      if (!this.#over) use(tokenizer);
    });
  }

  #cut(last: ShownItem, reason: "stop" | "length"): undefined {
    this.#over = true;
    this.#cutBy = reason;
    for (const event of this.#output.closing(last, reason === "stop" ? "completed" : "incomplete")) {
      this.#out.push(event);
    }
  }

  /** The end goes out once the backend has told the usage, or has had its time. No tokenizer is loaded for this. */
  async #sayEnd(reason: "stop" | "length"): Promise<Read> {
    this.#cutBy = undefined;
    const told = await usageOfRest(this.#source);
    if (told === undefined) this.#options.onEstimate?.();
    const isStop = reason === "stop";
    const response: ResponseObject = {
      ...this.#created?.data.response,
      status: isStop ? "completed" : "incomplete",
      output: [],
      usage: usageOfCut(told, this.#options.inputTokens, this.#seenTokens()),
    };
    if (isStop) response.completed_at = Math.floor(Date.now() / 1000);
    else response.incomplete_details = { reason: "max_output_tokens" };
    return {
      value: [createEvent({ type: isStop ? "response.completed" : "response.incomplete", response })],
      done: false,
    };
  }

  #seenTokens(): number {
    const text = this.#shownText();
    if (this.#tokenizer === undefined) return roughTokens(text);
    const counted = new CountedText(this.#tokenizer);
    counted.add(text);
    return counted.tokens();
  }

  #shownText(): string {
    let whole = "";
    for (const [{ item }, { shown }] of this.#output.texts()) if (this.#isVisible(item)) whole += shown;
    return whole;
  }

  #isVisible(item: OutputItem): boolean {
    return !(this.#end.hidesCommentary && item.phase === "commentary");
  }
}

function decode(literal: string): string {
  return literal.includes("\\") ? (JSON.parse(literal) as string) : literal.slice(1, -1);
}
