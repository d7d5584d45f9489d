import { effortNames, type ModelInfo } from "@codex/models";

/** What must be known of a model to fit an effort to it. An empty `efforts` means "not known". */
export type EffortSupport = Pick<ModelInfo, "efforts" | "defaultEffort">;

const rankOf: ReadonlyMap<string, number> = new Map(effortNames.map((effort, rank) => [effort, rank]));

/** The effort that a text names, in lower case; undefined for anything else. Known are `none` to `max` and `ultra`. */
export function parseEffort(text: unknown): string | undefined {
  if (typeof text !== "string") return undefined;
  const effort = text.trim().toLowerCase();
  return rankOf.has(effort) ? effort : undefined;
}

export interface ClampedEffort {
  /** What to send; undefined: send none, since neither the effort nor a default can be sent. */
  effort: string | undefined;
  /** Whether it is another one than was asked for. */
  clamped: boolean;
}

/**
 * Fits an effort to a model: the nearest one that it supports, the lower of two that are equally near (so `none` and
 * `minimal` become the lowest). `ultra` is a mode of the Codex CLI which it sends as `max`; so do we, and for a model
 * that lists `ultra` this counts as granted, not as clamped. An effort of unknown rank is kept where the model lists
 * it, else the model's default takes its place.
 */
export function clampEffort(effort: string, model: EffortSupport): ClampedEffort {
  const wire = effort === "ultra" ? "max" : effort;
  if (model.efforts.length === 0) return { effort: wire, clamped: wire !== effort };
  if (model.efforts.includes(wire)) return { effort: wire, clamped: !model.efforts.includes(effort) };
  const rank = rankOf.get(wire);
  const nearest = rank === undefined ? undefined : nearestTo(rank, model.efforts);
  return { effort: nearest ?? onWire(model.defaultEffort), clamped: true };
}

/** An effort as the backend takes it: everything but `ultra`, which it refuses. */
export function onWire(effort: string | undefined): string | undefined {
  return effort === "ultra" ? "max" : effort;
}

function nearestTo(rank: number, efforts: readonly string[]): string | undefined {
  let nearest: { effort: string; rank: number } | undefined;
  for (const effort of efforts) {
    const candidate = rankOf.get(effort);
    if (candidate === undefined || effort === "ultra") continue;
    const gap = Math.abs(candidate - rank);
    const best = nearest === undefined ? Number.POSITIVE_INFINITY : Math.abs(nearest.rank - rank);
    if (gap < best || (gap === best && candidate < (nearest?.rank ?? 0))) nearest = { effort, rank: candidate };
  }
  return nearest?.effort;
}
