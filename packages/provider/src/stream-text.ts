import { type CodexError, toCodexError } from "@codex/errors";
import { isTerminal, type ResponseEvent, type Usage } from "./canonical/events.js";
import type { StreamEncoder } from "./dialects/dialect.js";

/** A sign of life is written after this much silence, since tunnels and clients close silent connections. */
export const keepAliveMs = 15_000;

export interface StreamTextOptions {
  /** Called once, when the text is over. */
  finish?: ((ended: { error?: CodexError; usage?: Usage }) => void) | undefined;
  /** Called when the answer is whole, before its last text goes out, which waits for it. Must not fail. */
  beforeEnd?: (() => void | Promise<void>) | undefined;
  /** Default `keepAliveMs`. */
  silenceMs?: number;
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

/**
 * An iterator by hand, because a read under way must survive a keep-alive, and because every layer of generators costs
 * some promises a batch.
 */
class StreamText implements AsyncIterableIterator<string> {
  readonly #source: AsyncIterator<ResponseEvent[], unknown>;
  readonly #encoder: StreamEncoder;
  readonly #options: StreamTextOptions;
  readonly #silence: NodeJS.Timeout;
  #reading: Promise<Read> | undefined;
  #onSilence: (() => void) | undefined;
  #over = false;

  constructor(source: AsyncIterator<ResponseEvent[], unknown>, encoder: StreamEncoder, options: StreamTextOptions) {
    this.#source = source;
    this.#encoder = encoder;
    this.#options = options;
    this.#silence = setTimeout(() => this.#onSilence?.(), options.silenceMs ?? keepAliveMs);
    // A reader that goes away without a word must not keep the process for the rest of a silence.
    this.#silence.unref();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<string>> {
    if (this.#over) return { value: undefined, done: true };
    try {
      for (;;) {
        const read = await this.#read();
        if (read === undefined) return { value: this.#encoder.keepAlive(), done: false };
        if (read.done) return this.#close(this.#encoder.end());
        if (read.value.length === 0) return { value: this.#encoder.keepAlive(), done: false };
        let text = "";
        for (const event of read.value) text += this.#encoder.event(event);
        const last = read.value.at(-1);
        // The end leaves in the same write as the last event.
        if (last !== undefined && isTerminal(last.type)) {
          if (this.#options.beforeEnd !== undefined) await this.#options.beforeEnd();
          return this.#close(text + this.#encoder.end(), last);
        }
        if (text !== "") return { value: text, done: false };
      }
    } catch (thrown) {
      const error = toCodexError(thrown);
      this.#finish({ error });
      this.#release();
      return { value: this.#encoder.error(error) + this.#encoder.end(), done: false };
    }
  }

  /** A consumer that stops reading. A read under way is only freed by the signal: a generator's return waits behind it. */
  async return(): Promise<IteratorResult<string>> {
    if (!this.#over) {
      this.#finish({ error: toCodexError(new DOMException("The reader stopped.", "AbortError")) });
      this.#release();
    }
    return { value: undefined, done: true };
  }

  /** The next batch, or undefined when the silence grew too long first; the read then goes on. */
  #read(): Promise<Read | undefined> {
    this.#silence.refresh();
    this.#reading ??= this.#source.next();
    const reading = this.#reading;
    return new Promise((resolve, reject) => {
      this.#onSilence = () => resolve(undefined);
      reading.then(
        (result) => {
          if (this.#reading === reading) this.#reading = undefined;
          resolve(result);
        },
        (error) => {
          this.#reading = undefined;
          reject(error);
        },
      );
    });
  }

  #close(text: string, last?: ResponseEvent): IteratorResult<string> {
    // The terminal event is large: it is only opened for somebody who listens.
    const usage = this.#options.finish && last?.data.response?.usage;
    this.#finish(usage ? { usage } : {});
    this.#release();
    return text === "" ? { value: undefined, done: true } : { value: text, done: false };
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
