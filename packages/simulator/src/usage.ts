import type { Account } from "./oauth/jwt.js";

/** How much of the plan is used, as the headers, the event and the usage route tell it. */
export interface RateLimits {
  /** Percent of the 5-hour window. */
  primaryUsedPercent: number;
  /** Percent of the 7-day window; null when the plan has none. */
  secondaryUsedPercent: number | null;
}

const primarySeconds = 5 * 3600;
const secondarySeconds = 7 * 86_400;

/** When a window that opened at a multiple of its length ends, in Unix seconds: the same for the whole window. */
function resetAt(now: number, length: number): number {
  return (Math.floor(now / length) + 1) * length;
}

/** The `x-codex-*` headers of an answer. `now` in Unix seconds. */
export function rateLimitHeaders(limits: RateLimits, account: Account, now: number): Record<string, string> {
  const primary = resetAt(now, primarySeconds);
  const secondary = resetAt(now, secondarySeconds);
  const weekly = limits.secondaryUsedPercent;
  return {
    "x-codex-plan-type": account.plan,
    "x-codex-active-limit": "codex",
    "x-codex-primary-used-percent": String(limits.primaryUsedPercent),
    "x-codex-primary-window-minutes": String(primarySeconds / 60),
    "x-codex-primary-reset-at": String(primary),
    "x-codex-primary-reset-after-seconds": String(primary - now),
    ...(weekly === null
      ? { "x-codex-secondary-reset-at": "" }
      : {
          "x-codex-secondary-used-percent": String(weekly),
          "x-codex-secondary-window-minutes": String(secondarySeconds / 60),
          "x-codex-secondary-reset-at": String(secondary),
          "x-codex-secondary-reset-after-seconds": String(secondary - now),
        }),
    "x-codex-primary-over-secondary-limit-percent": "0",
    "x-codex-credits-has-credits": "False",
    "x-codex-credits-unlimited": "False",
    "x-codex-credits-balance": "",
  };
}

/** The `codex.rate_limits` event. */
export function rateLimitEvent(limits: RateLimits, account: Account, now: number): Record<string, unknown> {
  const window = (percent: number, length: number) => ({
    used_percent: percent,
    window_minutes: length / 60,
    reset_at: resetAt(now, length),
  });
  return {
    type: "codex.rate_limits",
    plan_type: account.plan,
    rate_limits: {
      allowed: true,
      limit_reached: false,
      primary: window(limits.primaryUsedPercent, primarySeconds),
      secondary: limits.secondaryUsedPercent === null ? null : window(limits.secondaryUsedPercent, secondarySeconds),
    },
    credits: { has_credits: false, unlimited: false, balance: null },
  };
}

/** What `GET /backend-api/wham/usage` answers. */
export function usageReport(limits: RateLimits, account: Account, now: number): Record<string, unknown> {
  const window = (percent: number, length: number) => ({
    used_percent: Math.round(percent),
    limit_window_seconds: length,
    reset_after_seconds: resetAt(now, length) - now,
    reset_at: resetAt(now, length),
  });
  const reached = limits.primaryUsedPercent >= 100 || (limits.secondaryUsedPercent ?? 0) >= 100;
  return {
    user_id: account.userId,
    account_id: account.accountId,
    email: account.email,
    plan_type: account.plan,
    rate_limit: {
      allowed: !reached,
      limit_reached: reached,
      primary_window: window(limits.primaryUsedPercent, primarySeconds),
      secondary_window:
        limits.secondaryUsedPercent === null ? null : window(limits.secondaryUsedPercent, secondarySeconds),
    },
    credits: {
      has_credits: false,
      unlimited: false,
      balance: null,
      approx_local_messages: null,
      approx_cloud_messages: null,
    },
    spend_control: { reached: false, individual_limit: null },
    additional_rate_limits: null,
    rate_limit_reached_type: reached ? { type: "rate_limit_reached" } : null,
    rate_limit_reset_credits: { available_count: 0 },
  };
}

/** What `GET /backend-api/wham/accounts/check` answers: the official client goes on when it finds its account here. */
export function accountsReport(account: Account): Record<string, unknown> {
  return {
    accounts: [
      {
        id: account.accountId,
        name: null,
        plan_type: account.plan,
        structure: "personal",
        is_deactivated: false,
        is_fedramp_compliant_workspace: account.fedramp,
        can_access_with_session: true,
        sso_connection_name: null,
        profile_picture_url: null,
        workspace_backend_origin: "NO_CONSTRAINT",
        account_routing_override: "NO_CONSTRAINT",
      },
    ],
    account_ordering: [account.accountId],
    default_account_id: account.accountId,
  };
}
