import type { EventData } from "../canonical/events.js";

/** One window of the plan, told apart by its length: the slot (primary, secondary) says nothing about it. */
export interface RateLimitWindow {
  usedPercent: number;
  /** Length in minutes: 300 for the five hours, 10,080 for the week; absent when the backend did not say. */
  windowMinutes?: number;
  /** Unix seconds. */
  resetsAt?: number;
}

/** What the backend said about the plan's limits, with one answer. */
export interface RateLimits {
  /** Which limit: `codex`, or the id of a model's own limit. */
  limitId: string;
  planType?: string;
  windows: RateLimitWindow[];
  credits?: { hasCredits: boolean; unlimited: boolean; balance?: string };
}

/** Reads the `x-codex-*` headers of an answer. Undefined when there are none. */
export function rateLimitsFromHeaders(headers: Readonly<Record<string, string>>): RateLimits | undefined {
  const windows: RateLimitWindow[] = [];
  for (const slot of ["primary", "secondary"]) {
    const window = windowOf(
      toNumber(headers[`x-codex-${slot}-used-percent`]),
      toNumber(headers[`x-codex-${slot}-window-minutes`]),
      toNumber(headers[`x-codex-${slot}-reset-at`]),
    );
    if (window !== undefined) windows.push(window);
  }
  const hasCredits = headers["x-codex-credits-has-credits"];
  if (windows.length === 0 && hasCredits === undefined) return undefined;
  const limits: RateLimits = { limitId: "codex", windows };
  const plan = headers["x-codex-plan-type"];
  if (plan) limits.planType = plan;
  if (hasCredits !== undefined) {
    limits.credits = { hasCredits: isTrue(hasCredits), unlimited: isTrue(headers["x-codex-credits-unlimited"] ?? "") };
    const balance = headers["x-codex-credits-balance"];
    if (balance) limits.credits.balance = balance;
  }
  return limits;
}

/** Reads a `codex.rate_limits` event. Undefined when it holds no window. */
export function rateLimitsFromEvent(data: EventData): RateLimits | undefined {
  const slots = asRecord(data.rate_limits);
  const windows: RateLimitWindow[] = [];
  for (const slot of ["primary", "secondary"]) {
    const told = asRecord(slots[slot]);
    const window = windowOf(toNumber(told.used_percent), toNumber(told.window_minutes), toNumber(told.reset_at));
    if (window !== undefined) windows.push(window);
  }
  if (windows.length === 0) return undefined;
  const limitId = typeof data.metered_limit_name === "string" ? data.metered_limit_name : "codex";
  const limits: RateLimits = { limitId, windows };
  if (typeof data.plan_type === "string") limits.planType = data.plan_type;
  const credits = asRecord(data.credits);
  if (typeof credits.has_credits === "boolean") {
    limits.credits = { hasCredits: credits.has_credits, unlimited: credits.unlimited === true };
    if (typeof credits.balance === "string") limits.credits.balance = credits.balance;
  }
  return limits;
}

/** The Codex CLI counts a window only when it is used, has a length, or has an end. */
function windowOf(
  used: number | undefined,
  minutes: number | undefined,
  resetsAt: number | undefined,
): RateLimitWindow | undefined {
  if (used === undefined || !(used !== 0 || minutes || resetsAt !== undefined)) return undefined;
  const window: RateLimitWindow = { usedPercent: used };
  if (minutes) window.windowMinutes = minutes;
  if (resetsAt !== undefined) window.resetsAt = resetsAt;
  return window;
}

function toNumber(value: unknown): number | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

function isTrue(value: string): boolean {
  return /^(true|1)$/i.test(value);
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
