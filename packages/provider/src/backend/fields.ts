import { CodexError } from "@codex/errors";
import { adjust, type RequestContext } from "../canonical/context.js";
import { isUnset } from "../canonical/read-fields.js";
import type { ResponsesRequest } from "../canonical/request.js";

/**
 * Fields of the public Responses API that the Codex backend refuses with `Unsupported parameter`, each with the value
 * that changes nothing when it is left out. A list of what is refused, never of what is allowed: unknown fields go
 * through, and the retry table learns what else the backend refuses.
 */
const refusedFields: Readonly<Record<string, unknown>> = {
  temperature: 1,
  top_p: 1,
  top_logprobs: 0,
  logprobs: false,
  n: 1,
  presence_penalty: 0,
  frequency_penalty: 0,
  truncation: "disabled",
  store: false,
  background: false,
  max_output_tokens: undefined,
  max_completion_tokens: undefined,
  max_tokens: undefined,
  stop: undefined,
  seed: undefined,
  logit_bias: undefined,
  user: undefined,
  metadata: undefined,
  safety_identifier: undefined,
  prompt_cache_retention: undefined,
  prompt_cache_options: undefined,
  context_management: undefined,
  max_tool_calls: undefined,
  moderation: undefined,
  generate: undefined,
};

/** Fields that can't be dropped without answering another question than the one asked. */
const impossibleFields: Readonly<Record<string, string>> = {
  previous_response_id: "Send the whole conversation in `input` instead.",
  conversation: "Send the whole conversation in `input` instead.",
  prompt: "Send the prompt's text in `instructions` and `input` instead.",
  background: "Ask for a stream instead.",
};

/** Fields that the body sets itself, from the request and the model. */
const builtFields: ReadonlySet<string> = new Set([
  "model",
  "instructions",
  "input",
  "tools",
  "tool_choice",
  "parallel_tool_calls",
  "reasoning",
  "text",
  "include",
  "service_tier",
  "prompt_cache_key",
  "stream",
  "stream_options",
]);

/**
 * The caller's other fields as they may be sent on. null, "", [] and {} mean "not set", as clients send them. What is
 * dropped is noted. Throws `request_invalid` with `param` for what is not available at all.
 */
export function passOtherFields(request: ResponsesRequest, context: RequestContext): Record<string, unknown> {
  const passed: Record<string, unknown> = {};
  for (const field of Object.keys(request)) {
    const value = request[field];
    if (builtFields.has(field) || isUnset(value)) continue;
    if (Object.hasOwn(refusedFields, field) && value === refusedFields[field]) continue;
    const impossible = Object.hasOwn(impossibleFields, field) ? impossibleFields[field] : undefined;
    if (impossible !== undefined) {
      throw new CodexError("request_invalid", `The Codex backend has no \`${field}\`. ${impossible}`, { param: field });
    }
    if (Object.hasOwn(refusedFields, field)) {
      adjust(context, { field, action: "dropped", detail: "the backend has no such field" });
      continue;
    }
    passed[field] = value;
  }
  return passed;
}

/** Of `stream_options` the backend takes one key; the others (usage, obfuscation) are about what we send, not what it sends. */
export function passStreamOptions(value: unknown): Record<string, unknown> | undefined {
  if (typeof value !== "object" || value === null || !("reasoning_summary_delivery" in value)) return undefined;
  return { reasoning_summary_delivery: value.reasoning_summary_delivery };
}

/** The tier as the backend names it. `auto` and `default` mean none, `fast` is the Codex CLI's word for `priority`. */
export function passServiceTier(
  requested: unknown,
  supported: readonly string[],
  context: RequestContext,
): string | undefined {
  if (typeof requested !== "string" || requested === "" || requested === "auto" || requested === "default")
    return undefined;
  const tier = requested === "fast" ? "priority" : requested;
  if (supported.includes(tier)) {
    if (tier !== requested) adjust(context, { field: "service_tier", action: "mapped", detail: tier });
    return tier;
  }
  adjust(context, { field: "service_tier", action: "dropped", detail: "the model has no such tier" });
  return undefined;
}
