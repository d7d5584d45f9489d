/** Numbers and names as a person reads them. */

const effortWords: Readonly<Record<string, string>> = { none: "off", xhigh: "extra high" };

export function effortName(effort: string): string {
  return effortWords[effort] ?? effort;
}

/** A window of the plan by its length. */
export function windowName(minutes: number | undefined): string {
  if (minutes === undefined) return "Plan";
  if (minutes === 10_080) return "Week";
  if (minutes % 1440 === 0) return `${minutes / 1440} days`;
  return minutes % 60 === 0 ? `${minutes / 60} hours` : `${minutes} minutes`;
}

/** `18:30`, or with the day when it is another one. `at` in Unix seconds. */
export function clockTime(at: number, now = Date.now()): string {
  const date = new Date(at * 1000);
  const time = date.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
  if (date.toDateString() === new Date(now).toDateString()) return time;
  return `${date.toLocaleDateString(undefined, { weekday: "long", day: "numeric", month: "long" })}, ${time}`;
}

/** `in 1 h 20 min`; `now` once it has passed. `at` in Unix seconds. */
export function timeUntil(at: number, now = Date.now()): string {
  const minutes = Math.ceil((at * 1000 - now) / 60_000);
  if (minutes <= 0) return "now";
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60];
  if (days > 0) return `in ${days} d${hours > 0 ? ` ${hours} h` : ""}`;
  return hours > 0 ? `in ${hours} h${rest > 0 ? ` ${rest} min` : ""}` : `in ${rest} min`;
}

/** `0.8 s`, `12 s`, `1 min 5 s`. */
export function duration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** `current_time` -> `Current time`. */
export function toolName(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
