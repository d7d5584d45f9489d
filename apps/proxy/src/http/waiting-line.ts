import { CodexError, isCodexError } from "@codex/errors";
import type { ProxyLimits } from "../settings/limits.js";

export type LineLimits = Pick<ProxyLimits, "queueSize" | "queueTimeoutMs">;

/** Requests that wait for something of which there is a limited amount, in the order in which they came. */
export interface WaitingLine<T> {
  /**
   * Waits until `take` gives something. Throws `busy` when too many wait already; rejects with it when it takes too long,
   * and with the reason when the signal aborts.
   * @param what the request lacks, for the message
   */
  wait(take: () => T | undefined, signal: AbortSignal, what: string): Promise<T>;
  /** Lets those come in who now may; who may not yet is passed over. */
  letIn(): void;
  readonly size: number;
}

interface Waiter {
  /** Whether it has got what it waits for. */
  tryAgain(): boolean;
}

/** What a caller is told to wait before it tries again. */
const retryAfterMs = 2000;

export function createWaitingLine<T>(limits: () => LineLimits): WaitingLine<T> {
  const waiters = new Set<Waiter>();

  return {
    wait(take, signal, what) {
      const { queueSize, queueTimeoutMs } = limits();
      if (waiters.size >= queueSize) throw busyError(`${what}, and ${waiters.size} wait`);
      return new Promise((resolve, reject) => {
        const settle = () => {
          clearTimeout(timer);
          signal.removeEventListener("abort", onAbort);
          waiters.delete(waiter);
        };
        const onAbort = () => {
          settle();
          const left = new CodexError("aborted", "The caller went away before its request began.");
          reject(isCodexError(signal.reason) ? signal.reason : left);
        };
        const timer = setTimeout(() => {
          settle();
          reject(busyError(`${what}, and this request has waited ${queueTimeoutMs / 1000} s`));
        }, queueTimeoutMs);
        const waiter: Waiter = {
          tryAgain() {
            const taken = take();
            if (taken === undefined) return false;
            settle();
            resolve(taken);
            return true;
          },
        };
        if (signal.aborted) return onAbort();
        signal.addEventListener("abort", onAbort, { once: true });
        waiters.add(waiter);
      });
    },
    letIn() {
      for (const waiter of waiters) waiter.tryAgain();
    },
    get size() {
      return waiters.size;
    },
  };
}

/** The refusal of a request for want of room. */
export function busyError(what: string): CodexError {
  return new CodexError("busy", `This proxy has as much to do as it may: ${what}. Try again in a moment.`, {
    retryAfterMs,
  });
}
