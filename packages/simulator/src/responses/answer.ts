import type { Context } from "../context.js";
import type { Fault } from "../faults.js";
import type { ModelEntry } from "../models/catalog.js";
import type { Account } from "../oauth/jwt.js";
import { rateLimitEvent } from "../usage.js";
import { EventWriter, frameEvent } from "./events.js";
import { failureMessage } from "./failure-messages.js";
import type { Ids } from "./ids.js";
import { countInputCharacters, planAnswer, type ResponsesBody } from "./plan.js";
import { responseObject, type Usage } from "./response-object.js";
import type { Script, Turn } from "./script.js";

/** What goes into an answer. */
export interface AnswerInput {
  body: ResponsesBody;
  turn: Turn;
  ids: Ids;
  fault: Fault | undefined;
  model: ModelEntry;
  account: Account;
  /** Unix seconds. */
  now: number;
  context: Context;
}

/** A whole answer: the wire text of its events, and the model it says it came from. */
export interface Answer {
  events: string[];
  servedModel: string;
}

/** Makes the stream of an answer, in-stream faults included. */
export function createAnswer(input: AnswerInput): Answer {
  const { body, turn, ids, fault, account, now, context } = input;
  const script = turn.script ?? {};
  const servedModel = script.servedModel ?? body.model;
  const fixed = { id: ids.response, createdAt: now, model: servedModel, userId: account.userId };
  const response = (state: Parameters<typeof responseObject>[2]) => responseObject(body, fixed, state);
  if (script.events) return { events: rawEvents(script.events, response), servedModel };

  const writer = new EventWriter(ids, script.deltas);
  const { rateLimits } = context.questions;
  if (rateLimits === "event" || rateLimits === "both") {
    writer.addPlain({ type: "codex.rate_limits", ...rateLimitEvent(context.rateLimits, account, now) });
  }
  const started = { status: "in_progress", output: [], usage: null };
  writer.add({ type: "response.created", response: response(started) });
  writer.add({ type: "response.in_progress", response: response(started) });
  if (fault?.unknown) writer.add({ type: "response.simulated_future_event", note: "nobody knows this type" });
  const beginning = writer.list.events.length;
  const include = Array.isArray(body.include) ? (body.include as unknown[]) : [];
  for (const item of planAnswer(body, turn)) writer.item(item, include.includes("reasoning.encrypted_content"));
  if (fault?.unknown) writer.unknownItem();

  const { list } = writer;
  const characters = countInputCharacters(body, body.input.length);
  const tooLong = characters / charactersPerToken > input.model.max_context_window;
  const failure = tooLong ? "context_length_exceeded" : fault?.failed;
  const byKey = context.promptCache.take(body);
  const repeated = context.questions.promptCache === "by-key" ? byKey : charactersBeforeAnswer(body);
  const usage = countUsage(characters, repeated, list.pieces, script);
  if (failure !== undefined) {
    const keep = failurePoint(list.events, beginning, tooLong ? "start" : (fault?.failedAt ?? "start"));
    list.events.length = keep;
    list.events.push(...failureEvents(failure, fault, response, keep));
  } else {
    const output = (script.completedOutput ?? context.questions.completedOutput) === "full" ? list.output : [];
    const incomplete = fault?.incomplete === undefined ? undefined : { reason: fault.incomplete };
    const status = incomplete ? "incomplete" : "completed";
    writer.add({
      type: `response.${status}`,
      response: response({ status, output, usage, completedAt: now, ...(incomplete ? { incomplete } : {}) }),
    });
  }
  return { events: fault ? disturb(list.events, fault) : list.events, servedModel };
}

const charactersPerToken = 4;

/** How many events come before a failure. */
function failurePoint(events: string[], beginning: number, at: "start" | "output" | number): number {
  if (at === "start") return beginning;
  if (typeof at === "number") return Math.min(at, events.length);
  const delta = events.findIndex((event, i) => i >= beginning && event.includes(".delta\n"));
  return delta === -1 ? events.length : delta + 1;
}

/** The length of what came before the last answer, which an earlier turn has sent already. */
function charactersBeforeAnswer(body: ResponsesBody): number {
  const last = body.input.findLastIndex((item) => item.role === "assistant" || item.type === "function_call");
  return last < 0 ? 0 : countInputCharacters(body, last + 1);
}

/** Token counts from lengths, so that they are the same every time; of what is repeated whole blocks count as cached. */
function countUsage(
  characters: number,
  repeated: number,
  pieces: { all: number; reasoning: number },
  script: Script,
): Usage {
  const input_tokens = script.usage?.input_tokens ?? Math.ceil(characters / charactersPerToken);
  const cached = Math.floor(repeated / charactersPerToken / 128) * 128;
  const output_tokens = script.usage?.output_tokens ?? pieces.all;
  return {
    input_tokens,
    input_tokens_details: { cached_tokens: script.usage?.cached_tokens ?? Math.min(cached, input_tokens) },
    output_tokens,
    output_tokens_details: {
      reasoning_tokens: script.usage?.reasoning_tokens ?? Math.min(pieces.reasoning, output_tokens),
    },
    total_tokens: input_tokens + output_tokens,
  };
}

function failureEvents(
  failure: NonNullable<Fault["failed"]>,
  fault: Fault | undefined,
  response: (state: Parameters<typeof responseObject>[2]) => Record<string, unknown>,
  sequence: number,
): string[] {
  const { code, ...rest } = typeof failure === "string" ? { code: failure } : failure;
  const error = { code, message: failureMessage(code), ...rest };
  const events: string[] = [];
  const wrapped = { type: error.code, param: null, ...error };
  if (fault?.errorEvent?.startsWith("wrapped")) {
    events.push(frameEvent({ type: "error", sequence_number: sequence, error: wrapped }));
  } else if (fault?.errorEvent) {
    events.push(frameEvent({ ...error, type: "error", param: null, sequence_number: sequence }));
  }
  if (!fault?.errorEvent?.endsWith("alone")) {
    const failed = response({ status: "failed", output: [], usage: null, error });
    const place = { sequence_number: sequence + events.length, response: failed };
    events.push(frameEvent({ type: "response.failed", ...place }));
  }
  return events;
}

/** Puts garbage and an oversized event between the others. */
function disturb(events: string[], fault: Fault): string[] {
  if (!fault.garbage && fault.hugeBytes === undefined) return events;
  const result: string[] = [];
  for (const [i, event] of events.entries()) {
    if (fault.garbage) result.push(garbage[i % garbage.length] as string);
    result.push(event);
    if (i === 1 && fault.hugeBytes !== undefined) {
      const huge = { type: "response.simulated_huge_event", padding: "x".repeat(fault.hugeBytes) };
      result.push(frameEvent(huge));
    }
  }
  return result;
}

/** Lines that the SSE format allows and that carry no event, and events whose data is not JSON. */
const garbage = [
  ": a comment\n\n",
  "retry: 1500\n\n",
  "data: {not json\n\n",
  "event: ping\ndata: \n\n",
  "nonsense\n\n",
];

/** The events of a script: objects are framed, with the Response filled in where it is missing; strings stay as they are. */
function rawEvents(
  events: (Record<string, unknown> | string)[],
  response: (state: Parameters<typeof responseObject>[2]) => Record<string, unknown>,
): string[] {
  const states: Record<string, string> = {
    "response.created": "in_progress",
    "response.in_progress": "in_progress",
    "response.completed": "completed",
    "response.incomplete": "incomplete",
    "response.failed": "failed",
  };
  return events.map((event) => {
    if (typeof event === "string") return event;
    const type = typeof event.type === "string" ? event.type : "message";
    const status = states[type];
    if (status === undefined) return frameEvent({ ...event, type });
    const usage: Usage | null =
      status === "completed"
        ? {
            input_tokens: 1,
            input_tokens_details: { cached_tokens: 0 },
            output_tokens: 1,
            output_tokens_details: { reasoning_tokens: 0 },
            total_tokens: 2,
          }
        : null;
    const filled = { ...response({ status, output: [], usage }), ...(event.response as object | undefined) };
    return frameEvent({ ...event, type, response: filled });
  });
}
