/** Model names and what is known of models. Withheld: the tables' indexes and the flight control of the cache. */
export {
  type AccountModels,
  type AccountModelsOptions,
  createAccountModels,
  type FetchedModels,
} from "./account-models.js";
export { bundledAliases, bundledCatalog, retiredModels } from "./catalog.js";
export { closestModels } from "./closest.js";
export type { KnownModel, KnownModels } from "./known-models.js";
export type { CustomModel, ResolvedModel } from "./list-view.js";
export {
  encodeModelEntry,
  encodeResolvedEntry,
  listModelEntries,
  type ModelEntriesOptions,
  type ModelEntry,
} from "./model-entry.js";
export { effortNames, type ModelInfo, unlistedModel } from "./model-info.js";
export {
  createNormalizer,
  type ModelMapping,
  type NormalizedModel,
  type NormalizeOptions,
  normalizeModel,
} from "./normalize.js";
export { parseModelList } from "./parse-model-list.js";
