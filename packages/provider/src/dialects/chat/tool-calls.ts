import type { Notes } from "../../canonical/context.js";
import {
  type Fields,
  invalid,
  isFields,
  isUnset,
  noteUnknownKeys,
  readEntry,
  readFields,
  readList,
  readString,
} from "../../canonical/read-fields.js";
import type { ContentPart, InputItem } from "../../canonical/request.js";

/**
 * Turns tool calls and their results into canonical items. A book, because a result does not say what kind of call
 * it answers: the outputs of custom tools are another item type, and the results of legacy functions have no call id.
 */
export interface CallBook {
  /** The `tool_calls`, or the legacy `function_call`, of an assistant message. */
  calls(message: Fields, param: string, notes: Notes): InputItem[];
  /** The name of the tool that a call of this id has called, as far as it is known. */
  nameOf(callId: unknown): string | undefined;
  /** A message of role `tool`. */
  output(message: Fields, output: string | ContentPart[], param: string): InputItem;
  /** A message of role `function`. */
  legacyOutput(message: Fields, output: string | ContentPart[], param: string): InputItem;
}

export function createCallBook(): CallBook {
  const custom = new Set<string>();
  const legacyIds = new Map<string, string>();
  const names = new Map<unknown, string>();
  return {
    nameOf: (callId) => names.get(callId),
    calls(message, param, notes) {
      const calls = (readList(message.tool_calls, `${param}.tool_calls`) ?? []).map((value, index) => {
        const place = `${param}.tool_calls[${index}]`;
        const item = parseCall(readEntry(value, place), place, notes);
        names.set(item.call_id, String(item.name));
        if (item.type === "custom_tool_call") custom.add(String(item.call_id));
        return item;
      });
      const legacy = readFields(message.function_call, `${param}.function_call`);
      if (legacy !== undefined) {
        const place = `${param}.function_call`;
        noteUnknownKeys(legacy, calledKeys, "messages[].function_call", notes);
        const name = readName(legacy.name, `${place}.name`);
        const callId = `call_${param.replace(/\D/g, "")}_${name}`.slice(0, 64);
        legacyIds.set(name, callId);
        calls.push({ type: "function_call", call_id: callId, name, arguments: readArguments(legacy.arguments, place) });
      }
      return calls;
    },
    output(message, output, param) {
      const callId = readString(message.tool_call_id, `${param}.tool_call_id`);
      // Whose result it is may be known once all calls are.
      if (callId === undefined) return { type: "function_call_output", output };
      const type = custom.has(callId) ? "custom_tool_call_output" : "function_call_output";
      return { type, call_id: callId, output };
    },
    legacyOutput(message, output, param) {
      const name = readName(message.name, `${param}.name`);
      return { type: "function_call_output", call_id: legacyIds.get(name) ?? `call_${name}`.slice(0, 64), output };
    },
  };
}

const callHolder = "messages[].tool_calls[]";
/** `index` is what streams number calls by, and the SDKs' helpers leave in them. */
const callKeys: ReadonlySet<string> = new Set([
  ...["id", "type", "function", "custom", "index", "reasoning_details", "provider_specific_fields"],
]);
const movedKeys: ReadonlySet<string> = new Set(["reasoning_details"]);
/** `parsed_arguments` is what the SDK has read from the arguments. */
const calledKeys: ReadonlySet<string> = new Set(["name", "namespace", "arguments", "parsed_arguments"]);
const customKeys: ReadonlySet<string> = new Set(["name", "namespace", "input"]);

function parseCall(call: Fields, param: string, notes: Notes): InputItem {
  noteUnknownKeys(call, callKeys, callHolder, notes);
  const moved = isFields(call.provider_specific_fields) ? call.provider_specific_fields : {};
  noteUnknownKeys(moved, movedKeys, `${callHolder}.provider_specific_fields`, notes);
  const callId = readString(call.id, `${param}.id`);
  if (callId === undefined) throw invalid(`${param}.id`, `\`${param}\` has no id; its result refers to it.`);
  if (call.type === "custom" || (isFields(call.custom) && isUnset(call.function))) {
    const custom = readFields(call.custom, `${param}.custom`) ?? {};
    noteUnknownKeys(custom, customKeys, `${callHolder}.custom`, notes);
    const name = readName(custom.name, `${param}.custom.name`);
    const input = readString(custom.input, `${param}.custom.input`) ?? "";
    return { type: "custom_tool_call", call_id: callId, name, ...namespaceOf(custom, param), input };
  }
  const called = readFields(call.function, `${param}.function`) ?? {};
  noteUnknownKeys(called, calledKeys, `${callHolder}.function`, notes);
  const name = readName(called.name, `${param}.function.name`);
  const item = { type: "function_call", call_id: callId, name, ...namespaceOf(called, param) };
  return { ...item, arguments: readArguments(called.arguments, `${param}.function`) };
}

function namespaceOf(called: Fields, param: string): Fields {
  const namespace = readString(called.namespace, `${param}.namespace`);
  return namespace === undefined ? {} : { namespace };
}

/** Arguments are JSON text; some clients send the object itself, which can only mean one thing. */
function readArguments(value: unknown, param: string): string {
  if (isFields(value)) return JSON.stringify(value);
  return readString(value, `${param}.arguments`) ?? "{}";
}

function readName(value: unknown, param: string): string {
  const name = readString(value, param);
  if (name !== undefined) return name;
  throw invalid(param, `\`${param}\` is missing: a call names its tool.`);
}
