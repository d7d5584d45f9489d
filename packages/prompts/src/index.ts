/** The CODEX_MODE policy for instructions. Withheld: the cache and its files, the fetching, the words of the notes on tools. */
export {
  type CustomInstructions,
  createInstructions,
  type DerivedInstructions,
  type DeriveInput,
  type DeriveInstructions,
  type Instructions,
  type InstructionsOptions,
} from "./instructions.js";
export { type CodexMode, parseCodexMode } from "./mode.js";
export { type InstructionSources, officialSources } from "./official.js";
export { isLegacyToolPrompt, type SystemMessage } from "./system-text.js";
export type { Personality } from "./template.js";
export { bundledInstructions, defaultInstructions } from "./texts.js";
