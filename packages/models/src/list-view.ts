import type { ModelInfo } from "./model-info.js";
import { unlistedModel } from "./model-info.js";
import { createNormalizer, type NormalizedModel } from "./normalize.js";

/** A model of the user's own: what is left out is taken from the list's entry, or assumed to be supported. */
export type CustomModel = Partial<ModelInfo> & Pick<ModelInfo, "slug">;

/** What a name means for an account. */
export interface ResolvedModel extends NormalizedModel {
  /** The list's entry; for a model that the list lacks an assumption that leaves every decision to the backend. */
  readonly info: ModelInfo;
  readonly listed: boolean;
}

/** A list made ready for lookups. */
export interface ListView {
  readonly models: readonly ModelInfo[];
  resolve(name: string): ResolvedModel;
}

/** Merges the user's models over a list, sorts by priority, and prepares the tables that a lookup needs. */
export function createListView(
  list: readonly ModelInfo[],
  custom: readonly CustomModel[],
  aliases: Readonly<Record<string, string>>,
): ListView {
  const bySlug = new Map(list.map((model) => [model.slug, model]));
  for (const model of custom) {
    const base = bySlug.get(model.slug) ?? { ...unlistedModel(model.slug), visibility: "list" as const };
    bySlug.set(model.slug, { ...base, ...model });
  }
  const models = Object.freeze([...bySlug.values()].sort((a, b) => a.priority - b.priority));
  const normalize = createNormalizer({ aliases, known: models });
  const read = (name: string): ResolvedModel => {
    const normalized = normalize(name);
    const info = bySlug.get(normalized.model);
    return Object.freeze({
      ...normalized,
      info: info ?? unlistedModel(normalized.model),
      listed: info !== undefined,
    });
  };
  /** A program asks for the same few names again and again. Cleared when somebody tries out names. */
  const seen = new Map<string, ResolvedModel>();
  return {
    models,
    resolve(name) {
      const before = seen.get(name);
      if (before !== undefined) return before;
      if (seen.size >= rememberedNames) seen.clear();
      const resolved = read(name);
      if (name.length <= longestRemembered) seen.set(name, resolved);
      return resolved;
    },
  };
}

const rememberedNames = 500;
const longestRemembered = 256;
