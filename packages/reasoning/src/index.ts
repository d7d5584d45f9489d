/** Reasoning effort, summary and verbosity: pure decisions, no I/O. Withheld: the ranks of efforts. */
export { buildReasoning, buildText, type ReasoningBlock, type TextBlock } from "./config.js";
export { type ClampedEffort, clampEffort, type EffortSupport, parseEffort } from "./effort.js";
export {
  type ReasoningNote,
  type ResolvedReasoning,
  type ResolvedVerbosity,
  type ResolveReasoningInput,
  resolveReasoning,
  resolveVerbosity,
  type UnknownEffort,
} from "./resolve.js";
