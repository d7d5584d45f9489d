import { hash } from "node:crypto";
import { adjust, type Notes } from "../canonical/context.js";
import type { InputItem, MessageItem } from "../canonical/request.js";

/** What answers a call, by the type of the call. */
const outputOf: ReadonlyMap<string, string> = new Map([
  ["function_call", "function_call_output"],
  ["custom_tool_call", "custom_tool_call_output"],
]);
const outputTypes: ReadonlySet<string> = new Set(outputOf.values());

/** Longest id of a call that the Responses API takes. */
const maxCallIdLength = 64;

/**
 * Tool calls with their outputs as the backend takes them: every call has one output after it, every output its call
 * before it, which is not so when a client has cut its history. A missing output is added, empty and saying so; an
 * output alone becomes a user message with its content. An output without an id is the answer to the one call that waits
 * for one, else it is alone. Ids that are too long (other providers put more than a name into them) are cut, and an id that
 * is in use already is numbered. All of it is noted.
 */
export function pairToolItems(items: readonly InputItem[], notes: Notes): InputItem[] {
  const paired: InputItem[] = [];
  /** The ids under which calls wait for their output, by the output's type and the caller's id; places in `paired`. */
  const open = new Map<string, { id: string; at: number }[]>();
  for (const item of items) {
    const callId = typeof item.call_id === "string" ? item.call_id : undefined;
    const answer = outputOf.get(item.type);
    const isOutput = outputTypes.has(item.type);
    if (callId === undefined && isOutput) {
      paired.push(withoutCallId(item, open, notes));
    } else if (callId === undefined || (answer === undefined && !isOutput)) {
      paired.push(item);
    } else if (answer !== undefined) {
      const waiting = waitingFor(open, answer, callId);
      const id = waiting.length === 0 ? fitCallId(callId, notes) : numbered(callId, waiting.length, notes);
      waiting.push({ id, at: paired.length });
      paired.push(id === callId ? item : { ...item, call_id: id });
    } else {
      const call = waitingFor(open, item.type, callId).shift();
      if (call === undefined) paired.push(orphanOutput(item, callId, notes));
      else paired.push(call.id === callId ? item : { ...item, call_id: call.id });
    }
  }
  return withMissingOutputs(paired, open, notes);
}

function waitingFor(open: Map<string, { id: string; at: number }[]>, type: string, callId: string) {
  const key = `${type} ${callId}`;
  const waiting = open.get(key) ?? [];
  open.set(key, waiting);
  return waiting;
}

function withMissingOutputs(
  paired: InputItem[],
  open: ReadonlyMap<string, { id: string; at: number }[]>,
  notes: Notes,
): InputItem[] {
  const missing = new Map([...open.values()].flat().map(({ id, at }) => [at, id]));
  if (missing.size === 0) return paired;
  adjust(notes, { field: "input", action: "mapped", detail: "tool call without its output, an empty one added" });
  return paired.flatMap((item, at) => {
    const id = missing.get(at);
    const type = outputOf.get(item.type);
    if (id === undefined || type === undefined) return [item];
    return [item, { type, call_id: id, output: "(no output was recorded for this call)" }];
  });
}

/** An output that names no call: whose it is can be known only while a single call waits. */
function withoutCallId(item: InputItem, open: Map<string, { id: string; at: number }[]>, notes: Notes): InputItem {
  const waiting = [...open].flatMap(([key, calls]) => calls.map((call) => ({ key, call, calls })));
  const [only] = waiting;
  if (only === undefined || waiting.length > 1) return orphanOutput(item, undefined, notes);
  only.calls.shift();
  adjust(notes, { field: "input", action: "mapped", detail: "tool output without an id, given to the open call" });
  return { ...item, type: only.key.slice(0, only.key.indexOf(" ")), call_id: only.call.id };
}

function orphanOutput(item: InputItem, callId: string | undefined, notes: Notes): MessageItem {
  adjust(notes, { field: "input", action: "mapped", detail: "tool output without its call, sent as a message" });
  const call =
    callId === undefined ? "an earlier tool call" : `the earlier tool call ${callId.slice(0, maxCallIdLength)}`;
  const head = { type: "input_text", text: `Output of ${call}:` };
  const body = Array.isArray(item.output) ? item.output : [{ type: "input_text", text: String(item.output ?? "") }];
  return { type: "message", role: "user", content: [head, ...body] };
}

function fitCallId(callId: string, notes: Notes): string {
  if (callId.length <= maxCallIdLength) return callId;
  adjust(notes, { field: "input", action: "mapped", detail: "a call id of more than 64 characters, cut" });
  return `call_${hash("sha256", callId).slice(0, 40)}`;
}

function numbered(callId: string, before: number, notes: Notes): string {
  adjust(notes, { field: "input", action: "mapped", detail: "a call id in use already, numbered" });
  return fitCallId(`${callId}_${before + 1}`, notes);
}
