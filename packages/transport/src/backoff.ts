/** When to try again: pure arithmetic, no timer. */
export interface BackoffOptions {
  /** Delay before the first repetition. Default 200. */
  baseMs?: number;
  /** Longest delay, a server's wish included. Default 10,000. */
  maxMs?: number;
  /** A number in [0, 1); default Math.random. */
  random?: () => number;
}

/**
 * Delay before repetition number `attempt` (1, 2, 3 ...), in milliseconds: base x 2^(attempt-1), within 10 % either
 * way, as the Codex CLI does it. What the server asks for wins when it is longer; undefined when it asks for more than
 * `maxMs`: then waiting makes no sense and the error goes to the caller.
 */
export function backoffDelay(
  attempt: number,
  serverMs: number | undefined,
  options: BackoffOptions = {},
): number | undefined {
  const { baseMs = 200, maxMs = 10_000, random = Math.random } = options;
  if (serverMs !== undefined && serverMs > maxMs) return undefined;
  const own = baseMs * 2 ** (attempt - 1) * (0.9 + 0.2 * random());
  return Math.min(maxMs, Math.max(own, serverMs ?? 0));
}

/** Reads a Retry-After header, seconds or an HTTP date, as milliseconds from `now`; undefined when it is neither. */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined || value.trim() === "") return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return seconds >= 0 ? seconds * 1000 : undefined;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** Waits, unless the signal aborts first: then it rejects with the signal's reason. */
export function delay(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal.addEventListener("abort", onAbort, { once: true });
  });
}
