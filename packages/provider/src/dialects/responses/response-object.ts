import type { OutputItem, ResponseObject } from "../../canonical/events.js";

import { partsOf, textOf } from "../../canonical/item-parts.js";
import { type Fields, isFields } from "../../canonical/read-fields.js";
import type { ResponsesReplyOptions } from "./reply-options.js";

/** Makes whole Response objects for the answers to one request. `output` replaces the one that the backend gave. */
export type CompleteResponse = (response: ResponseObject, output?: OutputItem[]) => ResponseObject;

/**
 * The Response object with every field that the public API has, as strict clients read it: what the backend says of
 * the answer itself is kept, what the request said is echoed from the caller's request, since the backend was asked
 * something else (its own model name, our instructions, `store: false`), and the rest has the API's defaults. A setting
 * that was dropped or clamped did not hold, and is not echoed.
 */
export function createResponseCompleter(reply: ResponsesReplyOptions): CompleteResponse {
  const asked = heldSettings(reply);
  const echoed = echo(asked, reply);
  const reasoning = { effort: null, summary: null, ...fieldsOf(asked.reasoning) };
  const text = { verbosity: "medium", ...fieldsOf(asked.text) };
  const format = formatOf(asked);
  return (response, output) => {
    const complete: ResponseObject = { ...defaults };
    // Key by key: with this many of them spreading objects into each other costs ten times as much.
    for (const key in response) {
      const value = response[key];
      if (value !== null && value !== undefined) complete[key] = value;
    }
    for (const key in echoed) complete[key] = echoed[key];
    if (output !== undefined) complete.output = output;
    complete.output_text = textOfOutput(complete.output ?? []);
    complete.reasoning = { ...reasoning, ...fieldsOf(response.reasoning) };
    complete.text = { ...text, ...fieldsOf(response.text), format };
    return complete;
  };
}

/** What the request said, less the settings that did not hold, whole or inside of `reasoning` and `text`. */
function heldSettings({ request = { model: "" }, adjustments }: ResponsesReplyOptions): Fields {
  const held: Fields = { ...request };
  for (const { field, action } of adjustments) {
    if (action !== "dropped" && action !== "clamped") continue;
    const [top = "", inner, ...deeper] = field.split(".");
    if (inner === undefined) delete held[top];
    else if (deeper.length === 0 && isFields(held[top])) held[top] = withoutKey(held[top], inner);
  }
  return held;
}

function withoutKey({ ...fields }: Fields, key: string): Fields {
  delete fields[key];
  return fields;
}

/** What an answer has when neither the backend nor the request says anything. */
const defaults: ResponseObject = {
  id: "resp_0",
  object: "response",
  created_at: 0,
  status: "completed",
  background: false,
  completed_at: null,
  conversation: null,
  error: null,
  frequency_penalty: 0,
  incomplete_details: null,
  instructions: null,
  max_output_tokens: null,
  max_tool_calls: null,
  metadata: {},
  model: "",
  moderation: null,
  output: [],
  output_text: "",
  parallel_tool_calls: true,
  presence_penalty: 0,
  previous_response_id: null,
  prompt: null,
  prompt_cache_key: null,
  prompt_cache_options: null,
  prompt_cache_retention: null,
  reasoning: null,
  safety_identifier: null,
  service_tier: "default",
  store: false,
  temperature: 1,
  text: null,
  tool_choice: "auto",
  tools: [],
  top_logprobs: 0,
  top_p: 1,
  truncation: "disabled",
  usage: null,
  user: null,
};

/** Fields that are repeated as the caller sent them; what the caller left out, the backend or the default says. */
const echoedWhenAsked = [
  ...["max_output_tokens", "max_tool_calls", "parallel_tool_calls", "prompt_cache_retention", "safety_identifier"],
  ...["temperature", "top_logprobs", "top_p", "truncation"],
];

/** Fields whose value in the backend's answer is ours: they are the caller's, or the default. */
const echoedAlways = [
  ...["instructions", "tools", "tool_choice", "metadata", "previous_response_id", "prompt_cache_key", "user"],
];

function echo(asked: Fields, reply: ResponsesReplyOptions): Fields {
  const fields: Fields = { model: reply.model, store: reply.store === true };
  for (const field of echoedWhenAsked) if (asked[field] !== undefined) fields[field] = asked[field];
  for (const field of echoedAlways) fields[field] = asked[field] ?? defaults[field];
  return fields;
}

/** All text of the answer in one: what the SDKs compute for themselves, and who reads plain JSON looks for. */
function textOfOutput(output: readonly OutputItem[]): string {
  let text = "";
  for (const item of output) {
    if (item.type !== "message") continue;
    for (const part of partsOf(item, "content")) if (part.type === "output_text") text += textOf(part.text);
  }
  return text;
}

function formatOf(asked: Fields): unknown {
  return fieldsOf(asked.text).format ?? { type: "text" };
}

function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}
