import { CodexError, isCodexError } from "@codex/errors";
import type { Transport } from "@codex/transport";

/** When the backend counts as down, and for how long nobody bothers it then. */
export interface CircuitOptions {
  /** So many attempts failed one after another, none that went well among them. Default 8; Infinity never opens. */
  failures?: number;
  /** And that for at least so long, so that a hiccup under many requests at once is left to their retries. Default 3,000. */
  spanMs?: number;
  /** How long it stays open before one attempt is let through, in milliseconds; doubled with each that fails. Default 1,000. */
  restMs?: number;
  /** The longest such rest, and so the longest that callers wait once the backend is back. Default 4,000. */
  maxRestMs?: number;
  /** Milliseconds of a clock that never jumps. Default `performance.now`. */
  now?: () => number;
}

/**
 * Answers for a backend that is down, so that callers hear of it at once and the backend is not asked in vain. Unreachable by
 * the network, timed out before the headers, or a status from 500 on is down; any other answer, be it 401 or 429, is up. A
 * request that could not be sent as it is says nothing. What goes wrong inside an answer is the business of the retry table.
 */
export interface Circuit {
  /** `open`: attempts are refused; `probing`: one is on its way, which decides. */
  readonly state: "closed" | "open" | "probing";
  /** The transport's `post` with the circuit around it: rejects with `circuit_open` while the backend is down. */
  post: Transport["post"];
}

export function createCircuit(transport: Pick<Transport, "post">, options: CircuitOptions = {}): Circuit {
  const { failures = 8, spanMs = 3000, restMs = 1000, maxRestMs = 4000, now = () => performance.now() } = options;
  let failed = 0;
  let failingSince = 0;
  let lastFailure = "";
  /** Undefined while closed. */
  let openUntil: number | undefined;
  let nextRestMs = restMs;
  let probes = 0;
  let probedAt = 0;

  function noteSuccess(): void {
    failed = 0;
    openUntil = undefined;
    nextRestMs = restMs;
  }

  function noteFailure(why: string, wasProbe: boolean): void {
    if (failed++ === 0) failingSince = now();
    // When to try again is said of the whole backend.
    lastFailure = why.replace(/\s*[^.]*\btry again\b[^.]*\.$/i, "");
    const isDown = failed >= failures && now() - failingSince >= spanMs;
    // What had been sent before it opened says nothing new.
    if (wasProbe || (openUntil === undefined && isDown)) {
      openUntil = now() + nextRestMs;
      nextRestMs = Math.min(maxRestMs, nextRestMs * 2);
    }
  }

  /** Whether the attempt to be made is the one that decides. Throws when there may be none. */
  function enter(): boolean {
    if (openUntil === undefined) return false;
    // A probe into a network that swallows packets ends after ten seconds: meanwhile the backend may be back.
    const since = Math.max(openUntil, probes > 0 ? probedAt + maxRestMs : 0);
    const restLeftMs = since - now();
    if (restLeftMs <= 0) {
      probes++;
      probedAt = now();
      return true;
    }
    const retryAfterMs = Math.max(1000, restLeftMs);
    throw new CodexError(
      "circuit_open",
      `The backend is down: the last ${failed} attempts failed, the last one so: ${lastFailure} It is asked again in ${Math.ceil(retryAfterMs / 1000)} s; try again then.`,
      { retryAfterMs },
    );
  }

  return {
    get state() {
      if (openUntil === undefined) return "closed";
      return probes > 0 ? "probing" : "open";
    },
    async post(request, signal) {
      const isProbe = enter();
      try {
        const response = await transport.post(request, signal);
        if (response.status >= 500) noteFailure(`The backend answered ${response.status}.`, isProbe);
        else noteSuccess();
        return response;
      } catch (error) {
        // A caller that left says nothing of the backend.
        if (!signal.aborted && isOutage(error))
          noteFailure(error instanceof Error ? error.message : String(error), isProbe);
        throw error;
      } finally {
        if (isProbe) probes--;
      }
    },
  };
}

function isOutage(error: unknown): boolean {
  if (!isCodexError(error)) return false;
  return error.code === "upstream_timeout" || (error.code === "upstream_unreachable" && error.retryable);
}
