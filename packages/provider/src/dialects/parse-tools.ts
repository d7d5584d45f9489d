import type { Tool } from "../canonical/request.js";
import {
  type Fields,
  invalid,
  isFields,
  readBoolean,
  readEntry,
  readFields,
  readList,
  readString,
} from "./read-fields.js";
import { fitsStrictMode } from "./strict-schema.js";

/** Which API's default an absent `strict` takes: chat says false, the Responses API "as far as the schema allows". */
export type StrictDefault = "chat" | "responses";

/**
 * Tools in either spelling, nested as in chat or flat as in the Responses API, as canonical flat ones. `strict` is
 * always explicit in function tools, since the two APIs differ in what its absence means. Hosted, namespace and other
 * tools go through untouched. Throws `request_invalid` for a function or custom tool without a name.
 */
export function parseTools(value: unknown, strictDefault: StrictDefault): Tool[] | undefined {
  const tools = readList(value, "tools");
  return tools?.map((tool, index) => parseTool(readEntry(tool, `tools[${index}]`), strictDefault, `tools[${index}]`));
}

/** The `functions` of chat before there were tools. */
export function parseLegacyFunctions(value: unknown): Tool[] | undefined {
  const functions = readList(value, "functions");
  return functions?.map((entry, index) => {
    const param = `functions[${index}]`;
    return parseFunction(readEntry(entry, param), "chat", param);
  });
}

function parseTool(tool: Fields, strictDefault: StrictDefault, param: string): Tool {
  const type = readString(tool.type, `${param}.type`) ?? (isFields(tool.function) ? "function" : undefined);
  switch (type) {
    case undefined:
      throw invalid(`${param}.type`, `\`${param}\` has no type. Use \`function\` for a tool of your own.`);
    case "function": {
      const nested = isFields(tool.function) ? tool.function : readFields(tool.function, `${param}.function`);
      if (nested === undefined) return parseFunction(tool, strictDefault, param);
      return parseFunction({ strict: tool.strict, ...nested }, "chat", `${param}.function`);
    }
    case "custom":
      return parseCustom(readFields(tool.custom, `${param}.custom`), tool, param);
    default:
      return { ...tool, type };
  }
}

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
function parseCustom(nested: Fields | undefined, tool: Fields, param: string): Tool {
  if (nested === undefined) return { ...tool, type: "custom", name: readToolName(tool.name, `${param}.name`) };
  const parsed: Tool = { ...nested, type: "custom", name: readToolName(nested.name, `${param}.custom.name`) };
  const format = readFields(nested.format, `${param}.custom.format`);
  if (format !== undefined && isFields(format.grammar)) parsed.format = { type: "grammar", ...format.grammar };
  return parsed;
}

function readToolName(value: unknown, param: string): string {
  const name = readString(value, param);
  if (name !== undefined) return name;
  throw invalid(param, `\`${param}\` is missing: every tool of your own needs a name.`);
}
