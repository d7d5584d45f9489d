import { bundledCatalog, retiredModels } from "./catalog.js";

/** The ids that an account may use: a set in order of priority, or a list of ids or models. */
export type KnownModels = ReadonlySet<string> | readonly (string | KnownModel)[];

/** The part of a ModelInfo that decides what a name means. */
export interface KnownModel {
  readonly slug: string;
  readonly priority?: number;
  readonly visibility?: string;
  /** Efforts that the model advertises; a name may end in one that is not among `effortNames`. */
  readonly efforts?: readonly string[];
}

/** Ids made ready for lookups that cost the same for ten models and ten thousand. */
export interface KnownIndex {
  /** The id as the backend spells it, for a name in lower case. */
  find(lower: string): string | undefined;
  /** What stands in for a retired id. Undefined when the id is not a retired one. */
  standIn(lower: string): string | undefined;
  /** Whether the id's model advertises this effort, in lower case. */
  advertises(lower: string, effort: string): boolean;
}

/** Prepares a list. An empty one counts as "not known", like the backend's own empty list: the bundled catalog is used. */
export function indexKnown(known: KnownModels): KnownIndex {
  const index = known instanceof Set ? indexSet(known) : indexList(known as readonly (string | KnownModel)[]);
  return {
    find: index.find,
    advertises: index.advertises,
    standIn(lower) {
      const usual = retiredModels.get(lower);
      if (usual === undefined) return undefined;
      return index.find(usual) ?? index.first() ?? usual;
    },
  };
}

interface Lookup {
  find(lower: string): string | undefined;
  advertises(lower: string, effort: string): boolean;
  /** The id that a retired one falls back to when the usual stand-in is missing. */
  first(): string | undefined;
}

/** A set is looked into, never copied: it may grow later. */
function indexSet(known: ReadonlySet<string>): Lookup {
  const bundled = indexList(bundledCatalog);
  return {
    find: (lower) => (known.size === 0 ? bundled.find(lower) : known.has(lower) ? lower : undefined),
    advertises: (lower, effort) => known.size === 0 && bundled.advertises(lower, effort),
    first: () => known.values().next().value,
  };
}

function indexList(known: readonly (string | KnownModel)[]): Lookup {
  const bySlug = new Map<string, string>();
  const effortsBySlug = new Map<string, ReadonlySet<string>>();
  let first: string | undefined;
  let lowest = Number.POSITIVE_INFINITY;
  for (const [position, entry] of (known.length === 0 ? bundledCatalog : known).entries()) {
    const model: KnownModel = typeof entry === "string" ? { slug: entry } : entry;
    bySlug.set(model.slug.toLowerCase(), model.slug);
    effortsBySlug.set(model.slug.toLowerCase(), new Set(model.efforts?.map((effort) => effort.toLowerCase())));
    // A hidden model is the last choice, but still better than one that the account lacks.
    const rank = (model.priority ?? position) + ((model.visibility ?? "list") === "list" ? 0 : 1e9);
    if (rank < lowest) [first, lowest] = [model.slug, rank];
  }
  return {
    find: (lower) => bySlug.get(lower),
    advertises: (lower, effort) => effortsBySlug.get(lower)?.has(effort) ?? false,
    first: () => first,
  };
}
