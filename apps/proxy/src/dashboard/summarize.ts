import type { History, Minute, Totals } from "../observe/history.js";

/** What happened in one step of a chart. */
export interface Step extends Totals {
  /** Median and 95th percentile, in milliseconds; null where nothing was measured. */
  duration: [p50: number, p95: number] | null;
  firstToken: [p50: number, p95: number] | null;
}

export type Range = "hour" | "day";

const steps: Readonly<Record<Range, { count: number; ms: number }>> = {
  hour: { count: 60, ms: 60_000 },
  day: { count: 96, ms: 15 * 60_000 },
};

/** The time up to now in equal steps, oldest first; those in which nothing happened are there too. */
export function summarize(history: Pick<History, "minutes">, range: Range, now: number): Step[] {
  const { count, ms } = steps[range];
  const last = now - (now % ms);
  const first = last - (count - 1) * ms;
  const parts: Minute[][] = Array.from({ length: count }, () => []);
  for (const minute of history.minutes()) parts[Math.floor((minute.at - first) / ms)]?.push(minute);
  return parts.map((minutes, index) => {
    const sum = (read: (minute: Minute) => number) => minutes.reduce((total, minute) => total + read(minute), 0);
    return {
      at: first + index * ms,
      requests: sum(({ requests }) => requests),
      errors: sum(({ errors }) => errors),
      input: sum(({ input }) => input),
      output: sum(({ output }) => output),
      cached: sum(({ cached }) => cached),
      reasoning: sum(({ reasoning }) => reasoning),
      duration: percentiles(minutes.flatMap(({ durations }) => durations)),
      firstToken: percentiles(minutes.flatMap(({ firstTokens }) => firstTokens)),
    };
  });
}

/** Median and 95th percentile, the nearest rank of each. */
export function percentiles(values: readonly number[]): [p50: number, p95: number] | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const at = (part: number) => Math.round(sorted[Math.ceil(part * sorted.length) - 1] as number);
  return [at(0.5), at(0.95)];
}
