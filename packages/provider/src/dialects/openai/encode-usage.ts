import type { ResponseObject } from "../../canonical/events.js";
import { sumUsage } from "../../canonical/sum-usage.js";

/** Token counts in chat's names. */
export interface ChatUsage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  prompt_tokens_details: { cached_tokens: number; audio_tokens: number };
  completion_tokens_details: {
    reasoning_tokens: number;
    audio_tokens: number;
    accepted_prediction_tokens: number;
    rejected_prediction_tokens: number;
  };
  /** Ours: whether some of it is an estimate. Absent where nothing is. */
  estimated?: true;
}

/** The usage of one or several responses together; undefined when none of them tells. */
export function encodeUsage(responses: readonly ResponseObject[]): ChatUsage | undefined {
  const usage = sumUsage(responses.map((response) => response.usage));
  if (usage === undefined) return undefined;
  return {
    prompt_tokens: usage.input_tokens,
    completion_tokens: usage.output_tokens,
    total_tokens: usage.total_tokens,
    prompt_tokens_details: { cached_tokens: usage.input_tokens_details?.cached_tokens ?? 0, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: usage.output_tokens_details?.reasoning_tokens ?? 0,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
    ...(usage.estimated && { estimated: true }),
  };
}
