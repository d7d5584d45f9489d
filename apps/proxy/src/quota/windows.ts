import type { PlanUsage } from "@codex/provider";

/** Windows of the plan that have a name; others are called by their length. */
const named: Readonly<Record<string, number>> = { "5h": 300, daily: 1440, weekly: 10_080, monthly: 43_200 };
const units: Readonly<Record<string, number>> = { m: 1, h: 60, d: 1440 };

/** Windows whose lengths differ by less than this part are the same: the backend rounds. */
const tolerance = 0.05;

/** What a window is called, by its length in minutes: `5h`, `weekly`, `36h`. */
export function windowName(minutes: number | undefined): string {
  if (minutes === undefined) return "unknown";
  const known = Object.entries(named).find(([, length]) => isSameWindow(length, minutes));
  if (known !== undefined) return known[0];
  if (minutes % 1440 === 0) return `${minutes / 1440}d`;
  return minutes % 60 === 0 ? `${minutes / 60}h` : `${minutes}m`;
}

/** The length in minutes of a window by its name, or of one such as `36h` or `7d`. Undefined for other texts. */
export function windowMinutes(name: string): number | undefined {
  const known = Object.hasOwn(named, name) ? named[name] : undefined;
  if (known !== undefined) return known;
  const [, count, unit = ""] = /^([1-9]\d{0,4})([mhd])$/.exec(name) ?? [];
  return count === undefined ? undefined : Number(count) * (units[unit] ?? 1);
}

export function isSameWindow(a: number | undefined, b: number | undefined): boolean {
  return a !== undefined && b !== undefined && Math.abs(a - b) <= tolerance * Math.max(a, b);
}

/** Every window of every limit, each with its name. */
export function limitWindows(usage: PlanUsage | undefined) {
  return (usage?.limits ?? []).flatMap(({ limitId, windows }) =>
    windows.map((window) => ({ limitId, name: windowName(window.windowMinutes), ...window })),
  );
}
