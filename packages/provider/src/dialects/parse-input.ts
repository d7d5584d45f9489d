import type { InputItem, MessageItem } from "../canonical/request.js";
import { type MessageRole, parseContent, parseToolOutput, textPart } from "./parse-content.js";
import { type Fields, invalid, isFields, isUnset, kindOf, readEntry, readString } from "./read-fields.js";

const roles: ReadonlySet<string> = new Set<MessageRole>(["system", "developer", "user", "assistant"]);

/**
 * The `input` of a Responses body as canonical items: a string is one user message, an item without `type` is a
 * message, content strings become parts. Every other item, known to us or not, goes through as it is.
 * Throws `request_invalid` with `param`.
 */
export function parseInput(input: unknown): InputItem[] {
  if (typeof input === "string") {
    return [{ type: "message", role: "user", content: [textPart(input, "user")] }];
  }
  if (!Array.isArray(input)) {
    throw invalid("input", `\`input\` must be a string or a list of items, not ${kindOf(input)}.`);
  }
  return input.map((item, index) => parseItem(item, `input[${index}]`));
}

function parseItem(value: unknown, param: string): InputItem {
  const item = readEntry(value, param);
  const type = readString(item.type, `${param}.type`);
  if (type === undefined && isUnset(item.role)) {
    throw invalid(`${param}.type`, `\`${param}\` has neither a type nor a role. A message needs a role.`);
  }
  switch (type) {
    case undefined:
    case "message":
      return parseMessageItem(item, param);
    case "function_call":
    case "custom_tool_call":
      return parseCallItem(item, type, param);
    case "function_call_output":
    case "custom_tool_call_output":
      return {
        ...item,
        type,
        call_id: readCallId(item, param),
        output: parseToolOutput(item.output, `${param}.output`),
      };
    default:
      return { ...item, type };
  }
}

function parseMessageItem(item: Fields, param: string): MessageItem {
  if (typeof item.role !== "string" || !roles.has(item.role)) throw invalid(`${param}.role`, roleMessage(item.role));
  const role = item.role as MessageRole;
  const content = parseContent(item.content, role, `${param}.content`);
  if (content.length === 0 && role !== "assistant") {
    throw invalid(`${param}.content`, `\`${param}\` has no content. Give a string or a list of parts.`);
  }
  return { ...item, type: "message", role, content };
}

function parseCallItem(item: Fields, type: string, param: string): InputItem {
  const name = readString(item.name, `${param}.name`);
  if (name === undefined) throw invalid(`${param}.name`, `\`${param}\` is a tool call and must name its tool.`);
  const parsed: InputItem = { ...item, type, name, call_id: readCallId(item, param) };
  const field = type === "function_call" ? "arguments" : "input";
  const given = item[field];
  parsed[field] = isFields(given) ? JSON.stringify(given) : (readString(given, `${param}.${field}`) ?? "");
  return parsed;
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
