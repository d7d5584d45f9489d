import type { InputItem } from "./request.js";

/** One object that a request carries all the way down; whoever changes something notes it here. */
export interface RequestContext {
  /** The caller's headers, names in lower case. */
  headers: Readonly<Record<string, string | undefined>>;
  /** The one path of cancellation. */
  signal: AbortSignal;
  /** What was dropped, clamped, mapped or emulated so far. */
  adjustments: Adjustment[];
  /** What the request refers to, where answers are kept; absent where they are not, and in dialects without a store. */
  recalled?: Recalled;
}

/** What was kept of earlier answers, as far as a request refers to it. */
export interface Recalled {
  /** The whole conversation before this turn. */
  earlier: readonly InputItem[];
  /** Items by the ids with which the request refers to them. */
  items: ReadonlyMap<string, InputItem>;
}

/** One thing that the caller asked for and gets otherwise. */
export interface Adjustment {
  /** The request field in the caller's spelling, e.g. `temperature` or `tools[0].name`. */
  field: string;
  action: "dropped" | "clamped" | "mapped" | "emulated";
  /** What it became, or why, in a few ASCII words. */
  detail?: string;
}

/** Notes an adjustment once. */
export function adjust(context: { adjustments: Adjustment[] }, adjustment: Adjustment): void {
  const known = context.adjustments.some((a) => a.field === adjustment.field && a.action === adjustment.action);
  if (!known) context.adjustments.push(adjustment);
}
