import { modelError, type PlainReply } from "../http/reply.js";
import type { Questions } from "../questions.js";
import type { ResponsesBody } from "./plan.js";
import { checkStrictSchema } from "./strict-schema.js";
import { allTools, type Tool } from "./tools.js";

const hosted = new Set([
  "web_search",
  "web_search_2025_08_26",
  "web_search_preview",
  "image_generation",
  "code_interpreter",
  "file_search",
  "mcp",
  "local_shell",
  "shell",
  "apply_patch",
  "tool_search",
]);

/** The checks of the model layer on tools and on the choice among them. */
export function validateTools(body: ResponsesBody, lite: boolean, questions: Questions): PlainReply | undefined {
  const strictByDefault = questions.toolStrict === "default-true";
  const { tools } = body;
  if (tools !== undefined && tools !== null && !Array.isArray(tools)) {
    return modelError("Invalid type for 'tools': expected an array of objects.", "tools", "invalid_type");
  }
  for (const [i, tool] of ((tools ?? []) as Tool[]).entries()) {
    const problem = checkTool(tool, `tools[${i}]`, strictByDefault);
    if (problem) return problem;
  }
  for (const [i, item] of body.input.entries()) {
    if (item.type !== "additional_tools") continue;
    for (const [j, tool] of (Array.isArray(item.tools) ? (item.tools as Tool[]) : []).entries()) {
      const problem = checkTool(tool, `input[${i}].tools[${j}]`, strictByDefault);
      if (problem) return problem;
    }
  }
  if (lite && body.parallel_tool_calls === true) {
    const message = "X-OpenAI-Internal-Codex-Responses-Lite requires 'parallel_tool_calls' to be false.";
    return modelError(message, "parallel_tool_calls", "unsupported_value");
  }
  return checkChoice(body);
}

function checkTool(tool: Tool, path: string, strictByDefault: boolean): PlainReply | undefined {
  if (typeof tool !== "object" || tool === null) {
    return modelError(`Invalid type for '${path}': expected an object.`, path, "invalid_type");
  }
  if (tool.type === undefined) return missing(`${path}.type`);
  if (hosted.has(tool.type)) return undefined;
  if (!["function", "custom", "namespace"].includes(tool.type)) {
    const message = `Invalid value: '${tool.type}'. Supported values are: 'function', 'custom', 'namespace', 'web_search', and 'image_generation'.`;
    return modelError(message, path, "invalid_value");
  }
  const nameProblem = checkName(tool.name, `${path}.name`);
  if (nameProblem) return nameProblem;
  if (tool.type === "namespace") {
    for (const [i, inner] of (tool.tools ?? []).entries()) {
      const problem = checkTool(inner, `${path}.tools[${i}]`, strictByDefault);
      if (problem) return problem;
    }
  }
  const strict = tool.strict === true || (strictByDefault && (tool.strict === undefined || tool.strict === null));
  const schemaProblem = tool.type === "function" && strict ? checkStrictSchema(tool.parameters) : undefined;
  if (schemaProblem === undefined) return undefined;
  const message = `Invalid schema for function '${tool.name}': ${schemaProblem}`;
  return modelError(message, `${path}.parameters`, "invalid_function_parameters");
}

function checkName(name: unknown, param: string): PlainReply | undefined {
  if (name === undefined || name === null || name === "") return missing(param);
  if (typeof name !== "string") {
    return modelError(`Invalid type for '${param}': expected a string.`, param, "invalid_type");
  }
  if (name.length > 64) {
    return modelError(
      `Invalid '${param}': string too long. Expected a string with maximum length 64, but got a string with length ${name.length} instead.`,
      param,
      "string_above_max_length",
    );
  }
  if (/^[a-zA-Z0-9_-]+$/.test(name)) return undefined;
  const rule = "Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.";
  return modelError(`Invalid '${param}': string does not match pattern. ${rule}`, param, "invalid_value");
}

function missing(param: string): PlainReply {
  return modelError(`Missing required parameter: '${param}'.`, param, "missing_required_parameter");
}

function checkChoice(body: ResponsesBody): PlainReply | undefined {
  const choice = body.tool_choice;
  if (choice === undefined || choice === null) return undefined;
  if (typeof choice === "string") {
    if (["auto", "none", "required"].includes(choice)) return undefined;
    const message = `Invalid value: '${choice}'. Supported values are: 'none', 'auto', and 'required'.`;
    return modelError(message, "tool_choice", "invalid_value");
  }
  const { type, name } = choice as { type?: unknown; name?: unknown };
  if (type === "allowed_tools") return undefined;
  const tools = allTools(body);
  if (type === "function" || type === "custom") {
    if (name === undefined) return missing("tool_choice.name");
    if (tools.some((tool) => tool.name === name)) return undefined;
    return modelError(`Tool choice '${name}' not found in 'tools' parameter.`, "tool_choice", null);
  }
  if (tools.some((tool) => tool.type === type)) return undefined;
  return modelError(`Tool choice '${type}' not found in 'tools' parameter.`, "tool_choice", null);
}
