import type { ProxyLimits } from "../settings/limits.js";
import { createWaitingLine, type LineLimits } from "./waiting-line.js";

export type AdmissionLimits = Pick<ProxyLimits, "maxRequests" | "maxRequestsPerKey"> & LineLimits;

/** Gives a place back; to be called once. */
export type Leave = () => void;

/** How many requests run at a time, of one key and in all. A bounded number of others wait for a place. */
export interface Admission {
  /**
   * A place, at once where there is one, else in the order in which they came. Throws or rejects with `busy` when too many
   * wait already or it takes too long, with the reason when the signal aborts.
   * @param key whose place it is; undefined for a caller without a key
   */
  enter(key: string | undefined, signal: AbortSignal): Leave | Promise<Leave>;
  /** Takes other limits, for requests from now on. */
  configure(limits: AdmissionLimits): void;
  readonly running: number;
  readonly waiting: number;
}

export function createAdmission(initial: AdmissionLimits): Admission {
  let limits = initial;
  let running = 0;
  const runningByKey = new Map<string, number>();
  const line = createWaitingLine<Leave>(() => limits);

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
      line.letIn();
    };
  }

  return {
    enter(key, signal) {
      if (hasRoom(key)) return take(key);
      return line.wait(() => (hasRoom(key) ? take(key) : undefined), signal, `${running} requests run`);
    },
    configure(next) {
      limits = next;
      line.letIn();
    },
    get running() {
      return running;
    },
    get waiting() {
      return line.size;
    },
  };
}
