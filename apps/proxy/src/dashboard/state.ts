import type { CodexClient } from "@codex/provider";
import { showRecord } from "../observe/describe-record.js";
import type { History } from "../observe/history.js";
import type { LiveRequests } from "../observe/live-requests.js";
import { asksBackend } from "../observe/request-record.js";
import type { QuotaPolicy } from "../quota/policy.js";
import type { Quota } from "../quota/quota.js";
import { encodeKeyUsage, encodeUsage } from "../quota/usage-report.js";
import { type Range, summarize } from "./summarize.js";

export interface StateParts {
  client: CodexClient;
  quota: Quota;
  policy: () => QuotaPolicy;
  live: LiveRequests;
  history: History;
  url: () => string;
  version: string;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** The plan is asked for beside the page when what is known is older than this. */
const planMaxAgeMs = 120_000;

/** Everything that the page shows, afresh. */
export async function describeState(parts: StateParts, range: Range) {
  const { client, quota, live, history, now } = parts;
  const known = quota.known();
  if (known === undefined) await quota.ask().catch(() => {});
  else if (now() - known.observedAt > planMaxAgeMs) void quota.ask().catch(() => {});
  const usage = quota.known();
  const { state, email, planType, problem } = await client.session.status();
  return {
    now: now(),
    version: parts.version,
    url: parts.url(),
    uptime_s: Math.round(process.uptime()),
    memory: process.memoryUsage.rss(),
    login: { state, email: email ?? null, plan: planType ?? null, problem: problem ?? null },
    backend: client.circuit.state,
    usage: usage === undefined ? null : encodeUsage(usage, parts.policy()),
    keys: quota.keys().map(encodeKeyUsage),
    live: live
      .list()
      .filter(asksBackend)
      .map((record) => ({ ...showRecord(record), age_ms: now() - record.startedAt })),
    recent: history.recent().map(showRecord),
    models: history.models(),
    errors: history.errors(),
    steps: summarize(history, range, now()),
  };
}
