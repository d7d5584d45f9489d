import { asksBackend, type Observer, type RequestRecord } from "./request-record.js";

/** What a span of time adds up to: requests, failed ones among them, and tokens. */
export interface Totals {
  /** Its beginning, in milliseconds since 1970. */
  at: number;
  requests: number;
  errors: number;
  input: number;
  output: number;
  cached: number;
  reasoning: number;
}

/** What happened in one minute. */
export interface Minute extends Totals {
  /** Times of the requests that were answered, in milliseconds; at most 200 of a minute. */
  durations: number[];
  firstTokens: number[];
}

/** What one model has done. */
export interface ModelTotals {
  model: string;
  requests: number;
  input: number;
  output: number;
}

/** What has become of requests for a model, for the dashboard: the last day by the minute, in memory. */
export interface History extends Observer {
  /** Oldest first; minutes without a request are left out. */
  minutes(): readonly Minute[];
  /** The last requests, youngest first. */
  recent(): readonly RequestRecord[];
  /** Most used first. */
  models(): readonly ModelTotals[];
  /** Failed requests by code, most frequent first. */
  errors(): readonly { code: string; count: number }[];
}

const maxMinutes = 24 * 60;
const maxRecent = 50;
const maxTimes = 200;

/** @param nameModel what a model is called; one of a limited number of names */
export function createHistory(nameModel: (model: string) => string): History {
  const minutes: Minute[] = [];
  const recent: RequestRecord[] = [];
  const models = new Map<string, ModelTotals>();
  const errors = new Map<string, number>();

  function minuteOf(time: number): Minute {
    const at = time - (time % 60_000);
    const last = minutes.at(-1);
    // After a step back of the clock it goes on where it was.
    if (last !== undefined && last.at >= at) return last;
    const minute = { at, requests: 0, errors: 0, input: 0, output: 0, cached: 0, reasoning: 0 };
    const fresh: Minute = { ...minute, durations: [], firstTokens: [] };
    minutes.push(fresh);
    if (minutes.length > maxMinutes) minutes.shift();
    return fresh;
  }

  return {
    end(record) {
      const { outcome, error, startedAt, durationMs = 0, firstTokenMs } = record;
      if (!asksBackend(record)) return;
      recent.push(record);
      if (recent.length > maxRecent) recent.shift();
      const minute = minuteOf(startedAt + durationMs);
      minute.requests++;
      const isFailure = error !== undefined && error.code !== "aborted";
      if (isFailure) {
        minute.errors++;
        errors.set(error.code, (errors.get(error.code) ?? 0) + 1);
      } else if (minute.durations.length < maxTimes) {
        minute.durations.push(durationMs);
        if (firstTokenMs !== undefined) minute.firstTokens.push(firstTokenMs);
      }
      const { usage, backendModel } = outcome ?? {};
      minute.input += usage?.input_tokens ?? 0;
      minute.output += usage?.output_tokens ?? 0;
      minute.cached += usage?.input_tokens_details?.cached_tokens ?? 0;
      minute.reasoning += usage?.output_tokens_details?.reasoning_tokens ?? 0;
      if (backendModel === undefined) return;
      const model = nameModel(backendModel);
      const totals = models.get(model) ?? { model, requests: 0, input: 0, output: 0 };
      totals.requests++;
      totals.input += usage?.input_tokens ?? 0;
      totals.output += usage?.output_tokens ?? 0;
      models.set(model, totals);
    },
    minutes: () => minutes,
    recent: () => recent.toReversed(),
    models: () => [...models.values()].sort((a, b) => b.requests - a.requests),
    errors: () => [...errors].map(([code, count]) => ({ code, count })).sort((a, b) => b.count - a.count),
  };
}
