import { adjust, type RequestContext } from "../../canonical/context.js";
import { ensureJsonWord } from "../../canonical/json-word.js";
import {
  type Fields,
  invalid,
  isUnset,
  readBoolean,
  readFields,
  readList,
  readModel,
  readString,
  withoutUnset,
} from "../../canonical/read-fields.js";
import type { ResponsesRequest } from "../../canonical/request.js";
import { parseInput } from "./parse-input.js";
import { parseToolChoice } from "./parse-tool-choice.js";
import { parseTools } from "./parse-tools.js";
import { readEffort } from "./read-effort.js";

/**
 * The canonical request of a Responses-shaped body, from whichever route it came. Fields that we don't know go
 * through; what the backend refuses is taken out later and noted there. Throws `request_invalid` with `param`.
 */
export function parseResponsesBody(body: Fields, context: RequestContext): ResponsesRequest {
  const model = readModel(body, context);
  if (readBoolean(body.background, "background")) {
    throw invalid(
      "background",
      "Background responses need a server that keeps them. Leave `background` out, and stream.",
    );
  }
  const { stream: _stream, background: _background, reasoning_effort: _effort, ...rest } = withoutUnset(body);
  const request: ResponsesRequest = { ...rest, model, input: readInput(body, context) };
  checkScalars(request, body, context);
  readInstructions(request, body);
  const tools = parseTools(body.tools, "responses", context);
  if (tools !== undefined) request.tools = tools;
  const choice = parseToolChoice(body.tool_choice, tools ?? toolsInInput(request), context);
  if (choice === undefined) delete request.tool_choice;
  else request.tool_choice = choice;
  if (ensureJsonWord(request)) {
    adjust(context, { field: "text.format", action: "mapped", detail: "a message with the word JSON was added" });
  }
  return request;
}

function readInput(body: Fields, context: RequestContext): ResponsesRequest["input"] {
  if (!isUnset(body.input)) return parseInput(body.input, context);
  if (!isUnset(body.previous_response_id)) return [];
  const hint = isUnset(body.messages)
    ? "Send a string or a list of items."
    : "`messages` belongs to /v1/chat/completions.";
  throw invalid("input", `The request has no input. ${hint}`);
}

function readInstructions(request: ResponsesRequest, body: Fields): void {
  const instructions = readString(body.instructions, "instructions");
  if (instructions !== undefined) request.instructions = instructions;
}

/** The types of what the house reads itself; everything else is the backend's to judge. */
function checkScalars(request: ResponsesRequest, body: Fields, context: RequestContext): void {
  readString(body.service_tier, "service_tier");
  readString(body.prompt_cache_key, "prompt_cache_key");
  readString(body.previous_response_id, "previous_response_id");
  readBoolean(body.parallel_tool_calls, "parallel_tool_calls");
  readBoolean(body.store, "store");
  const include = readList(body.include, "include");
  include?.forEach((entry, index) => {
    if (typeof entry !== "string") throw invalid(`include[${index}]`, "`include` must be a list of strings.");
  });
  const reasoning = withChatEffort(readFields(body.reasoning, "reasoning"), body, context);
  if (reasoning !== undefined) {
    readString(reasoning.effort, "reasoning.effort");
    readString(reasoning.summary, "reasoning.summary");
    replaceWithSet(request, "reasoning", withSummary(reasoning, context));
  }
  const text = readFields(body.text, "text");
  if (text !== undefined) {
    readString(text.verbosity, "text.verbosity");
    const format = readFields(text.format, "text.format");
    if (format !== undefined && readString(format.type, "text.format.type") === undefined) {
      throw invalid("text.format.type", "`text.format` has no type: text, json_object or json_schema.");
    }
    replaceWithSet(request, "text", text);
  }
}

/** `reasoning_effort` is chat's name for `reasoning.effort`; Open WebUI sends it here too. The API's own name goes before it. */
function withChatEffort(reasoning: Fields | undefined, body: Fields, context: RequestContext): Fields | undefined {
  const given = readEffort(body.reasoning_effort, context);
  if (isUnset(given)) return reasoning;
  const isOutranked = !isUnset(reasoning?.effort);
  const how = isOutranked
    ? ({ action: "dropped", detail: "reasoning.effort goes before it" } as const)
    : ({ action: "mapped", detail: "reasoning.effort" } as const);
  adjust(context, { field: "reasoning_effort", ...how });
  return { ...given, ...(reasoning === undefined ? {} : withoutUnset(reasoning)) };
}

/** `generate_summary` is the older name of `summary`. */
function withSummary({ generate_summary: older, ...reasoning }: Fields, context: RequestContext): Fields {
  const summary = readString(older, "reasoning.generate_summary");
  if (summary === undefined) return reasoning;
  adjust(context, { field: "reasoning.generate_summary", action: "mapped", detail: "reasoning.summary" });
  return { summary, ...withoutUnset(reasoning) };
}

/** Takes what is not set out of a nested object, and the object itself when nothing is left. */
function replaceWithSet(request: ResponsesRequest, field: "reasoning" | "text", value: Fields): void {
  const set = withoutUnset(value);
  if (isUnset(set)) delete request[field];
  else request[field] = set;
}

/** The Codex CLI puts its tools into the input for some models; a `tool_choice` then refers to those. */
function toolsInInput(request: ResponsesRequest): ResponsesRequest["tools"] {
  const item = request.input.find((entry) => entry.type === "additional_tools");
  return Array.isArray(item?.tools) ? item.tools : undefined;
}
