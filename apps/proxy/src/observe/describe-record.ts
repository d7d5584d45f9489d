import type { RequestRecord } from "./request-record.js";

/** A request as one line for a person. */
export function describeRecord(record: RequestRecord): string {
  return describeEntry(encodeRecord(record));
}

/** A request as a program reads it. What is not known is left out. */
export function encodeRecord(record: RequestRecord) {
  const { outcome, error, firstTokenMs, durationMs, keyName } = record;
  const usage = outcome?.usage;
  const cause = error?.code === "internal" && error.cause instanceof Error ? error.cause.stack : undefined;
  return {
    request_id: record.id,
    method: record.method,
    path: record.path,
    ...(record.route !== undefined && { route: record.route.name }),
    status: record.status,
    ...(outcome?.model !== undefined && { model: outcome.model }),
    ...(outcome?.backendModel !== undefined && { response_model: outcome.backendModel }),
    ...(outcome !== undefined && { stream: outcome.stream }),
    ...(durationMs !== undefined && { duration_ms: Math.round(durationMs) }),
    ...(firstTokenMs !== undefined && { first_token_ms: Math.round(firstTokenMs) }),
    ...(usage && {
      input_tokens: usage.input_tokens,
      output_tokens: usage.output_tokens,
      cached_tokens: usage.input_tokens_details?.cached_tokens ?? 0,
      reasoning_tokens: usage.output_tokens_details?.reasoning_tokens ?? 0,
    }),
    ...(outcome?.itemsLeftOut !== undefined && { items_left_out: outcome.itemsLeftOut }),
    ...(keyName !== undefined && { key: keyName }),
    ...(error && { error: { code: error.code, message: error.message, ...(cause !== undefined && { cause }) } }),
  };
}

/** A request as the dashboard has it. */
export function showRecord(record: RequestRecord) {
  return { ...encodeRecord(record), started_at: record.startedAt, streaming: record.isStreaming };
}

/** A line of the JSON log as one for a person, with the local time; what is no such line stays as it is. */
export function describeLogLine(line: string): string {
  let entry: { time?: string; level?: string; msg?: string };
  try {
    entry = (JSON.parse(line) ?? {}) as typeof entry;
  } catch {
    return line;
  }
  const { time, level, msg, ...fields } = entry;
  if (typeof time !== "string" || typeof msg !== "string") return line;
  const told = msg === "request" ? describeEntry(fields) : [msg, ...Object.values(fields).map(String)].join(" ");
  const mark = level === "warn" || level === "error" ? `${level}: ` : "";
  return `${new Date(time).toLocaleString("sv")} ${mark}${told.replace(/\p{Cc}+/gu, " ")}`;
}

type Entry = Partial<ReturnType<typeof encodeRecord>>;

/** The same line from what a log has kept of it. */
export function describeEntry(entry: Entry): string {
  const { error, duration_ms: duration, first_token_ms: first } = entry;
  const times = [
    duration === undefined ? "" : describeSpan(duration),
    first === undefined ? "" : `first token after ${describeSpan(first)}`,
  ];
  const tokens = entry.input_tokens === undefined ? "" : describeTokens(entry);
  const details = [entry.response_model ?? entry.model ?? "", ...times, tokens, entry.key ? `key ${entry.key}` : ""];
  const failure = error && `${error.code}: ${error.message}${error.cause === undefined ? "" : ` ${error.cause}`}`;
  const parts = failure === undefined ? details : [failure, ...details.slice(1, 2), ...details.slice(-1)];
  const told = parts.filter((part) => part !== "").join(", ");
  const status = entry.status || "-";
  return `${entry.method} ${entry.path} ${status} ${told} (${entry.request_id})`;
}

function describeTokens(entry: Entry): string {
  const cached = entry.cached_tokens ? ` (${entry.cached_tokens} cached)` : "";
  const reasoning = entry.reasoning_tokens ? ` (${entry.reasoning_tokens} reasoning)` : "";
  return `${entry.input_tokens} tokens in${cached}, ${entry.output_tokens} out${reasoning}`;
}

function describeSpan(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
}
