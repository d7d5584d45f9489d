import type { OutputItem, ResponseObject } from "../../canonical/events.js";
import type { ReplyOptions } from "../dialect.js";
import { type Fields, isFields } from "../read-fields.js";

/**
 * The Response object with every field that the public API has, as strict clients read it: what the backend says of
 * the answer itself is kept, what the request said is echoed from the caller's request, since the backend was asked
 * something else (its own model name, our instructions, `store: false`), and the rest has the API's defaults.
 */
export function completeResponse(response: ResponseObject, reply: ReplyOptions, output?: OutputItem[]): ResponseObject {
  const asked: Fields = reply.request;
  const own: ResponseObject = withoutNull(response);
  const head = { id: "resp_0", object: "response", created_at: 0, status: "completed" };
  return {
    ...head,
    ...defaults,
    ...own,
    model: reply.model,
    output: output ?? own.output ?? [],
    instructions: asked.instructions ?? null,
    tools: asked.tools ?? [],
    tool_choice: asked.tool_choice ?? "auto",
    parallel_tool_calls: asked.parallel_tool_calls ?? own.parallel_tool_calls ?? true,
    reasoning: { effort: null, summary: null, ...fieldsOf(asked.reasoning), ...fieldsOf(own.reasoning) },
    text: { verbosity: "medium", ...fieldsOf(asked.text), ...fieldsOf(own.text), format: formatOf(asked) },
    store: reply.store === true,
    ...echo(asked, own),
  };
}

/** What an answer has when neither the backend nor the request says anything. */
const defaults: Fields = {
  background: false,
  completed_at: null,
  conversation: null,
  error: null,
  frequency_penalty: 0,
  incomplete_details: null,
  max_output_tokens: null,
  max_tool_calls: null,
  metadata: {},
  presence_penalty: 0,
  previous_response_id: null,
  prompt_cache_key: null,
  prompt_cache_retention: null,
  safety_identifier: null,
  service_tier: "default",
  temperature: 1,
  top_logprobs: 0,
  top_p: 1,
  truncation: "disabled",
  usage: null,
  user: null,
};

/** Fields that an answer repeats from the request. What the caller left out is the backend's to say, or the default. */
const echoed = [
  ...["max_output_tokens", "max_tool_calls", "metadata", "previous_response_id", "prompt_cache_key"],
  ...["prompt_cache_retention", "safety_identifier", "temperature", "top_logprobs", "top_p", "truncation", "user"],
] as const;

/** Fields whose value in the backend's answer is ours, not the caller's. */
const ours: ReadonlySet<string> = new Set(["prompt_cache_key", "metadata", "user", "previous_response_id"]);

function echo(asked: Fields, own: Fields): Fields {
  const fields: Fields = {};
  for (const field of echoed) {
    fields[field] = asked[field] ?? (ours.has(field) ? undefined : own[field]) ?? defaults[field];
  }
  return fields;
}

function formatOf(asked: Fields): unknown {
  return fieldsOf(asked.text).format ?? { type: "text" };
}

function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}

function withoutNull(response: ResponseObject): ResponseObject {
  const entries = Object.entries(response).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(entries);
}
