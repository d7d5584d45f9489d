import { modelError, type PlainReply } from "../http/reply.js";
import type { ModelEntry } from "../models/catalog.js";
import type { Questions } from "../questions.js";
import type { ResponsesBody } from "./plan.js";
import { textOf } from "./script.js";
import { checkStrictSchema } from "./strict-schema.js";
import { allTools } from "./tools.js";

const includes = new Set([
  "reasoning.encrypted_content",
  "output.encrypted_content",
  "web_search_call.results",
  "web_search_call.action.sources",
  "file_search_call.results",
  "message.output_text.logprobs",
  "message.input_image.image_url",
  "code_interpreter_call.outputs",
  "computer_call_output.output.image_url",
]);

/** The checks of the model layer on everything but tools and input. */
export function validateSettings(
  body: ResponsesBody,
  model: ModelEntry,
  lite: boolean,
  questions: Questions,
): PlainReply | undefined {
  return (
    checkEffort(body, model) ??
    checkSummary(body) ??
    checkLite(body, model, lite, questions) ??
    checkTier(body, model, questions) ??
    checkInclude(body) ??
    checkText(body)
  );
}

/** "'a'", "'a' and 'b'", "'a', 'b', and 'c'". */
function quotedList(values: readonly string[]): string {
  const quoted = values.map((value) => `'${value}'`);
  if (quoted.length < 3) return quoted.join(" and ");
  return `${quoted.slice(0, -1).join(", ")}, and ${quoted.at(-1)}`;
}

function checkEffort(body: ResponsesBody, model: ModelEntry): PlainReply | undefined {
  const effort = (body.reasoning as { effort?: unknown } | null | undefined)?.effort;
  if (effort === undefined || effort === null) return undefined;
  // `ultra` is a mode of the client, which sends it as `max`.
  const known = model.supported_reasoning_levels.map((level) => level.effort).filter((name) => name !== "ultra");
  if (known.includes(String(effort))) return undefined;
  const supported = `Supported values are: ${quotedList(known)}.`;
  return modelError(
    `Unsupported value: '${effort}' is not supported with the '${model.slug}' model. ${supported}`,
    "reasoning.effort",
    "unsupported_value",
  );
}

function checkSummary(body: ResponsesBody): PlainReply | undefined {
  const summary = (body.reasoning as { summary?: unknown } | null | undefined)?.summary;
  const known = ["auto", "concise", "detailed"];
  if (summary === undefined || summary === null || known.includes(String(summary))) return undefined;
  return invalidValue(summary, known, "reasoning.summary");
}

function invalidValue(value: unknown, supported: readonly string[], param: string): PlainReply {
  const message = `Invalid value: '${value}'. Supported values are: ${quotedList(supported)}.`;
  return modelError(message, param, "invalid_value");
}

const liteTools = new Set(["function", "custom", "namespace", "tool_search"]);

function checkLite(
  body: ResponsesBody,
  model: ModelEntry,
  lite: boolean,
  questions: Questions,
): PlainReply | undefined {
  if (!lite) {
    if (questions.responsesLite !== "required" || !model.use_responses_lite) return undefined;
    return modelError(
      `The '${model.slug}' model requires X-OpenAI-Internal-Codex-Responses-Lite.`,
      null,
      "unsupported_value",
    );
  }
  if (questions.responsesLite === "refused" || !model.use_responses_lite) {
    return modelError(
      `X-OpenAI-Internal-Codex-Responses-Lite is not supported with the '${model.slug}' model.`,
      null,
      "unsupported_value",
    );
  }
  const context = (body.reasoning as { context?: unknown } | null | undefined)?.context;
  if (context !== "all_turns") {
    return modelError(
      "X-OpenAI-Internal-Codex-Responses-Lite requires 'reasoning.context' to be 'all_turns'.",
      "reasoning.context",
      "unsupported_value",
    );
  }
  const misplaced = questions.responsesLite === "required" ? findMisplaced(body) : undefined;
  if (misplaced !== undefined) {
    const message = `X-OpenAI-Internal-Codex-Responses-Lite does not go with this place of '${misplaced}'.`;
    return modelError(message, misplaced, "unsupported_value");
  }
  if (allTools(body).every((tool) => liteTools.has(tool.type))) return undefined;
  return modelError(
    "X-OpenAI-Internal-Codex-Responses-Lite only supports function tools, custom tools, and client-executed tool search.",
    "tools",
    "unsupported_value",
  );
}

/** What is not where the shape has it: tools and instructions are items of the input, the tools its first one. */
function findMisplaced(body: ResponsesBody): "tools" | "instructions" | "input" | undefined {
  if (Array.isArray(body.tools) && body.tools.length > 0) return "tools";
  if (body.instructions) return "instructions";
  const place = body.input.findIndex((item) => item.type === "additional_tools");
  return place > 0 && body.input[0]?.type !== "additional_tools" ? "input" : undefined;
}

function checkTier(body: ResponsesBody, model: ModelEntry, questions: Questions): PlainReply | undefined {
  const tier = body.service_tier;
  if (tier === undefined || tier === null) return undefined;
  const known =
    questions.serviceTiers === "known" ? ["default", "flex", "priority"] : model.service_tiers.map(({ id }) => id);
  return known.includes(String(tier)) ? undefined : invalidValue(tier, known, "service_tier");
}

function checkInclude(body: ResponsesBody): PlainReply | undefined {
  if (body.include === undefined || body.include === null) return undefined;
  if (!Array.isArray(body.include)) {
    return modelError("Invalid type for 'include': expected an array.", "include", "invalid_type");
  }
  const wrong = (body.include as unknown[]).findIndex((name) => !includes.has(String(name)));
  return wrong === -1 ? undefined : invalidValue(body.include[wrong], [...includes], `include[${wrong}]`);
}

function checkText(body: ResponsesBody): PlainReply | undefined {
  const text = body.text as { verbosity?: unknown; format?: Record<string, unknown> } | null | undefined;
  if (!text) return undefined;
  const levels = ["low", "medium", "high"];
  if (text.verbosity !== undefined && text.verbosity !== null && !levels.includes(String(text.verbosity))) {
    return invalidValue(text.verbosity, levels, "text.verbosity");
  }
  const { format } = text;
  if (!format) return undefined;
  if (format.type === "text") return undefined;
  if (format.type === "json_object") return checkJsonWord(body);
  if (format.type !== "json_schema") {
    return invalidValue(format.type, ["json_object", "json_schema", "text"], "text.format.type");
  }
  for (const field of ["name", "schema"]) {
    if (format[field] !== undefined) continue;
    const param = `text.format.${field}`;
    return modelError(`Missing required parameter: '${param}'.`, param, "missing_required_parameter");
  }
  const problem = format.strict === true ? checkStrictSchema(format.schema) : undefined;
  if (problem === undefined) return undefined;
  return modelError(
    `Invalid schema for response_format '${format.name}': ${problem}`,
    "text.format.schema",
    "invalid_json_schema",
  );
}

function checkJsonWord(body: ResponsesBody): PlainReply | undefined {
  if (body.input.some((item) => /json/i.test(textOf(item.content)))) return undefined;
  return modelError(
    "Response input messages must contain the word 'json' in some form to use 'text.format' of type 'json_object'.",
    "input",
    null,
  );
}
