import type { Notes } from "../../canonical/context.js";
import {
  type Fields,
  invalid,
  isFields,
  isUnset,
  kindOf,
  noteUnknownKeys,
  readEntry,
  readList,
  readString,
} from "../../canonical/read-fields.js";
import type { Tool } from "../../canonical/request.js";
import { hostedToolType } from "./parse-tools.js";

const nameKey: ReadonlySet<string> = new Set(["name"]);
const namedKeys: ReadonlySet<string> = new Set(["type", "name"]);
const allowedKeys: ReadonlySet<string> = new Set(["type", "mode", "tools"]);
const nestedAllowedKeys: ReadonlySet<string> = new Set(["type", "allowed_tools"]);

const modes: ReadonlySet<string> = new Set(["none", "auto", "required"]);

/**
 * `tool_choice` in either API's spelling, as the Responses API has it: a mode, a tool by name, `allowed_tools`, or a
 * hosted tool by type. Without tools only a forced choice is an error; a harmless one is left out, as callers that
 * fill in every field send it. Throws `request_invalid`.
 */
export function parseToolChoice(value: unknown, tools: readonly Tool[] | undefined, notes: Notes): unknown {
  if (isUnset(value)) return undefined;
  const choice = typeof value === "string" ? parseMode(value) : parseNamedChoice(value, notes);
  if (tools !== undefined && tools.length > 0) return choice;
  if (choice === "auto" || choice === "none") return undefined;
  throw invalid("tool_choice", "`tool_choice` asks for a tool, but there are no `tools`. Send them, or leave it out.");
}

/** The `function_call` field of chat before there were tools: a mode, or a function by name. */
export function parseLegacyChoice(value: unknown, tools: readonly Tool[] | undefined, notes: Notes): unknown {
  if (isFields(value) && !isUnset(value)) {
    const name = readString(value.name, "function_call.name");
    if (name === undefined) throw invalid("function_call.name", "`function_call` names no function.");
    noteUnknownKeys(value, nameKey, "function_call", notes);
    return parseToolChoice({ type: "function", name }, tools, notes);
  }
  return parseToolChoice(value, tools, notes);
}

function parseMode(mode: string): string {
  if (modes.has(mode)) return mode;
  throw invalid("tool_choice", "`tool_choice` must be none, auto, required, or an object that names a tool.");
}

function parseNamedChoice(value: unknown, notes: Notes): Fields {
  if (!isFields(value)) {
    throw invalid("tool_choice", `\`tool_choice\` must be a string or an object, not ${kindOf(value)}.`);
  }
  if (value.type === "allowed_tools") return parseAllowedTools(value, notes);
  return flatten(value, "tool_choice", notes);
}

function parseAllowedTools(value: Fields, notes: Notes): Fields {
  const source = isFields(value.allowed_tools) ? value.allowed_tools : value;
  const param = source === value ? "tool_choice" : "tool_choice.allowed_tools";
  const isNested = source !== value;
  noteUnknownKeys(value, isNested ? nestedAllowedKeys : allowedKeys, "tool_choice", notes);
  if (isNested) noteUnknownKeys(source, allowedKeys, param, notes);
  const mode = readString(source.mode, `${param}.mode`) ?? "auto";
  const tools = readList(source.tools, `${param}.tools`) ?? [];
  const flat = tools.map((tool, index) => {
    const place = `${param}.tools[${index}]`;
    return flatten(readEntry(tool, place), place, notes);
  });
  return { type: "allowed_tools", mode, tools: flat };
}

/** `{ type: "function", function: { name } }` becomes `{ type: "function", name }`; the same for custom tools. */
function flatten(choice: Fields, param: string, notes: Notes): Fields {
  const type = readString(choice.type, `${param}.type`);
  if (type === undefined)
    throw invalid(`${param}.type`, `\`${param}\` has no type. Use {"type":"function","name":"..."}.`);
  if (type !== "function" && type !== "custom") return { ...choice, type: hostedToolType(type) };
  const nested = choice[type];
  noteUnknownKeys(choice, isFields(nested) ? new Set(["type", type]) : namedKeys, param, notes);
  if (isFields(nested)) noteUnknownKeys(nested, nameKey, `${param}.${type}`, notes);
  const name = isFields(nested)
    ? readString(nested.name, `${param}.${type}.name`)
    : readString(choice.name, `${param}.name`);
  if (name === undefined) throw invalid(`${param}.${type}.name`, `\`${param}\` names no tool.`);
  return { type, name };
}
