import type { Notes } from "../../canonical/context.js";
import {
  type Fields,
  invalid,
  isFields,
  isUnset,
  kindOf,
  readEntry,
  readString,
  withoutNulls,
} from "../../canonical/read-fields.js";
import type { InputItem, MessageItem } from "../../canonical/request.js";
import { type MessageRole, parseContent, parseToolOutput, textPart } from "./parse-content.js";
import { parseTools } from "./parse-tools.js";

const roles: ReadonlySet<string> = new Set<MessageRole>(["system", "developer", "user", "assistant"]);

/**
 * The `input` of a Responses body as canonical items: a string is one user message, an item without `type` is a
 * message, content strings become parts. Every other item, known to us or not, goes through as it is, less the keys
 * that are null: SDKs that write out their own objects send them, and the backend knows no such parameter.
 * Throws `request_invalid` with `param`.
 */
export function parseInput(input: unknown, notes: Notes): InputItem[] {
  if (typeof input === "string") {
    return [{ type: "message", role: "user", content: [textPart(input, "user")] }];
  }
  if (!Array.isArray(input)) {
    throw invalid("input", `\`input\` must be a string or a list of items, not ${kindOf(input)}.`);
  }
  return input.map((item, index) => parseItem(item, `input[${index}]`, notes));
}

function parseItem(value: unknown, param: string, notes: Notes): InputItem {
  const item = withoutNulls(readEntry(value, param));
  const type = readString(item.type, `${param}.type`);
  if (type === undefined && isUnset(item.role)) {
    throw invalid(`${param}.type`, `\`${param}\` has neither a type nor a role. A message needs a role.`);
  }
  switch (type) {
    case undefined:
    case "message":
      return parseMessageItem(item, param, notes);
    case "function_call":
    case "custom_tool_call":
      return parseCallItem(item, type, param);
    case "function_call_output":
    case "custom_tool_call_output":
      return parseOutputItem(item, type, param, notes);
    case "reasoning":
      return parseReasoningItem(item);
    case "additional_tools":
      return { ...item, type, tools: parseTools(item.tools, "responses", notes, `${param}.tools`) ?? [] };
    default:
      return { ...item, type };
  }
}

/** Its `status` is for reading only: sent back, it is refused. The summary must be there, though it may be empty. */
function parseReasoningItem({ status: _status, ...item }: Fields): InputItem {
  return { ...item, type: "reasoning", summary: Array.isArray(item.summary) ? item.summary : [] };
}

function parseMessageItem(item: Fields, param: string, notes: Notes): MessageItem {
  if (typeof item.role !== "string" || !roles.has(item.role)) throw invalid(`${param}.role`, roleMessage(item.role));
  const role = item.role as MessageRole;
  const content = parseContent(item.content, role, `${param}.content`, notes);
  if (content.length === 0 && role !== "assistant") {
    throw invalid(`${param}.content`, `\`${param}\` has no content. Give a string or a list of parts.`);
  }
  return { ...item, type: "message", role, content };
}

/** `parsed_arguments` is what the SDK has read from the arguments, and sends along with its own answers. */
function parseCallItem({ parsed_arguments: _parsed, ...item }: Fields, type: string, param: string): InputItem {
  const name = readString(item.name, `${param}.name`);
  if (name === undefined) throw invalid(`${param}.name`, `\`${param}\` is a tool call and must name its tool.`);
  const parsed: InputItem = { ...item, type, name, call_id: readCallId(item, param) };
  const field = type === "function_call" ? "arguments" : "input";
  const given = item[field];
  parsed[field] = isFields(given) ? JSON.stringify(given) : (readString(given, `${param}.${field}`) ?? "");
  return parsed;
}

/** One without a `call_id` is kept: the backend's input is repaired later, where all calls are known. */
function parseOutputItem({ call_id, ...item }: Fields, type: string, param: string, notes: Notes): InputItem {
  const output = parseToolOutput(item.output, `${param}.output`, notes);
  const callId = readString(call_id, `${param}.call_id`);
  return callId === undefined ? { ...item, type, output } : { ...item, type, call_id: callId, output };
}

function readCallId(item: Fields, param: string): string {
  const callId = readString(item.call_id, `${param}.call_id`);
  if (callId !== undefined) return callId;
  throw invalid(`${param}.call_id`, `\`${param}\` has no call_id, by which a call and its output belong together.`);
}

function roleMessage(role: unknown): string {
  if (role === "tool") return "`input` has no role `tool`. Send an item of type function_call_output.";
  return "The role of a message must be system, developer, user or assistant.";
}
