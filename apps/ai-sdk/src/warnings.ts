import type { Adjustment } from "@codex/provider";
import type { Warning } from "./sdk.js";

/** Fields of a request, by the names that they have in the AI SDK. */
const sdkNames: Readonly<Record<string, string>> = {
  max_output_tokens: "maxOutputTokens",
  stop: "stopSequences",
  temperature: "temperature",
  top_p: "topP",
  "reasoning.effort": "reasoningEffort",
  "reasoning.summary": "reasoningSummary",
  "text.verbosity": "textVerbosity",
  service_tier: "serviceTier",
  tool_choice: "toolChoice",
};

/**
 * What was changed about a request, as the warnings of the AI SDK. What was added to it breaks nothing that was asked for,
 * and the SDK prints its warnings.
 */
export function toWarnings(adjustments: readonly Adjustment[]): Warning[] {
  const changed = adjustments.filter(({ action }) => action !== "added");
  return changed.map(({ field, action, detail }) => {
    const feature = sdkNames[field] ?? field;
    const details = detail === undefined ? action : `${action}: ${detail}`;
    return { type: action === "dropped" ? "unsupported" : "compatibility", feature, details };
  });
}
