import type { ResponseObject, Usage } from "../canonical/events.js";

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
}

/** The usage of one or several responses together; undefined when none of them tells. */
export function encodeUsage(responses: readonly ResponseObject[]): ChatUsage | undefined {
  const told = responses.map((response) => response.usage).filter((usage): usage is Usage => Boolean(usage));
  if (told.length === 0) return undefined;
  const sum = (read: (usage: Usage) => number | undefined) =>
    told.reduce((total, usage) => total + (read(usage) ?? 0), 0);
  return {
    prompt_tokens: sum((usage) => usage.input_tokens),
    completion_tokens: sum((usage) => usage.output_tokens),
    total_tokens: sum((usage) => usage.total_tokens ?? (usage.input_tokens ?? 0) + (usage.output_tokens ?? 0)),
    prompt_tokens_details: {
      cached_tokens: sum((usage) => usage.input_tokens_details?.cached_tokens),
      audio_tokens: 0,
    },
    completion_tokens_details: {
      reasoning_tokens: sum((usage) => usage.output_tokens_details?.reasoning_tokens),
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}
