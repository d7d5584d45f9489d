import { createHash } from "node:crypto";
import type { Context, Exchange } from "./context.js";
import { answerFault } from "./faults/answer.js";
import { namedError } from "./faults/errors.js";
import { type Fault, replacesAnswer, toFault } from "./faults.js";
import { acceptedEncoding } from "./http/compress.js";
import { sendReply } from "./http/reply.js";
import { createAnswer } from "./responses/answer.js";
import { createIds } from "./responses/ids.js";
import { readTurn, type Turn } from "./responses/script.js";
import { sendEvents } from "./responses/send.js";
import { createTicker } from "./responses/ticks.js";
import { validateRequest } from "./responses/validate.js";
import { rateLimitHeaders } from "./usage.js";

/** Answers `POST /backend-api/codex/responses`: the checks in the order of the real service, then the stream. */
export async function answerResponses(exchange: Exchange, context: Context): Promise<void> {
  const { request, response } = exchange;
  const checked = checkBearer(exchange, context) ?? validateRequest(exchange, context);
  if (!("valid" in checked)) return sendReply(response, checked);
  const { valid: body, model } = checked;
  const account = exchange.account ?? context.account;
  const ids = createIds(exchange.body);
  const turn = scriptTurn(readTurn(body.input), context);
  const now = Math.floor(context.now() / 1000);
  const { primaryUsedPercent, secondaryUsedPercent } = context.rateLimits;
  if (primaryUsedPercent >= 100 || (secondaryUsedPercent ?? 0) >= 100) {
    return sendReply(response, namedError("usage_limit", { now, plan: account.plan }));
  }
  const fault = context.faults.take("responses", "late") ?? scriptedFault(turn, context);
  if (fault && replacesAnswer(fault) && (await answerFault(fault, context, exchange))) return;

  const answer = createAnswer({ body, turn, ids, fault, model, account, now, context });
  const withHeaders = context.questions.rateLimits === "headers" || context.questions.rateLimits === "both";
  await sendEvents(response, {
    status: 200,
    headers: {
      "x-request-id": ids.request,
      "x-oai-request-id": ids.request,
      "x-models-etag": context.models.etag(headerText(request.headers.version), account.plan),
      "openai-model": answer.servedModel,
      "openai-processing-ms": "12",
      "x-reasoning-included": "true",
      "x-codex-turn-state": `ts_${ids.response.slice(5, 21)}`,
      ...(withHeaders ? rateLimitHeaders(context.rateLimits, account, now) : {}),
      ...fault?.headers,
    },
    events: answer.events,
    fault,
    encoding:
      context.questions.compression === "never" ? undefined : acceptedEncoding(request.headers["accept-encoding"]),
    stamp: turn.script?.ticks === undefined ? undefined : createTicker(context.now),
    delayMs: turn.script?.delayMs ?? 0,
    signal: exchange.signal,
    onSent(count) {
      exchange.record.eventsSent = count;
    },
  });
}

/** A turn whose prompt carries no marker takes the script that whoever started the simulator has for it. */
function scriptTurn(turn: Turn, { script }: Context): Turn {
  if (script === undefined || turn.script !== undefined || turn.scriptError !== undefined) return turn;
  const written = script(turn);
  return written === undefined ? turn : { ...turn, script: written };
}

/** Refuses a request without a good bearer token, or with another account's id. */
export function checkBearer(exchange: Exchange, context: Context) {
  const { account, problem } = context.tokens.check(exchange.request.headers.authorization);
  const known = { now: Math.floor(context.now() / 1000), plan: account?.plan ?? "free" };
  switch (problem) {
    case "missing":
      return namedError("unauthorized", known);
    case "unparsable":
      return namedError("token_unparsable", known);
    case "expired":
      return namedError("token_expired", known);
    case "invalidated":
      return namedError("token_invalidated", known);
  }
  const sent = exchange.request.headers["chatgpt-account-id"];
  if (sent !== undefined && account?.accountId && sent !== account.accountId) return namedError("unauthorized", known);
  return undefined;
}

const scriptedFaults = new WeakMap<Context, Map<string, number>>();

/** How many messages are remembered, the latest ones: a long run has many, each of which is sent again within seconds. */
const maxScriptedFaults = 10_000;

/**
 * The fault of a script; with `faultTimes` only on the first so many requests that end with this user message and as many
 * tool outputs. Whole bodies are no measure: the Codex CLI sends the reasoning of a broken answer along with its next try.
 */
function scriptedFault(turn: Turn, context: Context): Fault | undefined {
  const { fault, faultTimes } = turn.script ?? {};
  if (fault === undefined) return undefined;
  if (faultTimes !== undefined) {
    const counts = scriptedFaults.get(context) ?? new Map<string, number>();
    scriptedFaults.set(context, counts);
    const key = createHash("sha256").update(`${turn.toolOutputs.length} ${turn.prompt}`).digest("base64");
    const count = (counts.get(key) ?? 0) + 1;
    counts.delete(key);
    counts.set(key, count);
    const [oldest] = counts.keys();
    if (counts.size > maxScriptedFaults) counts.delete(oldest as string);
    if (count > faultTimes) return undefined;
  }
  return toFault(fault);
}

function headerText(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
