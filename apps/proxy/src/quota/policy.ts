import { quote, wrong } from "../settings/parse-value.js";
import { windowMinutes, windowName } from "./windows.js";

/** A part of a window of the plan. */
export interface WindowShare {
  /** Length of the window in minutes; undefined for every window. */
  minutes: number | undefined;
  /** 0 to 100. */
  percent: number;
}

/** What may be used of the plan through this proxy. */
export interface QuotaPolicy {
  /** What is to remain of each window: requests that find less are refused. */
  reserve: readonly WindowShare[];
  /** How much each key may use, by its name; `*` for every key that has no entry of its own. */
  shares: Readonly<Record<string, readonly WindowShare[]>>;
}

const percentPattern = /^(\d{1,3}(?:\.\d+)?)\s*%?$/;

/** `weekly=10`, `5h = 20 %`: the window and the percentage, without its sign. */
export function parseReserve(text: string, name: string): [window: string, percent: string] {
  const [window = "", percent = "", ...more] = text.split("=").map((part) => part.trim());
  const minutes = windowMinutes(window);
  const value = percentOf(percent);
  if (minutes !== undefined && value !== undefined && more.length === 0) return [windowName(minutes), String(value)];
  throw wrong(
    `${name} is a window and a percentage, such as weekly=10%; windows are 5h, weekly, 36h. Not ${quote(text)}.`,
  );
}

/** `laptop=25%`, `laptop=weekly:25% 5h:50%`: a key's name and what it may use. */
export function parseShare(text: string, name: string): [key: string, shares: string] {
  const at = text.indexOf("=");
  const key = text.slice(0, at).trim();
  const shares = at === -1 ? undefined : readShares(text.slice(at + 1));
  if (shares !== undefined && /^(?:\*|[\w.-]{1,64})$/.test(key)) return [key, writeShares(shares)];
  throw wrong(`${name} is a key and its share, such as laptop=25% or laptop=weekly:25%. Not ${quote(text)}.`);
}

/** The policy that the settings' texts, which have been checked, stand for. */
export function readPolicy(
  reserve: Readonly<Record<string, string>>,
  shares: Readonly<Record<string, string>>,
): QuotaPolicy {
  return {
    reserve: Object.entries(reserve).map(([window, percent]) => ({
      minutes: windowMinutes(window),
      percent: Number(percent),
    })),
    shares: Object.fromEntries(Object.entries(shares).map(([key, text]) => [key, readShares(text) ?? []])),
  };
}

/** How much of a window a key may use; undefined for as much as there is. */
export function shareOf({ shares }: QuotaPolicy, key: string, minutes: number): number | undefined {
  const own = Object.hasOwn(shares, key) ? shares[key] : shares["*"];
  const named = own?.find((share) => share.minutes !== undefined && windowName(share.minutes) === windowName(minutes));
  return (named ?? own?.find((share) => share.minutes === undefined))?.percent;
}

function readShares(text: string): WindowShare[] | undefined {
  const parts = text
    .trim()
    .replace(/\s+%/g, "%")
    .replace(/\s*:\s*/g, ":")
    .split(/\s+/);
  const shares: WindowShare[] = [];
  for (const part of parts) {
    const [first = "", second] = part.split(":");
    const minutes = second === undefined ? undefined : windowMinutes(first);
    const percent = percentOf(second ?? first);
    if (percent === undefined || (second !== undefined && minutes === undefined)) return undefined;
    if (shares.some((share) => share.minutes === minutes)) return undefined;
    shares.push({ minutes, percent });
  }
  return shares;
}

function writeShares(shares: readonly WindowShare[]): string {
  return shares
    .map(({ minutes, percent }) => (minutes === undefined ? `${percent}%` : `${windowName(minutes)}:${percent}%`))
    .join(" ");
}

function percentOf(text: string): number | undefined {
  const value = Number(percentPattern.exec(text)?.[1] ?? Number.NaN);
  return value <= 100 ? value : undefined;
}
