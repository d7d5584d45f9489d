import { type CodexError, toCodexError } from "@codex/errors";
import type { PlanUsage } from "@codex/provider";
import type { QuotaPolicy } from "./policy.js";
import type { Quota } from "./quota.js";
import { isSameWindow, windowName } from "./windows.js";

/** Up to this age `GET /v1/usage` tells what is known, unless it is asked for fresh numbers. */
const maxAgeMs = 60_000;

/**
 * The answer to `GET /v1/usage`. Asks the backend where what is known is older than a minute; where it does not say, gives
 * what is known, marked as stale. Throws what the backend failed with when nothing is known at all.
 * @param caller the key that asks: it sees itself alone
 */
export async function reportUsage(
  quota: Quota,
  policy: QuotaPolicy,
  { fresh, caller, now = Date.now }: { fresh: boolean; caller: string | undefined; now?: () => number },
) {
  const known = quota.known();
  let failure: CodexError | undefined;
  if (fresh || known === undefined || now() - known.observedAt > maxAgeMs) {
    await quota.ask().catch((error: unknown) => {
      failure = toCodexError(error);
    });
  }
  const usage = quota.known();
  if (usage === undefined) throw failure ?? new Error("The backend said nothing about usage.");
  const keys = quota.keys().filter(({ name }) => caller === undefined || name === caller);
  return { ...encodeUsage(usage, policy), stale: failure !== undefined, keys: keys.map(encodeKeyUsage) };
}

/** What is known of the plan, in JSON: names in snake case, times in Unix seconds, null for what is not known. */
export function encodeUsage(usage: PlanUsage, policy: QuotaPolicy = { reserve: [], shares: {} }) {
  const { planType, limits, credits, spend, observedAt } = usage;
  return {
    object: "usage" as const,
    plan: planType ?? null,
    observed_at: Math.round(observedAt / 1000),
    limits: limits.map(({ limitId, limitName, reached, windows }) => ({
      id: limitId,
      name: limitName ?? null,
      reached,
      windows: windows.map(({ usedPercent, windowMinutes, resetsAt }) => ({
        name: windowName(windowMinutes),
        window_minutes: windowMinutes ?? null,
        used_percent: usedPercent,
        remaining_percent: Math.max(0, 100 - usedPercent),
        resets_at: resetsAt ?? null,
        reserve_percent:
          (limitId === "codex" &&
            policy.reserve.find(({ minutes }) => isSameWindow(minutes, windowMinutes))?.percent) ||
          null,
      })),
    })),
    credits: credits
      ? { has_credits: credits.hasCredits, unlimited: credits.unlimited, balance: credits.balance ?? null }
      : null,
    spend_limit: spend
      ? { reached: spend.reached, used_percent: spend.usedPercent ?? null, resets_at: spend.resetsAt ?? null }
      : null,
  };
}

export function encodeKeyUsage({ name, windows }: ReturnType<Quota["keys"]>[number]) {
  return {
    name,
    windows: windows.map((window) => ({
      name: window.name,
      used_percent: Math.round(window.usedPercent * 100) / 100,
      share_percent: window.sharePercent ?? null,
      tokens: window.tokens,
      resets_at: window.resetsAt ?? null,
    })),
  };
}
