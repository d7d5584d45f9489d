import { CodexError } from "@codex/errors";
import type { AccountGet } from "./account-get.js";
import { asRecord, creditsOf, type RateLimits, toNumber, windowsOf } from "./usage.js";

/** A limit on what an account may spend beyond its windows, set in its workspace. */
export interface SpendLimit {
  reached: boolean;
  usedPercent?: number;
  /** Unix seconds. */
  resetsAt?: number;
}

/** What `GET /wham/usage` says: every limit of the account, `codex` first. */
export interface UsageReport {
  limits: RateLimits[];
  spend?: SpendLimit;
}

const maxBytes = 1024 * 1024;

/**
 * Where a backend tells how much of the plan is used: `/wham/usage` beside `/codex`; a backend with other paths than
 * ChatGPT's has it at `/api/codex/usage` (codex-rs `backend-client`).
 */
export function usageUrl(baseUrl: string): string {
  const at = baseUrl.indexOf("/backend-api");
  if (at !== -1) return `${baseUrl.slice(0, at)}/backend-api/wham/usage`;
  return `${baseUrl.replace(/\/(?:api\/)?codex$/, "")}/api/codex/usage`;
}

/** Asks for the report. Throws `upstream_rejected` when the answer is none. */
export async function fetchUsage(get: AccountGet, baseUrl: string, signal: AbortSignal): Promise<UsageReport> {
  const { text } = await get({ url: usageUrl(baseUrl), maxBytes }, signal);
  const report = parseReport(text);
  if (report !== undefined) return report;
  throw new CodexError("upstream_rejected", "The backend's answer about the plan's usage is not understood.");
}

/** Undefined for what is no report. */
export function parseReport(text: string): UsageReport | undefined {
  let body: Record<string, unknown>;
  try {
    body = asRecord(JSON.parse(text));
  } catch {
    return undefined;
  }
  if (typeof body.plan_type !== "string" && body.rate_limit === undefined) return undefined;
  const main = limitsOf("codex", body.rate_limit);
  if (typeof body.plan_type === "string") main.planType = body.plan_type;
  const credits = creditsOf(body.credits);
  if (credits !== undefined) main.credits = credits;
  const others = Array.isArray(body.additional_rate_limits) ? body.additional_rate_limits.map(asRecord) : [];
  const report: UsageReport = { limits: [main] };
  let unnamed = 0;
  for (const other of others) {
    const limitName = nameOf(other.limit_name);
    const limitId = nameOf(other.metered_feature) ?? limitName;
    const number = limitId === undefined && ++unnamed > 1 ? unnamed : "";
    const limits = limitsOf(limitId ?? `other${number && `_${number}`}`, other.rate_limit);
    // A limit that nobody has named counts all the same.
    const shown = limitName ?? (limitId === undefined ? `Other limit ${number}`.trim() : undefined);
    if (shown !== undefined) limits.limitName = shown;
    report.limits.push(limits);
  }
  const spend = spendOf(body.spend_control);
  if (spend !== undefined) report.spend = spend;
  return report;
}

/** In the report a window's length is told in seconds. */
function limitsOf(limitId: string, told: unknown): RateLimits {
  const { limit_reached: reached, ...slots } = asRecord(told);
  const windows = windowsOf((slot) => {
    const { used_percent: used, limit_window_seconds: seconds, reset_at: resetsAt } = asRecord(slots[`${slot}_window`]);
    return { used, minutes: (toNumber(seconds) ?? 0) / 60, resetsAt };
  });
  return { limitId, windows, ...(typeof reached === "boolean" && { reached }) };
}

function nameOf(told: unknown): string | undefined {
  return typeof told === "string" && told.trim() !== "" ? told : undefined;
}

function spendOf(told: unknown): SpendLimit | undefined {
  const { reached, individual_limit } = asRecord(told);
  const { used_percent, reset_at } = asRecord(individual_limit);
  if (reached !== true && typeof individual_limit !== "object") return undefined;
  if (reached !== true && individual_limit === null) return undefined;
  const [usedPercent, resetsAt] = [toNumber(used_percent), toNumber(reset_at)];
  return {
    reached: reached === true,
    ...(usedPercent !== undefined && { usedPercent }),
    ...(resetsAt !== undefined && { resetsAt }),
  };
}
