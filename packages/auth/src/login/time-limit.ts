import { toCodexError } from "@codex/errors";
import { AuthError } from "../auth-error.js";

/** The end of a login that nobody finishes: by time, or by the caller's signal. */
export interface TimeLimit {
  signal: AbortSignal;
  throwIfOver(): void;
  /** The promise's outcome, or the error that says why the login is over. */
  race<T>(promise: Promise<T>): Promise<T>;
  /** Frees the timer. */
  end(): void;
}

export function createTimeLimit(timeoutMs: number, outer: AbortSignal | undefined): TimeLimit {
  const controller = new AbortController();
  const abort = () => controller.abort(toCodexError(new DOMException("aborted", "AbortError")));
  const timer = setTimeout(() => {
    const minutes = Math.max(1, Math.round(timeoutMs / 60_000));
    controller.abort(
      new AuthError("login_timeout", `Nobody finished the login within ${minutes} min. Start it again.`),
    );
  }, timeoutMs);
  if (outer?.aborted) abort();
  else outer?.addEventListener("abort", abort, { once: true });
  const { signal } = controller;
  return {
    signal,
    throwIfOver: () => {
      if (!signal.aborted) return;
      clearTimeout(timer);
      throw signal.reason;
    },
    race: <T>(promise: Promise<T>) =>
      new Promise<T>((resolve, reject) => {
        if (signal.aborted) reject(signal.reason);
        else signal.addEventListener("abort", () => reject(signal.reason), { once: true });
        promise.then(resolve, (error: unknown) => reject(signal.aborted ? signal.reason : error));
      }),
    end: () => {
      clearTimeout(timer);
      outer?.removeEventListener("abort", abort);
      controller.abort();
    },
  };
}
