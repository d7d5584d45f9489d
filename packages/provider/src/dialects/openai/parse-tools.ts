import { adjust, type Notes } from "../../canonical/context.js";
import {
  type Fields,
  invalid,
  isFields,
  noteUnknownKeys,
  readBoolean,
  readEntry,
  readFields,
  readList,
  readString,
} from "../../canonical/read-fields.js";
import type { Tool } from "../../canonical/request.js";
import { fitsStrictMode } from "../../canonical/strict-schema.js";

/** Which API's default an absent `strict` takes: chat says false, the Responses API "as far as the schema allows". */
export type StrictDefault = "chat" | "responses";

/** Most tools of one list; OpenAI's API takes 128. */
const maxTools = 4096;

/**
 * Tools in either spelling, nested as in chat or flat as in the Responses API, as canonical flat ones. `strict` is
 * always explicit in function tools, those of a namespace included, since the two APIs differ in what its absence
 * means. Hosted and other tools go through untouched, but for older names of `web_search`. Throws `request_invalid` for a
 * function or custom tool without a name, and for more than `maxTools`.
 */
export function parseTools(value: unknown, strict: StrictDefault, notes: Notes, param = "tools"): Tool[] | undefined {
  const tools = readList(value, param);
  if (tools !== undefined && tools.length > maxTools) {
    throw invalid(param, `\`${param}\` has ${tools.length} tools, more than ${maxTools}. Send fewer.`);
  }
  return tools?.map((tool, index) => {
    const place = `${param}[${index}]`;
    return parseTool(readEntry(tool, place), strict, notes, place);
  });
}

/** The `functions` of chat before there were tools. */
export function parseLegacyFunctions(value: unknown): Tool[] | undefined {
  const functions = readList(value, "functions");
  return functions?.map((entry, index) => {
    const param = `functions[${index}]`;
    return parseFunction(readEntry(entry, param), "chat", param);
  });
}

/** A hosted tool's type as the backend has it: the search that was a preview, or has a date, is `web_search` there. */
export function hostedToolType(type: string): string {
  return /^web_search_(preview|\d)/.test(type) ? "web_search" : type;
}

function parseTool(tool: Fields, strictDefault: StrictDefault, notes: Notes, param: string): Tool {
  const given = readString(tool.type, `${param}.type`) ?? (isFields(tool.function) ? "function" : undefined);
  switch (given) {
    case undefined:
      throw invalid(`${param}.type`, `\`${param}\` has no type. Use \`function\` for a tool of your own.`);
    case "function": {
      const nested = isFields(tool.function) ? tool.function : readFields(tool.function, `${param}.function`);
      if (nested === undefined) return parseFunction(tool, strictDefault, param);
      noteUnknownKeys(tool, nestedFunctionKeys, "tools[]", notes);
      return parseFunction({ strict: tool.strict, ...nested }, "chat", `${param}.function`);
    }
    case "custom":
      return parseCustom(readFields(tool.custom, `${param}.custom`), tool, notes, param);
    case "namespace": {
      const name = readToolName(tool.name, `${param}.name`);
      return {
        ...tool,
        type: given,
        name,
        tools: parseTools(tool.tools, strictDefault, notes, `${param}.tools`) ?? [],
      };
    }
    default: {
      const type = hostedToolType(given);
      if (type !== given) adjust(notes, { field: `${param}.type`, action: "mapped", detail: type });
      return { ...tool, type };
    }
  }
}

/** What stands beside the object in which chat has a tool. */
const nestedFunctionKeys: ReadonlySet<string> = new Set(["type", "function", "strict"]);
const nestedCustomKeys: ReadonlySet<string> = new Set(["type", "custom"]);
const grammarKeys: ReadonlySet<string> = new Set(["type", "grammar"]);

function parseFunction(tool: Fields, strictDefault: StrictDefault, param: string): Tool {
  const name = readToolName(tool.name, `${param}.name`);
  const { description, parameters, strict, type: _type, ...rest } = tool;
  const parsed: Tool = { ...rest, type: "function", name };
  const words = readString(description, `${param}.description`);
  if (words !== undefined) parsed.description = words;
  const schema = readFields(parameters, `${param}.parameters`) ?? { type: "object", properties: {} };
  parsed.parameters = schema;
  parsed.strict = readBoolean(strict, `${param}.strict`) ?? (strictDefault === "responses" && fitsStrictMode(schema));
  return parsed;
}

/** Chat nests twice: `{ custom: { name, format: { type: "grammar", grammar: { syntax, definition } } } }`. */
function parseCustom(nested: Fields | undefined, tool: Fields, notes: Notes, param: string): Tool {
  if (nested === undefined) return { ...tool, type: "custom", name: readToolName(tool.name, `${param}.name`) };
  noteUnknownKeys(tool, nestedCustomKeys, "tools[]", notes);
  const parsed: Tool = { ...nested, type: "custom", name: readToolName(nested.name, `${param}.custom.name`) };
  const format = readFields(nested.format, `${param}.custom.format`);
  if (format !== undefined && isFields(format.grammar)) {
    noteUnknownKeys(format, grammarKeys, "tools[].custom.format", notes);
    parsed.format = { type: "grammar", ...format.grammar };
  }
  return parsed;
}

function readToolName(value: unknown, param: string): string {
  const name = readString(value, param);
  if (name !== undefined) return name;
  throw invalid(param, `\`${param}\` is missing: every tool of your own needs a name.`);
}
