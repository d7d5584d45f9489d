import type { TimeLimits } from "@codex/provider";
import type { ProxyLimits } from "./limits.js";
import { parseWhole } from "./parse-value.js";
import type { NumberSetting } from "./setting.js";

type Row = [byDefault: number, least: number, most: number, help: string, more?: { live?: true; proxyOnly?: true }];

const ours = { proxyOnly: true } as const;
const live = { live: true, proxyOnly: true } as const;

/** Each with its default, the least and the most, and what it is. A flag and a variable of the same name belong to it. */
const table = {
  max_body_mib: [64, 1, 1024, "largest body of a request, in MiB", live],
  body_budget_mib: [256, 1, 1_048_576, "all bodies in memory, unpacked, MiB; large ones twice", live],
  max_header_kib: [16, 4, 1024, "largest headers of a request, in KiB", ours],
  header_time_s: [30, 1, 3600, "seconds until the headers of a request are there", live],
  body_time_s: [300, 1, 86_400, "seconds until all of a request is there", live],
  min_body_rate: [1024, 0, 1_000_000_000, "slowest body taken, in bytes a second; 0 for any", live],
  max_slow_uploads: [256, 1, 1_000_000, "slow bodies at a time, a quarter for one caller", live],
  max_requests: [1024, 1, 1_000_000, "requests at a time", live],
  max_per_key: [256, 1, 1_000_000, "requests at a time for one key", live],
  queue_size: [256, 0, 1_000_000, "requests that may wait until others end", live],
  queue_time_s: [10, 1, 3600, "seconds for which they may", live],
  read_time_s: [600, 1, 86_400, "seconds for which a caller may take nothing of its answer", live],
  drain_s: [30, 0, 3600, "seconds that answers get when the proxy is stopped", live],
  keep_alive_s: [15, 1, 3600, "seconds of silence in a stream before a sign of life", ours],
  connect_time_s: [10, 1, 600, "seconds to open a connection to the backend"],
  response_time_s: [60, 1, 3600, "seconds until the backend begins to answer"],
  first_event_time_s: [60, 1, 3600, "seconds from there to its first event"],
  idle_time_s: [300, 1, 86_400, "seconds of silence that the backend may make in an answer"],
} as const satisfies Record<string, Row>;

type LimitKey = keyof typeof table;

/** Numbers all, made into settings. */
export const limitSettings = Object.fromEntries(
  Object.entries<Row>(table).map(([key, [byDefault, least, most, help, more]]): [string, NumberSetting] => [
    key,
    {
      type: "number",
      flag: key.replaceAll("_", "-"),
      env: `CODEX_PROXY_${key.toUpperCase()}`,
      value: "NUMBER",
      default: byDefault,
      help,
      parse: (text, name) => parseWhole(text, name, least, most),
      ...more,
    },
  ]),
) as Record<LimitKey, NumberSetting>;

export function limitsOf(values: Record<LimitKey, number>): ProxyLimits {
  return {
    maxBodyBytes: values.max_body_mib * 1024 * 1024,
    bodyBudgetBytes: values.body_budget_mib * 1024 * 1024,
    maxHeaderBytes: values.max_header_kib * 1024,
    headerTimeoutMs: values.header_time_s * 1000,
    bodyTimeoutMs: values.body_time_s * 1000,
    minBodyRate: values.min_body_rate,
    maxSlowUploads: values.max_slow_uploads,
    maxRequests: values.max_requests,
    maxRequestsPerKey: values.max_per_key,
    queueSize: values.queue_size,
    queueTimeoutMs: values.queue_time_s * 1000,
    readTimeoutMs: values.read_time_s * 1000,
    drainMs: values.drain_s * 1000,
  };
}

export function timeLimitsOf(values: Record<LimitKey, number>): Partial<TimeLimits> {
  return {
    connectMs: values.connect_time_s * 1000,
    headersMs: values.response_time_s * 1000,
    firstEventMs: values.first_event_time_s * 1000,
    idleMs: values.idle_time_s * 1000,
    keepAliveMs: values.keep_alive_s * 1000,
  };
}
