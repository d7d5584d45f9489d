import { adjust, type Notes, type RequestContext } from "../../canonical/context.js";
import {
  type Fields,
  invalid,
  isFields,
  isUnset,
  noteUnknownKeys,
  readFields,
  readString,
} from "../../canonical/read-fields.js";

/** Fields that `parse-request` reads itself. */
const readFieldNames: ReadonlySet<string> = new Set([
  ...["model", "messages", "stream", "stream_options", "tools", "tool_choice", "functions", "function_call"],
  ...["parallel_tool_calls", "reasoning_effort", "reasoning", "verbosity", "response_format", "service_tier"],
  ...[
    "prompt_cache_key",
    "user",
    "web_search_options",
    "n",
    "stop",
    "max_tokens",
    "max_completion_tokens",
    "max_output_tokens",
  ],
]);

/** What a field must be for its dropping to change nothing: then it is not worth a note. */
const harmless: Readonly<Record<string, (value: unknown) => boolean>> = {
  temperature: (value) => value === 1,
  top_p: (value) => value === 1,
  presence_penalty: (value) => value === 0,
  frequency_penalty: (value) => value === 0,
  logprobs: (value) => value === false,
  top_logprobs: (value) => value === 0,
  store: (value) => value === false,
  modalities: (value) => Array.isArray(value) && value.every((kind) => kind === "text"),
};

/** Notes every field that has no counterpart in the backend, known or not. Throws `request_invalid` for audio. */
export function noteDroppedFields(body: Fields, context: RequestContext): void {
  refuseAudio(body);
  noteOutranked(body, "functions", "tools", context);
  noteOutranked(body, "function_call", "tool_choice", context);
  for (const field of Object.keys(body)) {
    const value = body[field];
    if (readFieldNames.has(field) || isUnset(value)) continue;
    if (Object.hasOwn(harmless, field) && harmless[field]?.(value)) continue;
    adjust(context, { field: field.slice(0, 60), action: "dropped", detail: "the backend has no such setting" });
  }
}

/** Notes a legacy field beside the one that has taken its place. */
function noteOutranked(body: Fields, legacy: string, current: string, context: RequestContext): void {
  if (isUnset(body[legacy]) || isUnset(body[current])) return;
  adjust(context, { field: legacy, action: "dropped", detail: `${current} goes before it` });
}

function refuseAudio(body: Fields): void {
  const audio = Array.isArray(body.modalities) && body.modalities.includes("audio");
  if (audio || !isUnset(body.audio)) {
    throw invalid(
      audio ? "modalities" : "audio",
      "The Codex backend answers in text, not audio. Leave this field out.",
    );
  }
}

/** `response_format` as the Responses API's `text.format`; undefined for plain text. */
export function parseResponseFormat(value: unknown, notes: Notes): Fields | undefined {
  const format = readFields(value, "response_format");
  // A schema may stand in it flat, as in the Responses API.
  const isFlat = format?.type === "json_schema" && isUnset(format.json_schema);
  if (format !== undefined) noteUnknownKeys(format, isFlat ? flatKeys : formatKeys, "response_format", notes);
  switch (format?.type) {
    case undefined:
      if (format === undefined) return undefined;
      break;
    case "text":
      return undefined;
    case "json_object":
      return { type: "json_object" };
    case "json_schema":
      return parseJsonSchema(format, notes);
  }
  throw invalid("response_format.type", "`response_format.type` must be text, json_object or json_schema.");
}

const formatKeys: ReadonlySet<string> = new Set(["type", "json_schema"]);
const schemaKeys: ReadonlySet<string> = new Set(["name", "description", "schema", "strict"]);
const flatKeys: ReadonlySet<string> = new Set([...formatKeys, ...schemaKeys]);

/** Chat nests the schema under `json_schema`, the Responses API has it flat. */
function parseJsonSchema(format: Fields, notes: Notes): Fields {
  const inside = readFields(format.json_schema, "response_format.json_schema");
  if (inside !== undefined) noteUnknownKeys(inside, schemaKeys, "response_format.json_schema", notes);
  const nested = inside ?? format;
  const schema = readFields(nested.schema, "response_format.json_schema.schema");
  if (schema === undefined) {
    throw invalid("response_format.json_schema.schema", "`response_format` of type json_schema needs a `schema`.");
  }
  const name = readString(nested.name, "response_format.json_schema.name") ?? "answer";
  const parsed: Fields = { type: "json_schema", name, strict: nested.strict === true, schema };
  const description = readString(nested.description, "response_format.json_schema.description");
  if (description !== undefined) parsed.description = description;
  return parsed;
}

/** `web_search_options` as the hosted tool that it stands for. */
export function parseWebSearch(value: unknown, notes: Notes): ({ type: "web_search" } & Fields) | undefined {
  if (value === undefined || value === null) return undefined;
  // An empty object is what asks for a search with the defaults.
  if (!isFields(value)) throw invalid("web_search_options", "`web_search_options` must be an object.");
  noteUnknownKeys(value, searchKeys, "web_search_options", notes);
  const tool: { type: "web_search" } & Fields = { type: "web_search" };
  const size = readString(value.search_context_size, "web_search_options.search_context_size");
  if (size !== undefined) tool.search_context_size = size;
  const location = readFields(value.user_location, "web_search_options.user_location");
  if (location !== undefined) {
    const nested = isFields(location.approximate) ? location.approximate : undefined;
    if (nested) noteUnknownKeys(location, locationKeys, "web_search_options.user_location", notes);
    tool.user_location = { ...(nested ?? location), type: "approximate" };
  }
  return tool;
}

const searchKeys: ReadonlySet<string> = new Set(["search_context_size", "user_location"]);
const locationKeys: ReadonlySet<string> = new Set(["type", "approximate"]);
