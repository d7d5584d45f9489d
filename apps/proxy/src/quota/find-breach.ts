import { CodexError } from "@codex/errors";
import type { RateLimitWindow } from "@codex/provider";
import type { KeyAccounts } from "./key-accounts.js";
import { type QuotaPolicy, shareOf } from "./policy.js";
import { isSameWindow, windowName } from "./windows.js";

/**
 * The refusal of a request that would use what is held back, or more than a key's share: a `usage_limit_reached` that says
 * which window it is, and when it ends.
 */
export function findBreach(
  policy: QuotaPolicy,
  windows: readonly RateLimitWindow[],
  key: string | undefined,
  used: ReturnType<KeyAccounts["usedBy"]>,
): CodexError | undefined {
  for (const { minutes, percent } of policy.reserve) {
    for (const window of windows) {
      if (!isSameWindow(window.windowMinutes, minutes) || 100 - window.usedPercent >= percent) continue;
      const name = windowName(minutes);
      return refuse(
        `The plan's ${name} window is ${round(window.usedPercent)} % used, and its last ${percent} % are held back by this proxy.`,
        `change reserve.${name} in its settings`,
        window.resetsAt,
      );
    }
  }
  if (key === undefined) return undefined;
  for (const { minutes, name, percent, resetsAt } of used) {
    const share = shareOf(policy, key, minutes);
    // Only a window that is still reported can be used up.
    if (share === undefined || percent < share || !windows.some((one) => isSameWindow(one.windowMinutes, minutes)))
      continue;
    return refuse(
      `The key ${key} has used its share of the plan: ${round(percent)} % of the ${name} window, of ${share} %.`,
      `change key_shares.${key} in the proxy's settings`,
      resetsAt,
    );
  }
  return undefined;
}

function refuse(what: string, remedy: string, resetsAt: number | undefined): CodexError {
  const when = resetsAt === undefined ? "" : ` until ${new Date(resetsAt * 1000).toISOString()}`;
  return new CodexError("usage_limit_reached", `${what} Wait${when}, or ${remedy}.`, {
    ...(resetsAt !== undefined && { resetsAt }),
  });
}

function round(percent: number): number {
  return Math.round(percent * 10) / 10;
}
