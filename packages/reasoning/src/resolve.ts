import { effortNames, type ModelInfo } from "@codex/models";
import { clampEffort, onWire, parseEffort } from "./effort.js";

/** Something that was asked for and is sent otherwise. */
export interface ReasoningNote {
  /** Where it was asked for: `x-codex-effort`, `reasoning.effort`, `model` (its suffix), `reasoning.summary`, `text.verbosity`. */
  field: "x-codex-effort" | "reasoning.effort" | "model" | "reasoning.summary" | "text.verbosity";
  from: string;
  /** What is sent; undefined: nothing. */
  to: string | undefined;
}

export interface ResolveReasoningInput {
  /** The effort suffix of the model name. */
  suffix?: string | undefined;
  /** The request's own field. */
  parameter?: unknown;
  /** The header `x-codex-effort`. */
  header?: string | undefined;
  /** The request's summary: `auto`, `concise`, `detailed`, or `none` for no summary. */
  summary?: unknown;
  model: Pick<ModelInfo, "efforts" | "defaultEffort" | "supportsReasoningSummaries" | "defaultSummary">;
}

export interface ResolvedReasoning {
  effort?: string;
  summary?: string;
  notes: ReasoningNote[];
  /** Set when a place asks for an effort that does not exist: such a request is invalid, whatever other places ask for. */
  unknown?: UnknownEffort;
}

/** A word that is no effort: neither one of `none` to `max` and `ultra`, nor one that the model advertises. */
export interface UnknownEffort {
  field: "x-codex-effort" | "reasoning.effort" | "model";
  /** What was asked for, shortened. */
  value: string;
  /** The efforts to choose from: the model's, or all that there are where those are not known. */
  known: readonly string[];
}

/**
 * Decides effort and summary. The header goes before the request's field, that before the name's suffix, that before
 * the model's default: a header is set by who operates the program and cannot change its requests; a field is chosen
 * for one request; a suffix was picked once, from a list of models, for all of them. An unknown effort is told in
 * `unknown`, outranked or not; a summary that does not exist is noted and passed over; being outranked is no note.
 */
export function resolveReasoning(input: ResolveReasoningInput): ResolvedReasoning {
  const notes: ReasoningNote[] = [];
  const { effort, unknown } = resolveEffort(input, notes);
  const summary = resolveSummary(input, notes);
  const resolved: ResolvedReasoning = { notes };
  if (effort !== undefined) resolved.effort = effort;
  if (summary !== undefined) resolved.summary = summary;
  if (unknown !== undefined) resolved.unknown = unknown;
  return resolved;
}

function resolveEffort(
  input: ResolveReasoningInput,
  notes: ReasoningNote[],
): { effort: string | undefined; unknown: UnknownEffort | undefined } {
  const { efforts } = input.model;
  let unknown: UnknownEffort | undefined;
  const asked = [
    ["x-codex-effort", input.header],
    ["reasoning.effort", input.parameter],
    ["model", input.suffix],
  ] as const;
  let decided: ReturnType<typeof clampEffort> | undefined;
  for (const [field, value] of asked) {
    if (value === undefined || value === null || value === "") continue;
    const effort = parseEffort(value) ?? advertised(value, efforts);
    if (effort === undefined) {
      unknown ??= { field, value: describe(value), known: efforts.length > 0 ? efforts : effortNames };
    } else if (decided === undefined) {
      decided = clampEffort(effort, input.model);
      if (decided.clamped) notes.push({ field, from: effort, to: decided.effort });
    }
  }
  return { effort: decided === undefined ? onWire(input.model.defaultEffort) : decided.effort, unknown };
}

/** A model may advertise an effort that did not exist when this was written. */
function advertised(value: unknown, efforts: readonly string[]): string | undefined {
  const effort = typeof value === "string" ? value.trim().toLowerCase() : "";
  return efforts.includes(effort) ? effort : undefined;
}

const summaries: ReadonlySet<string> = new Set(["auto", "concise", "detailed", "none"]);

function resolveSummary(input: ResolveReasoningInput, notes: ReasoningNote[]): string | undefined {
  const { model } = input;
  const usual = model.supportsReasoningSummaries ? sent(model.defaultSummary) : undefined;
  if (input.summary === undefined || input.summary === null) return usual;
  const wanted = typeof input.summary === "string" ? input.summary.trim().toLowerCase() : "";
  if (wanted === "none") return undefined;
  if (summaries.has(wanted) && model.supportsReasoningSummaries) return wanted;
  // "auto" asks for what the model has; when it has none, nothing is missing.
  if (wanted === "auto") return undefined;
  notes.push({ field: "reasoning.summary", from: describe(input.summary), to: usual });
  return usual;
}

/** `none` is said by saying nothing. */
function sent(summary: string | undefined): string | undefined {
  return summary === "none" ? undefined : summary;
}

const verbosities: ReadonlySet<string> = new Set(["low", "medium", "high"]);

export interface ResolvedVerbosity {
  verbosity?: string;
  note?: ReasoningNote;
}

/**
 * Decides `text.verbosity`: `low`, `medium` or `high` as asked for, else none. The catalog's default is not sent: it is
 * `low` nearly everywhere, made for a coding terminal, and would cut short the answers of every other program. A model
 * that does not take the field gets none; what cannot be sent is noted.
 */
export function resolveVerbosity(input: {
  requested?: unknown;
  model: Pick<ModelInfo, "supportsVerbosity">;
}): ResolvedVerbosity {
  const { requested, model } = input;
  if (requested === undefined || requested === null) return {};
  const wanted = typeof requested === "string" ? requested.trim().toLowerCase() : "";
  if (verbosities.has(wanted) && model.supportsVerbosity) return { verbosity: wanted };
  return { note: { field: "text.verbosity", from: describe(requested), to: undefined } };
}

/** A few characters of a value, for a note. */
function describe(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? typeof value);
  return text.slice(0, 40);
}
