import type { EventData } from "../canonical/events.js";

/** One window of the plan, told apart by its length: the slot (primary, secondary) says nothing about it. */
export interface RateLimitWindow {
  /** 0 to 100, and beyond where more was used than the plan has. */
  usedPercent: number;
  /** Length in minutes: 300 for the five hours, 10,080 for the week; absent when the backend did not say. */
  windowMinutes?: number;
  /** Unix seconds. */
  resetsAt?: number;
}

/** What may be used beyond the plan's windows. */
export interface Credits {
  hasCredits: boolean;
  unlimited: boolean;
  /** As the backend words it, e.g. `12.3`. */
  balance?: string;
}

/** What the backend said about one of the plan's limits, with one answer. */
export interface RateLimits {
  /** Which limit: `codex`, or the id of a model's own limit, e.g. `codex_bengalfox`. */
  limitId: string;
  /** What people call it, e.g. a model. */
  limitName?: string;
  planType?: string;
  /** Whether nothing is left of it; absent when the backend did not say. */
  reached?: boolean;
  /** Shortest first. */
  windows: RateLimitWindow[];
  credits?: Credits;
}

const usedPercent = "-primary-used-percent";

/** The headers of one slot of a limit. */
interface SlotNames {
  used: string;
  minutes: string;
  resetsAt: string;
}

/** The headers of one limit by the words before them, e.g. `x-codex`: put together once, since every answer has them. */
const namesByFamily = new Map<string, Record<"primary" | "secondary", SlotNames>>();

function namesOf(family: string): Record<"primary" | "secondary", SlotNames> {
  const known = namesByFamily.get(family);
  if (known !== undefined) return known;
  const slot = (name: string): SlotNames => ({
    used: `${family}-${name}-used-percent`,
    minutes: `${family}-${name}-window-minutes`,
    resetsAt: `${family}-${name}-reset-at`,
  });
  const names = { primary: slot("primary"), secondary: slot("secondary") };
  // Families are few; a backend that makes up names without end must not fill the memory.
  if (namesByFamily.size < 100) namesByFamily.set(family, names);
  return names;
}

/**
 * Reads the `x-codex-*` headers of an answer, and those of models with limits of their own, which are known by their
 * names alone: `x-{limit id}-primary-used-percent` and so on (codex-rs `codex-api/src/rate_limits.rs`).
 */
export function rateLimitsFromHeaders(headers: Readonly<Record<string, string>>): RateLimits[] {
  const found: RateLimits[] = [];
  for (const name in headers) {
    if (!name.endsWith(usedPercent) || !name.startsWith("x-")) continue;
    const family = name.slice(0, -usedPercent.length);
    const names = namesOf(family);
    const windows = windowsOf((slot) => {
      const { used, minutes, resetsAt } = names[slot];
      return { used: headers[used], minutes: headers[minutes], resetsAt: headers[resetsAt] };
    });
    if (windows.length === 0) continue;
    const limits: RateLimits = { limitId: family.slice(2).replaceAll("-", "_") || "other", windows };
    const limitName = headers[`${family}-limit-name`];
    if (limitName) limits.limitName = limitName;
    found.push(limits);
  }
  const hasCredits = headers["x-codex-credits-has-credits"];
  const main = found.find(({ limitId }) => limitId === "codex");
  const limits = main ?? { limitId: "codex", windows: [] };
  if (main === undefined && hasCredits !== undefined) found.push(limits);
  const plan = headers["x-codex-plan-type"];
  if (plan) limits.planType = plan;
  if (hasCredits !== undefined) {
    limits.credits = { hasCredits: isTrue(hasCredits), unlimited: isTrue(headers["x-codex-credits-unlimited"] ?? "") };
    const balance = headers["x-codex-credits-balance"];
    if (balance) limits.credits.balance = balance;
  }
  return found;
}

/** Reads a `codex.rate_limits` event. Undefined when it holds no window. */
export function rateLimitsFromEvent(data: EventData): RateLimits | undefined {
  const told = asRecord(data.rate_limits);
  const windows = windowsOf((slot) => {
    const { used_percent: used, window_minutes: minutes, reset_at: resetsAt } = asRecord(told[slot]);
    return { used, minutes, resetsAt };
  });
  if (windows.length === 0) return undefined;
  const limitId =
    typeof data.metered_limit_name === "string" && data.metered_limit_name !== "" ? data.metered_limit_name : "codex";
  const limits: RateLimits = { limitId, windows };
  if (typeof data.limit_name === "string") limits.limitName = data.limit_name;
  if (typeof data.plan_type === "string") limits.planType = data.plan_type;
  if (typeof told.limit_reached === "boolean") limits.reached = told.limit_reached;
  const credits = creditsOf(data.credits);
  if (credits !== undefined) limits.credits = credits;
  return limits;
}

/** A window as it is told, whatever the spelling; numbers may be texts. */
export interface ToldWindow {
  used: unknown;
  minutes: unknown;
  resetsAt: unknown;
}

/** The windows of both slots that count, shortest first. */
export function windowsOf(read: (slot: "primary" | "secondary") => ToldWindow): RateLimitWindow[] {
  const first = windowOf(read("primary"));
  const second = windowOf(read("secondary"));
  if (first === undefined) return second === undefined ? [] : [second];
  if (second === undefined) return [first];
  return (second.windowMinutes ?? 0) < (first.windowMinutes ?? 0) ? [second, first] : [first, second];
}

/** Reads `{has_credits, unlimited, balance}`. */
export function creditsOf(told: unknown): Credits | undefined {
  const { has_credits: hasCredits, unlimited, balance } = asRecord(told);
  if (typeof hasCredits !== "boolean") return undefined;
  const credits: Credits = { hasCredits, unlimited: unlimited === true };
  if (typeof balance === "string") credits.balance = balance;
  return credits;
}

/** The Codex CLI counts a window only when it is used, has a length, or has an end. */
function windowOf(told: ToldWindow): RateLimitWindow | undefined {
  const used = toNumber(told.used);
  const minutes = toNumber(told.minutes);
  const resetsAt = toNumber(told.resetsAt);
  if (used === undefined || !(used !== 0 || minutes || resetsAt !== undefined)) return undefined;
  const window: RateLimitWindow = { usedPercent: used };
  if (minutes) window.windowMinutes = minutes;
  if (resetsAt !== undefined) window.resetsAt = resetsAt;
  return window;
}

export function toNumber(value: unknown): number | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

function isTrue(value: string): boolean {
  return /^(true|1)$/i.test(value);
}

export function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
