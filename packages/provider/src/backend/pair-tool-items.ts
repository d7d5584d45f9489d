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
  const open = new OpenCalls();
  for (const item of items) {
    const callId = typeof item.call_id === "string" ? item.call_id : undefined;
    const answer = outputOf.get(item.type);
    const isOutput = outputTypes.has(item.type);
    if (callId === undefined && isOutput) {
      paired.push(withoutCallId(item, open, notes));
    } else if (callId === undefined || (answer === undefined && !isOutput)) {
      paired.push(item);
    } else if (answer !== undefined) {
      const before = open.countOf(answer, callId);
      const id = before === 0 ? fitCallId(callId, notes) : numbered(callId, before, notes);
      open.add(callId, { type: answer, id, at: paired.length });
      paired.push(id === callId ? item : { ...item, call_id: id });
    } else {
      const call = open.takeFirst(item.type, callId);
      if (call === undefined) paired.push(orphanOutput(item, callId, notes));
      else paired.push(call.id === callId ? item : { ...item, call_id: call.id });
    }
  }
  return withMissingOutputs(paired, open.all(), notes);
}

/** A call without its output so far. */
interface OpenCall {
  /** The type of its output. */
  type: string;
  /** The id as it is sent. */
  id: string;
  /** Its place in what is sent. */
  at: number;
}

/** The calls that wait for their output. Lists are read by a place in them: `shift` moves all that is left of a long one. */
class OpenCalls {
  /** By the output's type and the caller's id, in their order; those before `next` have their output. */
  readonly #byId = new Map<string, { calls: OpenCall[]; next: number }>();
  readonly #open = new Map<OpenCall, string>();

  /** How many calls of one id there have been since none of them was open. */
  countOf(type: string, callId: string): number {
    return this.#byId.get(`${type} ${callId}`)?.calls.length ?? 0;
  }

  add(callId: string, call: OpenCall): void {
    const key = `${call.type} ${callId}`;
    const list = this.#byId.get(key);
    if (list === undefined) this.#byId.set(key, { calls: [call], next: 0 });
    else list.calls.push(call);
    this.#open.set(call, key);
  }

  takeFirst(type: string, callId: string): OpenCall | undefined {
    return this.#take(`${type} ${callId}`);
  }

  /** The one call that is open; undefined where there are none or several. */
  takeOnly(): OpenCall | undefined {
    if (this.#open.size !== 1) return undefined;
    const [key = ""] = this.#open.values();
    return this.#take(key);
  }

  all(): IterableIterator<OpenCall> {
    return this.#open.keys();
  }

  #take(key: string): OpenCall | undefined {
    const list = this.#byId.get(key);
    const call = list?.calls[list.next++];
    if (list === undefined || call === undefined) return undefined;
    if (list.next === list.calls.length) this.#byId.delete(key);
    this.#open.delete(call);
    return call;
  }
}

function withMissingOutputs(paired: InputItem[], open: Iterable<OpenCall>, notes: Notes): InputItem[] {
  const missing = new Map(Array.from(open, ({ id, at }) => [at, id]));
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
function withoutCallId(item: InputItem, open: OpenCalls, notes: Notes): InputItem {
  const only = open.takeOnly();
  if (only === undefined) return orphanOutput(item, undefined, notes);
  adjust(notes, { field: "input", action: "mapped", detail: "tool output without an id, given to the open call" });
  return { ...item, type: only.type, call_id: only.id };
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
