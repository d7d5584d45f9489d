import { modelError, type PlainReply } from "../http/reply.js";
import type { Questions } from "../questions.js";
import { isOwnEncryptedContent, partnerOf } from "./ids.js";
import type { ResponsesBody } from "./plan.js";

type Item = Record<string, unknown>;

/** Item types, with the fields that each must have. */
const requiredFields: Readonly<Record<string, readonly string[]>> = {
  message: ["role", "content"],
  reasoning: ["summary"],
  function_call: ["call_id", "name", "arguments"],
  function_call_output: ["call_id", "output"],
  custom_tool_call: ["call_id", "name", "input"],
  custom_tool_call_output: ["call_id", "output"],
  local_shell_call: ["call_id", "action"],
  local_shell_call_output: [],
  web_search_call: [],
  image_generation_call: [],
  tool_search_call: [],
  tool_search_output: [],
  compaction: ["encrypted_content"],
  compaction_summary: ["encrypted_content"],
  compaction_trigger: [],
  context_compaction: [],
  additional_tools: ["tools"],
  agent_message: ["content"],
  configuration_update: [],
  item_reference: ["id"],
};

/** The checks of the model layer on the input items. */
export function validateInput(body: ResponsesBody, questions: Questions): PlainReply | undefined {
  for (const [i, item] of body.input.entries()) {
    const path = `input[${i}]`;
    const problem = checkItem(item, path) ?? checkId(item, questions) ?? checkReasoning(item, questions);
    if (problem) return problem;
  }
  return checkPairs(body.input) ?? (questions.reasoningPartner === "required" ? checkPartners(body.input) : undefined);
}

function checkItem(item: Item, path: string): PlainReply | undefined {
  if (typeof item !== "object" || item === null) {
    return modelError(`Invalid type for '${path}': expected an object.`, path, "invalid_type");
  }
  const type = item.type ?? (item.role === undefined ? undefined : "message");
  if (type === undefined) return missing(`${path}.type`);
  const required = requiredFields[String(type)];
  if (!required) {
    const known = Object.keys(requiredFields).map((name) => `'${name}'`);
    return modelError(`Invalid value: '${type}'. Supported values are: ${known.join(", ")}.`, path, "invalid_value");
  }
  const absent = required.find((field) => item[field] === undefined || item[field] === null);
  if (absent !== undefined) return missing(`${path}.${absent}`);
  for (const field of ["arguments", "input", "call_id", "name"]) {
    if (required.includes(field) && typeof item[field] !== "string")
      return wrongType(`${path}.${field}`, "a string", item[field]);
  }
  if (type === "message") return checkMessage(item, path);
  if (type === "function_call_output" || type === "custom_tool_call_output") return checkOutput(item, path);
  return undefined;
}

const roles = ["assistant", "system", "developer", "user"];
const partsOf: Readonly<Record<string, readonly string[]>> = {
  assistant: ["output_text", "refusal"],
  user: ["input_text", "input_image", "input_file"],
  developer: ["input_text", "input_image", "input_file"],
};

function checkMessage(item: Item, path: string): PlainReply | undefined {
  const role = String(item.role);
  if (!roles.includes(role)) return unsupported(role, roles, `${path}.role`);
  if (typeof item.content === "string") return undefined;
  if (!Array.isArray(item.content))
    return wrongType(`${path}.content`, "one of an array of objects or string", item.content);
  return checkParts(item.content as Item[], `${path}.content`, partsOf[role] ?? []);
}

function checkOutput(item: Item, path: string): PlainReply | undefined {
  if (typeof item.output === "string") return undefined;
  if (!Array.isArray(item.output))
    return wrongType(`${path}.output`, "one of an array of objects or string", item.output);
  return checkParts(item.output as Item[], `${path}.output`, partsOf.user ?? []);
}

function checkParts(parts: Item[], path: string, allowed: readonly string[]): PlainReply | undefined {
  for (const [i, part] of parts.entries()) {
    const here = `${path}[${i}]`;
    if (typeof part !== "object" || part === null) return wrongType(here, "an object", part);
    if (!allowed.includes(String(part.type))) return unsupported(String(part.type), allowed, here);
    if (String(part.type).endsWith("_text") && typeof part.text !== "string") return missing(`${here}.text`);
    const problem = part.type === "input_image" ? checkImage(part, here) : undefined;
    if (problem) return problem;
  }
  return undefined;
}

function checkImage(part: Item, path: string): PlainReply | undefined {
  if (part.file_id !== undefined && part.file_id !== null) return undefined;
  if (part.image_url === undefined || part.image_url === null) return missing(`${path}.image_url`);
  if (typeof part.image_url !== "string") return wrongType(`${path}.image_url`, "a string", part.image_url);
  if (/^https?:\/\//.test(part.image_url)) return undefined;
  const data = part.image_url.match(/^data:image\/[\w.+-]+;base64,/)?.[0];
  if (data === undefined) {
    const message = `Invalid '${path}.image_url'. Expected a valid URL, but got a value with an invalid format.`;
    return modelError(message, `${path}.image_url`, "invalid_value");
  }
  const head = Buffer.from(part.image_url.slice(data.length, data.length + 24), "base64").toString("latin1");
  if (/^(\x89PNG|\xff\xd8\xff|GIF8|RIFF....WEBP)/s.test(head)) return undefined;
  return modelError("The image data you provided does not represent a valid image.", "input", "invalid_image");
}

function checkId(item: Item, questions: Questions): PlainReply | undefined {
  if (item.id === undefined || item.id === null) return undefined;
  if (questions.itemIds === "accept" && item.type !== "item_reference") return undefined;
  const why = "Items are not persisted when `store` is set to false.";
  const advice = "Try again with `store` set to true, or remove this item from your input.";
  return modelError(`Item with id '${item.id}' not found. ${why} ${advice}`, "input", null, 404);
}

function checkReasoning(item: Item, questions: Questions): PlainReply | undefined {
  if (item.type !== "reasoning" || questions.encryptedContent === "accept") return undefined;
  if (typeof item.encrypted_content === "string" && isOwnEncryptedContent(item.encrypted_content)) return undefined;
  if (item.encrypted_content === undefined || item.encrypted_content === null) return undefined;
  const start = String(item.encrypted_content).slice(0, 8);
  return modelError(`The encrypted content ${start}... could not be verified.`, "input", "invalid_encrypted_content");
}

/** Every call needs its output after it, every output its call before it. */
function checkPairs(items: Item[]): PlainReply | undefined {
  for (const [callType, outputType, name] of [
    ["function_call", "function_call_output", "function call"],
    ["custom_tool_call", "custom_tool_call_output", "custom tool call"],
  ] as const) {
    const open = new Set<unknown>();
    for (const item of items) {
      if (item.type === callType) open.add(item.call_id);
      else if (item.type === outputType && !open.delete(item.call_id)) {
        const message = `No tool call found for ${name} output with call_id ${item.call_id}.`;
        return modelError(message, "input", null);
      }
    }
    for (const call of open) return modelError(`No tool output found for ${name} ${call}.`, "input", null);
  }
  return undefined;
}

/** A call with an id of ours comes from an answer; the reasoning before it in that answer must be there too. */
function checkPartners(items: Item[]): PlainReply | undefined {
  const ids = new Set(items.map((item) => item.id));
  for (const { id, type } of items) {
    const partner = typeof id === "string" ? partnerOf(id) : undefined;
    if (partner === undefined || ids.has(partner)) continue;
    const message = `Item '${id}' of type '${type}' was provided without its required 'reasoning' item: '${partner}'.`;
    return modelError(message, "input", null);
  }
  return undefined;
}

function missing(param: string): PlainReply {
  return modelError(`Missing required parameter: '${param}'.`, param, "missing_required_parameter");
}

function unsupported(value: string, supported: readonly string[], param: string): PlainReply {
  const list = supported.map((name) => `'${name}'`).join(", ");
  return modelError(`Invalid value: '${value}'. Supported values are: ${list}.`, param, "invalid_value");
}

function wrongType(param: string, expected: string, value: unknown): PlainReply {
  const got =
    value === null
      ? "null"
      : Array.isArray(value)
        ? "an array"
        : `${typeof value === "object" ? "an" : "a"} ${typeof value}`;
  return modelError(
    `Invalid type for '${param}': expected ${expected}, but got ${got} instead.`,
    param,
    "invalid_type",
  );
}
