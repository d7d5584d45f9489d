import { toCodexError } from "@codex/errors";

/** Ends a caller's wait when its signal says so; the work itself goes on for the others. */
export function withSignal<T>(work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work();
  return new Promise<T>((resolve, reject) => {
    const onAbort = () => reject(toCodexError(new DOMException("aborted", "AbortError")));
    if (signal.aborted) return onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    work()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener("abort", onAbort));
  });
}
