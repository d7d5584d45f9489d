import type { Credits, RateLimits, RateLimitWindow } from "./usage.js";
import type { SpendLimit, UsageReport } from "./usage-report.js";

/** How much of the plan is used, as far as it is known. */
export interface PlanUsage {
  planType?: string;
  /** `codex` first, then those of single models. */
  limits: readonly LimitUsage[];
  credits?: Credits;
  spend?: SpendLimit;
  /** When the backend last spoke of it, in milliseconds since 1970. */
  observedAt: number;
}

/** One limit and its windows. */
export interface LimitUsage {
  /** `codex`, or the id of a model's own limit. */
  limitId: string;
  limitName?: string;
  /** Whether nothing is left of it. */
  reached: boolean;
  /** Shortest first. */
  windows: readonly RateLimitWindow[];
  /** Milliseconds since 1970. */
  observedAt: number;
}

/** Remembers what the backend has last said of the plan's limits, from whatever told it. */
export interface UsageRecord {
  note(limits: RateLimits): void;
  noteReport(report: UsageReport): void;
  /** Undefined before the backend has said anything. A window that has ended since counts as unused. */
  last(): PlanUsage | undefined;
  /** For another account. */
  forget(): void;
}

interface Noted {
  limits: RateLimits;
  observedAt: number;
}

export function createUsageRecord(now: () => number): UsageRecord {
  const noted = new Map<string, Noted>();
  let planType: string | undefined;
  let credits: Credits | undefined;
  let spend: SpendLimit | undefined;

  function note(limits: RateLimits): void {
    planType = limits.planType ?? planType;
    credits = limits.credits ?? credits;
    const before = noted.get(limits.limitId)?.limits;
    const limitName = limits.limitName ?? before?.limitName;
    // Some answers tell of the credits only.
    const windows = limits.windows.length > 0 ? limits.windows : (before?.windows ?? []);
    const kept = { ...limits, windows, ...(limitName !== undefined && { limitName }) };
    noted.set(limits.limitId, { limits: kept, observedAt: now() });
  }

  return {
    note,
    noteReport(report) {
      noted.clear();
      credits = undefined;
      spend = report.spend;
      for (const limits of report.limits) note(limits);
    },
    last() {
      if (noted.size === 0) return undefined;
      const limits = [...noted.values()].map((entry) => describeLimit(entry, now() / 1000));
      limits.sort((a, b) => Number(b.limitId === "codex") - Number(a.limitId === "codex"));
      return {
        ...(planType !== undefined && { planType }),
        limits,
        ...(credits !== undefined && { credits }),
        ...(spend !== undefined && { spend }),
        observedAt: Math.max(...limits.map(({ observedAt }) => observedAt)),
      };
    },
    forget() {
      noted.clear();
      planType = credits = spend = undefined;
    },
  };
}

/** How long a window that had ended before it was reported is taken at its word, in seconds. */
const staleSeconds = 60;

function describeLimit({ limits, observedAt }: Noted, nowSeconds: number): LimitUsage {
  const { limitId, limitName } = limits;
  const toldAt = observedAt / 1000;
  // The backend tells of a full window with an end of 0, or one just past, until it has counted anew.
  const isStale = ({ resetsAt }: RateLimitWindow) => resetsAt !== undefined && resetsAt <= toldAt;
  const hasEnded = (window: RateLimitWindow) => {
    if (isStale(window)) return nowSeconds - toldAt >= staleSeconds;
    return window.resetsAt !== undefined && window.resetsAt <= nowSeconds;
  };
  const windows = limits.windows.map((window): RateLimitWindow => {
    const ended = hasEnded(window);
    if (!ended && !isStale(window)) return window;
    const { windowMinutes, usedPercent } = window;
    return { usedPercent: ended ? 0 : usedPercent, ...(windowMinutes !== undefined && { windowMinutes }) };
  });
  const isFull = windows.some(({ usedPercent }) => usedPercent >= 100);
  const reached = isFull || (limits.reached === true && !limits.windows.some(hasEnded));
  return { limitId, ...(limitName !== undefined && { limitName }), reached, windows, observedAt };
}
