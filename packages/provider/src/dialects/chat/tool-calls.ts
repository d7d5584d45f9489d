import type { ContentPart, InputItem } from "../../canonical/request.js";
import {
  type Fields,
  invalid,
  isFields,
  isUnset,
  readEntry,
  readFields,
  readList,
  readString,
} from "../read-fields.js";

/**
 * Turns tool calls and their results into canonical items. A book, because a result does not say what kind of call
 * it answers: the outputs of custom tools are another item type, and the results of legacy functions have no call id.
 */
export interface CallBook {
  /** The `tool_calls`, or the legacy `function_call`, of an assistant message. */
  calls(message: Fields, param: string): InputItem[];
  /** A message of role `tool`. */
  output(message: Fields, output: string | ContentPart[], param: string): InputItem;
  /** A message of role `function`. */
  legacyOutput(message: Fields, output: string | ContentPart[], param: string): InputItem;
}

export function createCallBook(): CallBook {
  const custom = new Set<string>();
  const legacyIds = new Map<string, string>();
  return {
    calls(message, param) {
      const calls = (readList(message.tool_calls, `${param}.tool_calls`) ?? []).map((value, index) => {
        const place = `${param}.tool_calls[${index}]`;
        const item = parseCall(readEntry(value, place), place);
        if (item.type === "custom_tool_call") custom.add(String(item.call_id));
        return item;
      });
      const legacy = readFields(message.function_call, `${param}.function_call`);
      if (legacy !== undefined) {
        const place = `${param}.function_call`;
        const name = readName(legacy.name, `${place}.name`);
        const callId = `call_${param.replace(/\D/g, "")}_${name}`.slice(0, 64);
        legacyIds.set(name, callId);
        calls.push({ type: "function_call", call_id: callId, name, arguments: readArguments(legacy.arguments, place) });
      }
      return calls;
    },
    output(message, output, param) {
      const callId = readString(message.tool_call_id, `${param}.tool_call_id`);
      if (callId === undefined) {
        throw invalid(`${param}.tool_call_id`, `\`${param}\` is a tool's result and needs the id of its call.`);
      }
      const type = custom.has(callId) ? "custom_tool_call_output" : "function_call_output";
      return { type, call_id: callId, output };
    },
    legacyOutput(message, output, param) {
      const name = readName(message.name, `${param}.name`);
      return { type: "function_call_output", call_id: legacyIds.get(name) ?? `call_${name}`.slice(0, 64), output };
    },
  };
}

function parseCall(call: Fields, param: string): InputItem {
  const callId = readString(call.id, `${param}.id`);
  if (callId === undefined) throw invalid(`${param}.id`, `\`${param}\` has no id; its result refers to it.`);
  if (call.type === "custom" || (isFields(call.custom) && isUnset(call.function))) {
    const custom = readFields(call.custom, `${param}.custom`) ?? {};
    const name = readName(custom.name, `${param}.custom.name`);
    const input = readString(custom.input, `${param}.custom.input`) ?? "";
    return { type: "custom_tool_call", call_id: callId, name, ...namespaceOf(custom, param), input };
  }
  const called = readFields(call.function, `${param}.function`) ?? {};
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
