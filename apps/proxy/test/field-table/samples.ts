import type { Api } from "./sdk-fields.js";

/** A value that a field is sent with, beside whatever it needs to mean something. */
export interface Sample {
  /** A path, e.g. `reasoning.effort`. */
  field: string;
  value: unknown;
  /** What goes along, and goes along without the field too, so that the difference is the field's. */
  beside?: Record<string, unknown>;
}

const user = { role: "user", content: "Say hi." };
const parameters = { type: "object", properties: { city: { type: "string" } } };
const schema = { ...parameters, required: ["city"], additionalProperties: false };
const streamed = { stream: true };
const cached = { mode: "implicit", ttl: "30m" };

const chatTools = [{ type: "function", function: { name: "look", parameters } }];
const tools = [{ type: "function", name: "look", parameters, strict: false }];

/** The request that each sample is put into. */
export const bases: Readonly<Record<Api, Record<string, unknown>>> = {
  "chat/completions": { model: "gpt-6-sol", messages: [user] },
  responses: { model: "gpt-6-sol", input: "Say hi." },
  completions: { model: "gpt-6-sol", prompt: "Say hi." },
};

/** A sample for every field; where the value decides what becomes of it, one for each. */
export const samples: Readonly<Record<Api, readonly Sample[]>> = {
  "chat/completions": [
    { field: "messages", value: [{ role: "system", content: "Be brief." }, user] },
    { field: "model", value: "gpt-6-luna" },
    { field: "audio", value: { voice: "alloy", format: "mp3" } },
    { field: "frequency_penalty", value: 0.5 },
    { field: "function_call", value: { name: "look" }, beside: { functions: [{ name: "look", parameters }] } },
    { field: "functions", value: [{ name: "look", parameters }] },
    { field: "logit_bias", value: { 50256: -100 } },
    { field: "logprobs", value: true },
    { field: "max_completion_tokens", value: 2 },
    { field: "max_tokens", value: 2 },
    { field: "metadata", value: { topic: "x" } },
    { field: "modalities", value: ["text", "audio"] },
    { field: "moderation", value: { model: "omni-moderation-latest" } },
    { field: "n", value: 2 },
    { field: "parallel_tool_calls", value: false, beside: { tools: chatTools } },
    { field: "prediction", value: { type: "content", content: "hi" } },
    { field: "presence_penalty", value: 0.5 },
    { field: "prompt_cache_key", value: "my-key" },
    { field: "prompt_cache_options", value: cached },
    { field: "prompt_cache_retention", value: "24h" },
    { field: "reasoning_effort", value: "high" },
    { field: "reasoning_effort", value: "none" },
    { field: "reasoning_effort", value: "bogus" },
    { field: "response_format", value: { type: "json_object" } },
    { field: "response_format", value: { type: "json_schema", json_schema: { name: "place", strict: true, schema } } },
    { field: "safety_identifier", value: "me" },
    { field: "seed", value: 1 },
    { field: "service_tier", value: "priority" },
    { field: "service_tier", value: "flex" },
    { field: "stop", value: "answering" },
    { field: "store", value: true },
    { field: "stream", value: true },
    { field: "stream_options.include_usage", value: true, beside: streamed },
    { field: "stream_options.include_obfuscation", value: true, beside: streamed },
    { field: "temperature", value: 0.5 },
    { field: "tool_choice", value: "required", beside: { tools: chatTools } },
    { field: "tool_choice", value: { type: "function", function: { name: "look" } }, beside: { tools: chatTools } },
    { field: "tools", value: chatTools },
    { field: "top_logprobs", value: 2 },
    { field: "top_p", value: 0.5 },
    { field: "user", value: "me" },
    { field: "verbosity", value: "high" },
    { field: "web_search_options.search_context_size", value: "low" },
    { field: "web_search_options.user_location", value: { type: "approximate", approximate: { city: "Ulm" } } },
  ],
  responses: [
    { field: "access_programs", value: { cyber: {} } },
    { field: "background", value: true },
    { field: "context_management", value: [{ type: "compaction", compact_threshold: 1000 }] },
    { field: "conversation", value: "conv_1" },
    { field: "image", value: { partial_images: 1 } },
    { field: "include", value: ["web_search_call.action.sources"] },
    { field: "input", value: "Say hello." },
    { field: "instructions", value: "Be brief." },
    { field: "max_output_tokens", value: 2 },
    { field: "max_tool_calls", value: 3 },
    { field: "metadata", value: { topic: "x" } },
    { field: "model", value: "gpt-6-luna" },
    { field: "moderation", value: { model: "omni-moderation-latest" } },
    { field: "parallel_tool_calls", value: false },
    { field: "previous_response_id", value: "resp_unknown" },
    { field: "prompt", value: { id: "pmpt_1" } },
    { field: "prompt_cache_key", value: "my-key" },
    { field: "prompt_cache_options", value: cached },
    { field: "prompt_cache_retention", value: "24h" },
    { field: "reasoning.context", value: "current_turn" },
    { field: "reasoning.effort", value: "high" },
    { field: "reasoning.effort", value: "none" },
    { field: "reasoning.effort", value: "bogus" },
    { field: "reasoning.generate_summary", value: "concise" },
    { field: "reasoning.mode", value: "pro" },
    { field: "reasoning.summary", value: "auto" },
    { field: "safety_identifier", value: "me" },
    { field: "service_tier", value: "priority" },
    { field: "service_tier", value: "flex" },
    { field: "store", value: false },
    { field: "stream", value: true },
    { field: "stream_options.include_obfuscation", value: true, beside: streamed },
    { field: "temperature", value: 0.5 },
    { field: "text.format", value: { type: "json_schema", name: "place", strict: true, schema } },
    { field: "text.verbosity", value: "high" },
    { field: "tool_choice", value: "required", beside: { tools } },
    { field: "tools", value: tools },
    { field: "top_logprobs", value: 2 },
    { field: "top_p", value: 0.5 },
    { field: "truncation", value: "auto" },
    { field: "user", value: "me" },
  ],
  completions: [
    { field: "model", value: "gpt-6-luna" },
    { field: "prompt", value: ["Say hi.", "Say hello."] },
    { field: "best_of", value: 2 },
    { field: "echo", value: true },
    { field: "frequency_penalty", value: 0.5 },
    { field: "logit_bias", value: { 50256: -100 } },
    { field: "logprobs", value: 2 },
    { field: "max_tokens", value: 2 },
    { field: "n", value: 2 },
    { field: "presence_penalty", value: 0.5 },
    { field: "seed", value: 1 },
    { field: "stop", value: "answering" },
    { field: "stream", value: true },
    { field: "stream_options.include_usage", value: true, beside: streamed },
    { field: "stream_options.include_obfuscation", value: true, beside: streamed },
    { field: "suffix", value: "The end." },
    { field: "temperature", value: 0.5 },
    { field: "top_p", value: 0.5 },
    { field: "user", value: "me" },
  ],
};
