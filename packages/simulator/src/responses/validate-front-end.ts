import { detail, type PlainReply } from "../http/reply.js";
import type { Questions } from "../questions.js";

/** Fields with a quoted refusal of the real service. */
const reportedParameters = [
  "max_output_tokens",
  "temperature",
  "context_management",
  "previous_response_id",
  "generate",
];

/** Fields that other clients strip because they were refused, without a quoted body. */
const strippedParameters = [
  "max_completion_tokens",
  "top_p",
  "user",
  "truncation",
  "prompt_cache_retention",
  "prompt_cache_options",
  "safety_identifier",
  "metadata",
];

/** Fields that the official client sends. */
const officialParameters = new Set([
  "model",
  "instructions",
  "input",
  "tools",
  "tool_choice",
  "parallel_tool_calls",
  "reasoning",
  "store",
  "stream",
  "stream_options",
  "include",
  "service_tier",
  "prompt_cache_key",
  "text",
  "client_metadata",
]);

/** The checks of the ChatGPT front end, which answers `{"detail": ...}`. */
export function validateFrontEnd(
  body: Record<string, unknown>,
  questions: Questions,
  officialInstructions: () => string[],
): PlainReply | undefined {
  if (body.stream !== true) return detail(400, "Stream must be set to true");
  if (body.store !== false) return detail(400, "Store must be set to false");
  const unsupported = findUnsupported(body, questions);
  if (unsupported !== undefined) return detail(400, `Unsupported parameter: ${unsupported}`);
  if (typeof body.input === "string") return detail(400, "Input must be a list");
  if (!Array.isArray(body.input)) return detail(400, "Input must be a list");
  const items = body.input as unknown[];
  if (items.some((item) => isObject(item) && item.role === "system")) {
    return detail(400, "System messages are not allowed");
  }
  if (!hasInstructions(body, items, questions)) return detail(400, "Instructions are required");
  if (questions.instructionsText === "official" && !officialInstructions().includes(String(body.instructions ?? ""))) {
    return detail(400, "Instructions are not valid");
  }
  return undefined;
}

function findUnsupported(body: Record<string, unknown>, questions: Questions): string | undefined {
  const strict = questions.unsupportedParameters === "all";
  for (const [name, value] of Object.entries(body)) {
    if (!strict && (value === null || value === undefined)) continue;
    if (reportedParameters.includes(name)) return name;
    if (strict && (strippedParameters.includes(name) || !officialParameters.has(name))) return name;
  }
  const options = body.stream_options;
  if (options === undefined || options === null) return undefined;
  const known = isObject(options) && Object.keys(options).every((key) => key === "reasoning_summary_delivery");
  return known ? undefined : "stream_options";
}

function hasInstructions(body: Record<string, unknown>, items: unknown[], questions: Questions): boolean {
  if (typeof body.instructions === "string" || questions.instructions === "optional") return true;
  if (questions.instructions === "required") return false;
  const opening = items.find((item) => isObject(item) && item.type !== "additional_tools");
  return isObject(opening) && opening.role === "developer";
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
