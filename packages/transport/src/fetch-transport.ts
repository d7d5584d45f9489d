import { CodexError } from "@codex/errors";
import { toTransportError } from "./failure.js";
import type { Transport, TransportOptions } from "./http.js";
import type { TransportResponse } from "./response-handler.js";

export type FetchTransportOptions = Pick<TransportOptions, "headersTimeoutMs" | "idleTimeoutMs"> & {
  /** Carries every request. */
  fetch: typeof globalThis.fetch;
};

/**
 * A transport over somebody else's `fetch`, for programs that have to see, route or record their requests. It keeps the
 * promises of `createTransport` but for its speed: a piece at a time, over web streams.
 */
export function createFetchTransport(options: FetchTransportOptions): Transport {
  const { headersTimeoutMs = 60_000, idleTimeoutMs = 300_000 } = options;
  return {
    async post({ url, headers, body }, signal) {
      signal.throwIfAborted();
      const attempt = watch(signal, new URL(url).origin);
      try {
        const init = { method: "POST", headers, body, signal: attempt.signal, redirect: "manual" } as const;
        const answer = await attempt.within(headersTimeoutMs, options.fetch(url, init));
        return toTransportResponse(answer, attempt, idleTimeoutMs);
      } catch (error) {
        attempt.end();
        throw attempt.explain(error, false);
      }
    },
    fetch: options.fetch,
    close: async () => {},
  };
}

/** One attempt: the caller's signal and our time limits end it, and whoever waits for it hears of that at once. */
interface Attempt {
  signal: AbortSignal;
  within<T>(limitMs: number, waited: Promise<T>): Promise<T>;
  explain(error: unknown, answered: boolean): unknown;
  /** Frees the request, if it is still under way. */
  end(): void;
}

function watch(outer: AbortSignal, origin: string): Attempt {
  const inner = new AbortController();
  const abort = () => inner.abort(outer.reason);
  outer.addEventListener("abort", abort, { once: true });
  let timedOut = false;
  return {
    signal: inner.signal,
    within: (limitMs, waited) =>
      new Promise((resolve, reject) => {
        const fail = () => reject(inner.signal.reason);
        const timer = setTimeout(() => {
          timedOut = true;
          inner.abort(new DOMException("The time is up.", "TimeoutError"));
        }, limitMs);
        // A `fetch` that does not look at its signal must not hold up its caller.
        inner.signal.addEventListener("abort", fail, { once: true });
        const settle = () => {
          clearTimeout(timer);
          inner.signal.removeEventListener("abort", fail);
        };
        waited.finally(settle).then(resolve, reject);
        if (inner.signal.aborted) fail();
      }),
    explain(error, answered) {
      if (outer.aborted) return outer.reason;
      if (!timedOut) return toTransportError(error, { origin, answered });
      const what = answered ? "fell silent in the middle of its answer" : "did not begin to answer in time";
      return new CodexError("upstream_timeout", `The backend at ${origin} ${what}. Try again.`, { cause: error });
    },
    end() {
      outer.removeEventListener("abort", abort);
      inner.abort(new DOMException("Nobody reads the answer any more.", "AbortError"));
    },
  };
}

function toTransportResponse(answer: Response, attempt: Attempt, idleTimeoutMs: number): TransportResponse {
  const reader = answer.body?.getReader();
  const body: AsyncIterableIterator<Uint8Array[]> = {
    [Symbol.asyncIterator]: () => body,
    async next() {
      try {
        const { value, done } = (await (reader && attempt.within(idleTimeoutMs, reader.read()))) ?? { done: true };
        if (!done && value !== undefined) return { value: [value], done: false };
      } catch (error) {
        attempt.end();
        throw attempt.explain(error, true);
      }
      attempt.end();
      return { value: undefined, done: true };
    },
    async return() {
      attempt.end();
      return { value: undefined, done: true };
    },
  };
  const headers: Record<string, string> = {};
  for (const name of answer.headers.keys()) headers[name] = answer.headers.get(name) as string;
  return { status: answer.status, headers, body };
}
