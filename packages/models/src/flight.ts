import { CodexError } from "@codex/errors";

/** Joins callers: while one call of `run` is under way, everyone gets its promise. */
export function createFlight<T>(run: () => Promise<T>): () => Promise<T> {
  let current: Promise<T> | undefined;
  return () => {
    current ??= run().finally(() => {
      current = undefined;
    });
    return current;
  };
}

/**
 * Runs with a time limit, even where `run` does not listen to its signal. Throws `upstream_timeout` when it is over; what
 * comes after that is ignored.
 */
export async function withLimit<T>(run: (signal: AbortSignal) => Promise<T>, limitMs: number): Promise<T> {
  const limit = AbortSignal.timeout(limitMs);
  try {
    return await waitFor(run(limit), limit);
  } catch (cause) {
    if (!limit.aborted) throw cause;
    throw new CodexError("upstream_timeout", `The model list did not come within ${limitMs} ms.`, { cause });
  }
}

/** Waits for a promise until the caller's own signal aborts; then rejects with its reason. The promise itself goes on. */
export function waitFor<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const leave = () => reject(signal.reason);
    if (signal.aborted) return leave();
    signal.addEventListener("abort", leave, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", leave));
  });
}
