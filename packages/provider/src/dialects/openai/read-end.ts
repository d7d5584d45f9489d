import { adjust, type RequestContext } from "../../canonical/context.js";
import { type Fields, invalid, isUnset } from "../../canonical/read-fields.js";
import type { ResponsesRequest } from "../../canonical/request.js";
import type { AnswerEnd } from "../dialect.js";

/** Most stop sequences, as in OpenAI's API. */
export const maxStops = 4;
/** Longest stop sequence, in UTF-16 units. */
const maxStopLength = 1024;

/** The names that a cap on the output has in OpenAI's APIs, and whether it counts hidden reasoning there. */
const capNames = { max_tokens: false, max_completion_tokens: true, max_output_tokens: true } as const;

/**
 * Where the answer is to end: `stop`, one or up to four strings, and the smallest of the caps. Both are noted as emulated.
 * Throws `request_invalid` for what is invalid.
 */
export function readEnd(body: Fields, names: readonly EndField[], context: RequestContext): AnswerEnd | undefined {
  const end: AnswerEnd = {};
  const stop = names.includes("stop") ? readStop(body.stop) : [];
  if (stop.length > 0) {
    end.stop = stop;
    adjust(context, {
      field: "stop",
      action: "emulated",
      detail: "the answer is cut; usage then counts what is visible",
    });
  }
  for (const name of names) {
    if (name === "stop") continue;
    const cap = readCount(body[name], name);
    if (cap === undefined) continue;
    end.maxTokens = Math.min(cap, end.maxTokens ?? cap);
    const what = capNames[name] ? "counts visible output alone, not hidden reasoning" : "counts visible output";
    adjust(context, { field: name, action: "emulated", detail: `${what}; the answer is cut` });
  }
  return end.stop === undefined && end.maxTokens === undefined ? undefined : end;
}

export type EndField = "stop" | keyof typeof capNames;

/** The request as it is sent, without what is seen to here: the backend would refuse it. */
export function withoutFields(request: ResponsesRequest, names: readonly string[]): ResponsesRequest {
  const found = names.filter((name) => request[name] !== undefined);
  if (found.length === 0) return request;
  const sent = { ...request };
  for (const name of found) delete sent[name];
  return sent;
}

function readStop(value: unknown): string[] {
  const stop = isUnset(value) ? [] : Array.isArray(value) ? value : [value];
  if (stop.length > maxStops || stop.some((entry) => typeof entry !== "string" || entry === "")) {
    throw invalid("stop", `\`stop\` must be a string, or a list of up to ${maxStops} of them.`);
  }
  if (stop.some((entry) => entry.length > maxStopLength)) {
    throw invalid("stop", `A stop sequence has at most ${maxStopLength} characters.`);
  }
  return stop;
}

/** A whole number of at least 1. */
export function readCount(value: unknown, param: string): number | undefined {
  if (isUnset(value)) return undefined;
  if (typeof value === "number" && Number.isInteger(value) && value >= 1) return value;
  throw invalid(param, `\`${param}\` must be a whole number of at least 1.`);
}

/** Most answers to one prompt. */
export const maxChoices = 8;

/** How many answers are wanted. Throws `request_invalid` for too many. */
export function readChoices(value: unknown): number {
  const choices = readCount(value, "n") ?? 1;
  if (choices > maxChoices) throw invalid("n", `\`n\` must be from 1 to ${maxChoices}.`);
  return choices;
}
