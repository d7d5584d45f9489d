import type { InputItem } from "./request.js";

/** One object that a request carries all the way down; whoever changes something notes it here. */
export interface RequestContext {
  /** The caller's headers, names in lower case. */
  headers: Readonly<Record<string, string | undefined>>;
  /** The one path of cancellation. */
  signal: AbortSignal;
  /** What was dropped, clamped, mapped, emulated or added so far. */
  adjustments: Adjustment[];
  /** How the caller's dialect names a field of the canonical request, for what it is told. Default: as it is. */
  spell?: (field: string) => string;
  /** How the caller lists the account's models, for the message about a wrong name. Default `defaultModelList`. */
  modelList?: string;
  /** Where a dialect without a place of its own for reasoning has it. Default `field`. */
  reasoning?: ReasoningStyle;
  /** Whether the caller's dialect tells an answer as one text, which decides how it is folded. Default false. */
  inOneText?: boolean;
  /** What the request refers to, where answers are kept; absent where they are not, and in dialects without a store. */
  recalled?: Recalled;
}

/** What a program on this library calls for the account's models. */
export const defaultModelList = "`client.models.list()`";

/**
 * Where reasoning summaries go: `field` is `reasoning_content`, `think` is `<think>` tags inside the content, `none` is
 * nowhere.
 */
export type ReasoningStyle = "field" | "think" | "none";

/** What was kept of earlier answers, as far as a request refers to it. */
export interface Recalled {
  /** The whole conversation before this turn. */
  earlier: readonly InputItem[];
  /** Items by the ids with which the request refers to them. */
  items: ReadonlyMap<string, InputItem>;
  /** The account whose answer it was, by the encrypted content of reasoning, as far as it is known. */
  accounts?: ReadonlyMap<string, string>;
}

/** One thing that the caller asked for and gets otherwise, or did not ask for and gets. */
export interface Adjustment {
  /** The request field in the caller's spelling, e.g. `temperature` or `tools[0].name`. */
  field: string;
  action: "dropped" | "clamped" | "mapped" | "emulated" | "added";
  /** What it became, or why, in a few ASCII words. */
  detail?: string;
  /** Whether the owner's own settings ask for it: then it is told, and not refused in strict mode. Default false. */
  bySettings?: boolean;
}

/** What notes are taken in: a request's context, or as much of it as that needs. */
export type Notes = Pick<RequestContext, "adjustments" | "spell">;

/** Most adjustments that are kept of one request: more than a header can hold. The others are counted. */
export const maxAdjustments = 256;

interface Noted {
  seen: Set<string>;
  leftOut: number;
}

/** What is known of lists of adjustments beside what is in them: a request may have a hundred thousand unknown fields. */
const noted = new WeakMap<readonly Adjustment[], Noted>();

/** Notes an adjustment once, under the caller's own name for the field. */
export function adjust(notes: Notes, adjustment: Adjustment): void {
  const { adjustments } = notes;
  const named = { ...adjustment, field: spell(notes, adjustment.field) };
  let known = noted.get(adjustments);
  if (known === undefined) {
    known = { seen: new Set(adjustments.map(keyOf)), leftOut: 0 };
    noted.set(adjustments, known);
  }
  if (adjustments.length >= maxAdjustments) {
    if (!known.seen.has(keyOf(named))) known.leftOut++;
    return;
  }
  const { size } = known.seen;
  if (known.seen.add(keyOf(named)).size > size) adjustments.push(named);
}

/** How many adjustments were not kept, since there were too many. */
export function adjustmentsLeftOut(adjustments: readonly Adjustment[]): number {
  return noted.get(adjustments)?.leftOut ?? 0;
}

function keyOf({ field, action, detail }: Adjustment): string {
  return `${action} ${detail ?? ""}\0${field}`;
}

/** The caller's own name for a field of the canonical request. */
export function spell(notes: Notes, field: string): string {
  return notes.spell?.(field) ?? field;
}
