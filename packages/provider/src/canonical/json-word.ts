import type { ResponsesRequest } from "./request.js";
import { isMessage } from "./request.js";

/** What is added where it is missing. A developer message, so that it is not taken for the user's words. */
const sentence = "Answer with one JSON object and nothing else.";

/** Whether a request asks for JSON, of a schema or not. */
export function asksForJson(request: ResponsesRequest): boolean {
  const type = request.text?.format?.type;
  return type === "json_schema" || type === "json_object";
}

/**
 * With `json_object` the Responses API refuses input that does not hold the word JSON; chat also counts its system
 * messages, which become instructions here and then no longer count. Adds the word where it is missing, and says so.
 */
export function ensureJsonWord(request: ResponsesRequest): boolean {
  if (request.text?.format?.type !== "json_object") return false;
  const leading = request.instructions === undefined ? leadingInstructions(request) : 0;
  if (request.input.slice(leading).some(holdsJsonWord)) return false;
  request.input.push({ type: "message", role: "developer", content: [{ type: "input_text", text: sentence }] });
  return true;
}

/** How many messages at the head will become the instructions: none where there is nothing else. */
function leadingInstructions({ input }: ResponsesRequest): number {
  const first = input.findIndex((item) => !isMessage(item) || (item.role !== "system" && item.role !== "developer"));
  return Math.max(first, 0);
}

function holdsJsonWord(item: ResponsesRequest["input"][number]): boolean {
  if (!isMessage(item)) return false;
  return item.content.some((part) => typeof part.text === "string" && /json/i.test(part.text));
}
