import { CodexError } from "@codex/errors";
import { isTerminal, type ResponseEvent } from "../canonical/events.js";
import { defaultTimeLimits, type TimeLimits } from "../time-limits.js";
import { isOutput } from "./output.js";

type Batch = ResponseEvent[];

/**
 * Holds events back until the first one that carries output, or until the patience is over, so that a failure before
 * it keeps its true status and may be retried. What was held comes out first. Rejects with the stream's own failure, or
 * `upstream_timeout` when no first event comes.
 */
export async function holdUntilOutput(
  source: AsyncIterator<Batch>,
  { patienceMs, firstEventMs }: Pick<TimeLimits, "patienceMs" | "firstEventMs"> = defaultTimeLimits,
): Promise<AsyncIterableIterator<Batch>> {
  const held: Batch[] = [];
  let timer: NodeJS.Timeout | undefined;
  let isFirst = true;
  const patience = new Promise<undefined>((resolve) => {
    if (patienceMs !== Number.POSITIVE_INFINITY) timer = setTimeout(resolve, patienceMs, undefined);
  });
  try {
    for (;;) {
      const read = isFirst ? readFirst(source, firstEventMs) : source.next();
      isFirst = false;
      const result = await Promise.race([read, patience]);
      if (result === undefined) {
        // The read goes on; its failure is met when the stream is read, not as an unhandled rejection before that.
        read.catch(() => {});
        // An empty batch has the stream begin with a sign of life: with it the headers reach the caller.
        if (held.length === 0) held.push([]);
        return new HeldEvents(held, read, source);
      }
      if (result.done) return new HeldEvents(held, undefined, source);
      held.push(result.value);
      if (result.value.some((event) => isOutput(event) || isTerminal(event.type))) {
        return new HeldEvents(held, undefined, source);
      }
    }
  } finally {
    clearTimeout(timer);
  }
}

/** The first read, within its time. After that the idle limit of the transport holds. */
function readFirst(source: AsyncIterator<Batch>, limitMs: number): Promise<IteratorResult<Batch>> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      const message = `The backend took the request and sent nothing for ${limitMs / 1000} s. Try again.`;
      reject(new CodexError("upstream_timeout", message));
      source.return?.()?.catch(() => {});
    }, limitMs);
    source
      .next()
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });
}

/** The held batches, then the read that was under way, then the source. Not a generator: it adds no promise a batch. */
class HeldEvents implements AsyncIterableIterator<Batch> {
  readonly #held: (Batch | undefined)[];
  /** How many of them have come out: `shift` would move all that is left of a long list. */
  #out = 0;
  #reading: Promise<IteratorResult<Batch>> | undefined;
  readonly #source: AsyncIterator<Batch>;

  constructor(held: Batch[], reading: Promise<IteratorResult<Batch>> | undefined, source: AsyncIterator<Batch>) {
    this.#held = held;
    this.#reading = reading;
    this.#source = source;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Batch>> {
    const value = this.#held[this.#out];
    if (value !== undefined) {
      this.#held[this.#out++] = undefined;
      return Promise.resolve({ value, done: false });
    }
    const reading = this.#reading;
    if (reading !== undefined) {
      this.#reading = undefined;
      return reading;
    }
    return this.#source.next();
  }

  return(): Promise<IteratorResult<Batch>> {
    this.#held.length = 0;
    return this.#source.return?.() ?? Promise.resolve({ value: undefined, done: true });
  }
}
