/** The provider. Withheld: the model's wrapper and its `fetch`, which only make sense together. */
export type { PlanUsage } from "@codex/provider";
export type { CodexModel } from "./models.js";
export { type CodexImageModelId, type CodexModelId, type CodexProvider, codex, createCodex } from "./provider.js";
export type { CodexSettings } from "./settings.js";
