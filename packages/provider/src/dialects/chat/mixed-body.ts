import type { Notes } from "../../canonical/context.js";
import { type Fields, isFields, isUnset, withoutUnset } from "../../canonical/read-fields.js";
import { readEffort } from "../openai/read-effort.js";
import { parseResponseFormat } from "./fields.js";

/**
 * A Responses-shaped body that came to the chat route (Cursor sends them), with the settings that it has under chat's
 * names put where the Responses API has them. A summary of the reasoning is asked for as on chat.
 * `chatReasoning` is what was read of it where it came in the words of chat alone.
 */
export function inResponsesNames(body: Fields, chatReasoning: Fields | undefined, notes: Notes): Fields {
  const { reasoning_effort, verbosity, response_format, ...rest } = body;
  if (chatReasoning !== undefined) rest.reasoning = chatReasoning;
  else if (isUnset(body.reasoning) || isFields(body.reasoning)) {
    rest.reasoning = { summary: "auto", ...readEffort(reasoning_effort, notes), ...whatIsSet(body.reasoning) };
  }
  if (isUnset(body.text) || isFields(body.text)) {
    rest.text = { verbosity, format: parseResponseFormat(response_format, notes), ...whatIsSet(body.text) };
  }
  return rest;
}

/** What is set of an object, which may not be there. */
function whatIsSet(value: unknown): Fields {
  return isFields(value) ? withoutUnset(value) : {};
}
