import { CodexError } from "@codex/errors";
import { type ModelInfo, unlistedPriority } from "./model-info.js";

/**
 * Reads the body of `GET /codex/models`, sorted by priority. An entry whose known fields have a wrong shape is
 * skipped, null counts as absent, unknown fields are ignored, of two entries with one slug the first stays. Throws
 * `upstream_rejected` when the body is not `{ "models": [...] }` at all.
 */
export function parseModelList(json: unknown): ModelInfo[] {
  if (!isObject(json) || !Array.isArray(json.models)) {
    throw new CodexError("upstream_rejected", "The backend's model list has an unknown shape: no `models` array.");
  }
  const bySlug = new Map<string, ModelInfo>();
  for (const entry of json.models) {
    const model = parseEntry(entry);
    if (model !== undefined && !bySlug.has(model.slug)) bySlug.set(model.slug, model);
  }
  return [...bySlug.values()].sort((a, b) => a.priority - b.priority);
}

function parseEntry(entry: unknown): ModelInfo | undefined {
  if (!isObject(entry)) return undefined;
  try {
    return readEntry(entry);
  } catch (error) {
    if (error instanceof WrongShape) return undefined;
    throw error;
  }
}

function readEntry(entry: Fields): ModelInfo {
  const slug = read(entry, "slug", isText);
  if (slug === undefined || slug === "") throw new WrongShape();
  const messages = read(entry, "model_messages", isObject) ?? {};
  const variables = read(messages, "instructions_variables", isObject);
  return withoutUndefined<ModelInfo>({
    slug,
    displayName: read(entry, "display_name", isText) ?? slug,
    description: read(entry, "description", isText),
    priority: read(entry, "priority", isNumber) ?? unlistedPriority,
    visibility: parseVisibility(read(entry, "visibility", isText)),
    defaultEffort: read(entry, "default_reasoning_level", isText),
    efforts: readIds(entry, "supported_reasoning_levels", "effort"),
    supportsVerbosity: read(entry, "support_verbosity", isFlag) ?? false,
    defaultVerbosity: read(entry, "default_verbosity", isText),
    supportsReasoningSummaries: read(entry, "supports_reasoning_summaries", isFlag) ?? false,
    defaultSummary: read(entry, "default_reasoning_summary", isText),
    contextWindow: read(entry, "context_window", isNumber),
    maxContextWindow: read(entry, "max_context_window", isNumber),
    maxOutputTokens: read(entry, "max_output_tokens", isNumber),
    inputModalities: read(entry, "input_modalities", isTextList) ?? ["text", "image"],
    serviceTiers: readIds(entry, "service_tiers", "id"),
    defaultServiceTier: read(entry, "default_service_tier", isText),
    responsesLite: read(entry, "use_responses_lite", isFlag) ?? false,
    supportsParallelToolCalls: read(entry, "supports_parallel_tool_calls", isFlag) ?? false,
    // Before model_messages came, the text stood in base_instructions, ready for use.
    instructionsTemplate: read(messages, "instructions_template", isText) ?? read(entry, "base_instructions", isText),
    instructionsVariables: variables && textsOf(variables),
    minimalClientVersion: read(entry, "minimal_client_version", isText),
    upgrade: read(read(entry, "upgrade", isObject) ?? {}, "model", isText),
  });
}

/** A visibility that we don't know is none that we should show. */
function parseVisibility(text: string | undefined): ModelInfo["visibility"] {
  if (text === undefined) return "list";
  return text === "list" || text === "none" ? text : "hide";
}

/** `[{ effort: "low" }, ...]` -> `["low", ...]`. */
function readIds(entry: Fields, field: string, key: string): string[] {
  return (read(entry, field, Array.isArray) ?? []).map((part: unknown) => {
    const id = isObject(part) ? part[key] : undefined;
    if (!isText(id)) throw new WrongShape();
    return id;
  });
}

function textsOf(fields: Fields): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).filter((pair): pair is [string, string] => isText(pair[1])));
}

class WrongShape extends Error {}
type Fields = Record<string, unknown>;

function read<T>(fields: Fields, name: string, is: (value: unknown) => value is T): T | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  if (!is(value)) throw new WrongShape();
  return value;
}

const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === "string";
const isFlag = (value: unknown): value is boolean => typeof value === "boolean";
const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);
const isTextList = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);

function withoutUndefined<T extends object>(fields: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
