import { CodexError } from "@codex/errors";
import type { Backend } from "../backend/backend.js";
import { isStrict } from "../backend/strict.js";
import { adjust, type RequestContext, spell } from "../canonical/context.js";
import type { ResponseEvent, ResponseObject } from "../canonical/events.js";
import { isTerminal } from "../canonical/events.js";
import { createFold } from "../canonical/fold.js";
import { partsOf, textOf } from "../canonical/item-parts.js";
import { isFields } from "../canonical/read-fields.js";
import type { ResponsesRequest } from "../canonical/request.js";
import { breaksStrictMode } from "../canonical/strict-schema.js";
import { sumUsage } from "../canonical/sum-usage.js";
import { compileSchema, type SchemaCheck } from "./json-schema.js";

/** What is looked at in the answers to a request that asks for JSON. */
export interface AnswerCheck {
  /**
   * What is wrong with an answer, in a few words each; nothing for one that is not to be checked. One that could not be
   * checked is noted, and in strict mode throws `upstream_rejected`.
   */
  problems(response: ResponseObject): Promise<readonly string[]>;
}

/**
 * How the answers to a request for JSON are checked, and the request as it is sent. A schema that strict mode would surely
 * refuse is sent without it, which is noted: the answer is checked anyway. Throws `request_invalid` with `param` for a
 * schema that is invalid.
 */
export async function prepareCheck(
  request: ResponsesRequest,
  context: RequestContext,
  isStrictMode: boolean,
): Promise<{ request: ResponsesRequest; check: AnswerCheck }> {
  const format = request.text?.format ?? {};
  const onUnknown = (why: string) => {
    if (isStrictMode) throw unchecked(why, context);
    adjust(context, { field: "text.format.schema", action: "dropped", detail: `the answer is not checked: ${why}` });
  };
  if (format.type !== "json_schema" || !isFields(format.schema))
    return { request, check: checkWith(isObject, onUnknown) };
  let sent = request;
  if (format.strict === true && breaksStrictMode(format.schema)) {
    const detail = "strict mode would refuse the schema; the answer is checked all the same";
    adjust(context, { field: "text.format.strict", action: "mapped", detail });
    sent = { ...request, text: { ...request.text, format: { ...format, strict: false } } };
  }
  const check = await compile(format.schema, context);
  return { request: sent, check: check === undefined ? nothingToCheck : checkWith(check, onUnknown) };
}

async function compile(schema: object, context: RequestContext): Promise<SchemaCheck | undefined> {
  try {
    const compiled = await compileSchema(schema);
    if ("check" in compiled) return compiled.check;
    const detail = `the answer is not checked: ${compiled.unknown}`;
    adjust(context, { field: "text.format.schema", action: "dropped", detail });
    return undefined;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.slice(0, 300) : "";
    const message = `The answer can't be checked against this JSON schema: ${why}. Correct the schema.`;
    throw new CodexError("request_invalid", message, { param: spell(context, "text.format.schema"), cause });
  }
}

const isObject: SchemaCheck = (text) => {
  try {
    return { problems: isFields(JSON.parse(text)) ? [] : ["the whole must be an object"] };
  } catch {
    return { problems: ["the whole is not JSON"] };
  }
};

const nothingToCheck: AnswerCheck = { problems: async () => [] };

function checkWith(check: SchemaCheck, onUnknown: (why: string) => void): AnswerCheck {
  return {
    async problems(response) {
      const text = answerText(response);
      if (text === undefined) return [];
      const verdict = await check(text);
      if ("problems" in verdict) return verdict.problems;
      onUnknown(verdict.unknown);
      return [];
    },
  };
}

function unchecked(why: string, context: RequestContext): CodexError {
  const message = `Strict mode: the answer could not be checked against the schema (${why}). Send a simpler schema, or the request without strict mode.`;
  return new CodexError("upstream_rejected", message, { retryable: false, param: spell(context, "text.format") });
}

/** The text of an answer that has to fit; none for a refusal, for calls of tools, and for one that was cut short. */
function answerText(response: ResponseObject): string | undefined {
  if (response.status === "incomplete" || response.incomplete_details?.reason !== undefined) return undefined;
  let text = "";
  for (const item of response.output ?? []) {
    if (item.type.endsWith("_call")) {
      if (item.type === "function_call" || item.type === "custom_tool_call") return undefined;
      continue;
    }
    if (item.type !== "message" || item.phase === "commentary") continue;
    for (const part of partsOf(item, "content")) {
      if (part.type === "refusal") return undefined;
      text += textOf(part.text);
    }
  }
  return text;
}

/**
 * A plain answer that fits: the one that came, or, when it does not fit, what the backend makes of it when it is shown what
 * is wrong, once. Throws `upstream_rejected` when that does not fit either; in strict mode at once, where two turns would
 * be another answer than the one asked for.
 */
export async function repairAnswer(
  backend: Backend,
  request: ResponsesRequest,
  first: ResponseObject,
  check: AnswerCheck,
  context: RequestContext,
): Promise<ResponseObject> {
  const problems = await check.problems(first);
  if (problems.length === 0) return first;
  if (isStrict(backend, context)) throw mismatch(problems, context);
  const detail = "the first answer did not match; this is the second";
  adjust(context, { field: "text.format", action: "emulated", detail });
  const { response: second } = await backend.ask(withCorrection(request, first, problems), context).fold();
  const left = await check.problems(second);
  if (left.length > 0) throw mismatch(left, context);
  const usage = sumUsage([first.usage, second.usage]);
  return usage === undefined ? second : { ...second, usage };
}

function withCorrection(
  request: ResponsesRequest,
  answer: ResponseObject,
  problems: readonly string[],
): ResponsesRequest {
  const said = [{ type: "output_text", text: answerText(answer) }];
  const text = `That answer does not match what was asked for: ${problems.join("; ")}. Give the whole answer again as JSON that matches, and nothing else.`;
  return {
    ...request,
    input: [
      ...request.input,
      { type: "message", role: "assistant", content: said },
      { type: "message", role: "user", content: [{ type: "input_text", text }] },
    ],
  };
}

function mismatch(problems: readonly string[], context: RequestContext): CodexError {
  const message = `The model's answer does not match the JSON that was asked for: ${problems.join("; ")}. Try again, or ask for less.`;
  return new CodexError("upstream_rejected", message, { retryable: true, param: spell(context, "text.format") });
}

/** A backend whose streamed answers are checked at their end: one that does not fit fails there, with its text told. */
export function checkStreams(backend: Backend, check: AnswerCheck): Backend {
  return {
    ...backend,
    ask: (request, context, more) =>
      backend.ask(request, context, (events, about) => {
        const checked = checkEnd(events, check, context);
        return more ? more(checked, about) : checked;
      }),
  };
}

async function* checkEnd(
  events: AsyncIterable<ResponseEvent[]>,
  check: AnswerCheck,
  context: RequestContext,
): AsyncGenerator<ResponseEvent[], void, undefined> {
  const fold = createFold();
  for await (const batch of events) {
    for (const event of batch) fold.add(event);
    const last = batch.at(-1);
    const problems = last !== undefined && isTerminal(last.type) ? await check.problems(fold.result()) : [];
    if (problems.length === 0) {
      yield batch;
      continue;
    }
    if (batch.length > 1) yield batch.slice(0, -1);
    throw mismatch(problems, context);
  }
}
