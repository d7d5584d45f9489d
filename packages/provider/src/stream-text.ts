import { type CodexError, toCodexError } from "@codex/errors";
import { isTerminal, type ResponseEvent, type Usage } from "./canonical/events.js";
import type { StreamEncoder } from "./dialects/dialect.js";
import { defaultTimeLimits } from "./time-limits.js";

export interface StreamTextOptions {
  /** Called once, when the text is over. */
  finish?: ((ended: { error?: CodexError; usage?: Usage }) => void) | undefined;
  /** Called when the answer is whole, before its last text goes out, which waits for it. Must not fail. */
  beforeEnd?: (() => void | Promise<void>) | undefined;
  /** Called once, with the first batch that holds a delta: of text, of reasoning, of a tool call. */
  onFirstToken?: (() => void) | undefined;
  /** How long before a sign of life. Default `keepAliveMs` of the time limits. */
  silenceMs?: number | undefined;
}

/**
 * The wire text of a committed stream: one piece a batch, a keep-alive for an empty one and in silence, a failure as the
 * encoder's in-band error. Ends when the answer has ended; never rejects.
 */
export function streamText(
  events: AsyncIterable<ResponseEvent[]>,
  encoder: StreamEncoder,
  options: StreamTextOptions,
): AsyncIterableIterator<string> {
  return new StreamText(events[Symbol.asyncIterator](), encoder, options);
}

type Read = IteratorResult<ResponseEvent[], unknown>;
type Piece = IteratorResult<string>;

/**
 * An iterator by hand, because a read under way must survive a keep-alive, and because every layer of async functions
 * costs some promises a batch: a stream that trickles is nothing but batches of one event.
 */
class StreamText implements AsyncIterableIterator<string> {
  readonly #source: AsyncIterator<ResponseEvent[], unknown>;
  readonly #encoder: StreamEncoder;
  readonly #options: StreamTextOptions;
  readonly #silence: NodeJS.Timeout;
  #isReading = false;
  #waiting: ((piece: Piece) => void) | undefined;
  /** What a read gave after its reader had been sent on with a keep-alive. */
  #late: (() => void) | undefined;
  #over = false;
  #onFirstToken: (() => void) | undefined;

  constructor(source: AsyncIterator<ResponseEvent[], unknown>, encoder: StreamEncoder, options: StreamTextOptions) {
    this.#source = source;
    this.#encoder = encoder;
    this.#options = options;
    this.#onFirstToken = options.onFirstToken;
    const silenceMs = options.silenceMs ?? defaultTimeLimits.keepAliveMs;
    this.#silence = setTimeout(() => this.#answer(this.#encoder.keepAlive()), silenceMs);
    // A reader that goes away without a word must not keep the process for the rest of a silence.
    this.#silence.unref();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Piece> {
    if (this.#over) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve) => {
      this.#waiting = resolve;
      this.#silence.refresh();
      const late = this.#late;
      this.#late = undefined;
      if (late !== undefined) late();
      else if (!this.#isReading) this.#read();
    });
  }

  /** A consumer that stops reading. A read under way is only freed by the signal: a generator's return waits behind it. */
  async return(): Promise<Piece> {
    if (!this.#over) {
      this.#finish({ error: toCodexError(new DOMException("The reader stopped.", "AbortError")) });
      this.#release();
    }
    return { value: undefined, done: true };
  }

  #read(): void {
    this.#isReading = true;
    this.#source.next().then(this.#onRead, this.#onError);
  }

  readonly #onRead = (read: Read): void => {
    this.#isReading = false;
    if (this.#over) return;
    if (this.#waiting === undefined) this.#late = () => this.#encode(read);
    else this.#encode(read);
  };

  readonly #onError = (thrown: unknown): void => {
    this.#isReading = false;
    if (this.#over) return;
    if (this.#waiting === undefined) this.#late = () => this.#fail(thrown);
    else this.#fail(thrown);
  };

  #encode(read: Read): void {
    try {
      if (read.done) this.#close(this.#encoder.end());
      else if (read.value.length === 0) this.#answer(this.#encoder.keepAlive());
      else this.#encodeBatch(read.value);
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  #encodeBatch(batch: ResponseEvent[]): void {
    if (this.#onFirstToken !== undefined && batch.some(isDelta)) {
      this.#onFirstToken();
      this.#onFirstToken = undefined;
    }
    let text = "";
    for (const event of batch) text += this.#encoder.event(event);
    const last = batch[batch.length - 1] as ResponseEvent;
    // The end leaves in the same write as the last event.
    if (isTerminal(last.type)) this.#closeWhole(text, last);
    else if (text === "") this.#read();
    else this.#answer(text);
  }

  #answer(text: string): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.(text === "" ? { value: undefined, done: true } : { value: text, done: false });
  }

  #fail(thrown: unknown): void {
    const error = toCodexError(thrown);
    this.#finish({ error });
    this.#release();
    this.#answer(this.#encoder.error(error) + this.#encoder.end());
  }

  /** Synchronous where nobody has to be waited for. */
  #closeWhole(text: string, last: ResponseEvent): void {
    const waited = this.#options.beforeEnd?.();
    if (waited === undefined) this.#close(text + this.#encoder.end(), last);
    else void waited.then(() => this.#over || this.#close(text + this.#encoder.end(), last));
  }

  #close(text: string, last?: ResponseEvent): void {
    // The terminal event is large: it is only opened for somebody who listens.
    const usage = this.#options.finish && last?.data.response?.usage;
    this.#finish(usage ? { usage } : {});
    this.#release();
    this.#answer(text);
  }

  #finish(ended: { error?: CodexError; usage?: Usage }): void {
    this.#over = true;
    clearTimeout(this.#silence);
    this.#options.finish?.(ended);
  }

  #release(): void {
    this.#source.return?.().catch(() => {});
  }
}

function isDelta(event: ResponseEvent): boolean {
  return event.type.endsWith(".delta");
}
