/** The fields that clients read in a Response object; every one must be there, if only as null or default. */
export const publicFields: string[] = [
  ...["id", "object", "created_at", "status", "background", "completed_at", "error", "frequency_penalty"],
  ...["incomplete_details", "instructions", "max_output_tokens", "max_tool_calls", "metadata", "model", "output"],
  ...["parallel_tool_calls", "presence_penalty", "previous_response_id", "prompt_cache_key", "reasoning"],
  ...["prompt_cache_retention", "safety_identifier", "service_tier", "store", "temperature", "text", "tool_choice"],
  ...["tools", "top_logprobs", "top_p", "truncation", "usage", "user"],
];
