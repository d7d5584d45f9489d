import { CodexError, isCodexError } from "@codex/errors";
import type { ProxyLimits } from "./limits.js";

export type AdmissionLimits = Pick<ProxyLimits, "maxRequests" | "maxRequestsPerKey" | "queueSize" | "queueTimeoutMs">;

/** Gives a place back; to be called once. */
export type Leave = () => void;

/** How many requests run at a time, of one key and in all. A bounded number of others wait for a place. */
export interface Admission {
  /**
   * A place, at once where there is one, else in the order in which they came. Rejects with `busy` when too many wait
   * already or it takes too long, with the reason when the signal aborts.
   * @param key whose place it is; undefined for a caller without a key
   */
  enter(key: string | undefined, signal: AbortSignal): Leave | Promise<Leave>;
  /** Takes other limits, for requests from now on. */
  configure(limits: AdmissionLimits): void;
  readonly running: number;
  readonly waiting: number;
}

interface Waiter {
  key: string | undefined;
  admit(leave: Leave): void;
}

/** What a caller is told to wait before it tries again. */
const retryAfterMs = 2000;

export function createAdmission(initial: AdmissionLimits): Admission {
  let limits = initial;
  let running = 0;
  const runningByKey = new Map<string, number>();
  const queue = new Set<Waiter>();

  const hasRoom = (key: string | undefined) =>
    running < limits.maxRequests && (key === undefined || (runningByKey.get(key) ?? 0) < limits.maxRequestsPerKey);

  function take(key: string | undefined): Leave {
    running++;
    if (key !== undefined) runningByKey.set(key, (runningByKey.get(key) ?? 0) + 1);
    return () => {
      running--;
      if (key !== undefined) {
        const left = (runningByKey.get(key) ?? 1) - 1;
        if (left === 0) runningByKey.delete(key);
        else runningByKey.set(key, left);
      }
      letIn();
    };
  }

  /** The first who may come in does; who waits for another of the same key is passed over. */
  function letIn(): void {
    for (const waiter of queue) {
      if (running >= limits.maxRequests) return;
      if (hasRoom(waiter.key)) waiter.admit(take(waiter.key));
    }
  }

  function busy(what: string): CodexError {
    return new CodexError("busy", `This proxy has as much to do as it may: ${what}. Try again in a moment.`, {
      retryAfterMs,
    });
  }

  function wait(key: string | undefined, signal: AbortSignal): Promise<Leave> {
    return new Promise((resolve, reject) => {
      const settle = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", onAbort);
        queue.delete(waiter);
      };
      const onAbort = () => {
        settle();
        const left = new CodexError("aborted", "The caller went away before its request began.");
        reject(isCodexError(signal.reason) ? signal.reason : left);
      };
      const timer = setTimeout(() => {
        settle();
        reject(busy(`this request waited ${limits.queueTimeoutMs / 1000} s for a place`));
      }, limits.queueTimeoutMs);
      const waiter: Waiter = {
        key,
        admit(leave) {
          settle();
          resolve(leave);
        },
      };
      signal.addEventListener("abort", onAbort, { once: true });
      queue.add(waiter);
    });
  }

  return {
    enter(key, signal) {
      if (hasRoom(key)) return take(key);
      if (queue.size < limits.queueSize) return wait(key, signal);
      throw busy(`${running} requests run and ${queue.size} wait`);
    },
    configure(next) {
      limits = next;
      letIn();
    },
    get running() {
      return running;
    },
    get waiting() {
      return queue.size;
    },
  };
}
