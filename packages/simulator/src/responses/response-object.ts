import type { ResponsesBody } from "./plan.js";

/** Token counts as `response.completed` carries them. */
export interface Usage {
  input_tokens: number;
  input_tokens_details: { cached_tokens: number };
  output_tokens: number;
  output_tokens_details: { reasoning_tokens: number };
  total_tokens: number;
}

/** The whole Response object of an answer in some state, with the fields that the real one has. */
export function responseObject(
  body: ResponsesBody,
  fixed: { id: string; createdAt: number; model: string; userId: string },
  state: {
    status: string;
    output: unknown[];
    usage: Usage | null;
    completedAt?: number;
    error?: unknown;
    incomplete?: unknown;
  },
): Record<string, unknown> {
  const reasoning = (body.reasoning ?? {}) as { effort?: string; summary?: string };
  const text = (body.text ?? {}) as { format?: unknown; verbosity?: string };
  return {
    id: fixed.id,
    object: "response",
    created_at: fixed.createdAt,
    status: state.status,
    background: false,
    completed_at: state.completedAt ?? null,
    error: state.error ?? null,
    frequency_penalty: 0,
    incomplete_details: state.incomplete ?? null,
    instructions: body.instructions ?? null,
    max_output_tokens: null,
    max_tool_calls: null,
    model: fixed.model,
    output: state.output,
    parallel_tool_calls: body.parallel_tool_calls ?? true,
    presence_penalty: 0,
    previous_response_id: null,
    prompt_cache_key: body.prompt_cache_key ?? null,
    prompt_cache_retention: null,
    reasoning: { effort: reasoning.effort ?? "medium", summary: reasoning.summary ?? null },
    safety_identifier: fixed.userId,
    service_tier: state.status === "in_progress" ? "auto" : (body.service_tier ?? "default"),
    store: false,
    temperature: 1,
    text: { format: text.format ?? { type: "text" }, verbosity: text.verbosity ?? "medium" },
    tool_choice: body.tool_choice ?? "auto",
    tools: body.tools ?? [],
    top_logprobs: 0,
    top_p: 1,
    truncation: "disabled",
    usage: state.usage,
    user: null,
    metadata: {},
  };
}
