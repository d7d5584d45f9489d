import { type CodexError, toCodexError, UpstreamError } from "@codex/errors";
import { abortedError } from "./aborted-error.js";
import { encodeAdjustments } from "./adjusted-header.js";
import type { Backend, FoldedResponse, ResponseStream } from "./backend/backend.js";
import { limitHeadersOf } from "./backend/headers.js";
import { isStrict } from "./backend/strict.js";
import { isLargeText, parseBody, takeTurn, textOf } from "./body-text.js";
import type { Adjustment, ReasoningStyle, RequestContext } from "./canonical/context.js";
import { requireShallowBody } from "./canonical/depth.js";
import type { ResponseObject, Usage } from "./canonical/events.js";
import { sumUsage } from "./canonical/sum-usage.js";
import type { Dialect, ParsedRequest, ReplyOptions, StreamEncoder } from "./dialects/dialect.js";
import { asksForJson } from "./dialects/json-word.js";
import { encodeChoices, foldChoices, streamChoices } from "./emulate/choices.js";
import { cutAnswers } from "./emulate/cut-answers.js";
import { type AnswerCheck, checkStreams, prepareCheck, repairAnswer } from "./emulate/structured.js";
import { followSignal } from "./own-signal.js";
import { createKeeping } from "./responses-store/keeping.js";
import { recall } from "./responses-store/recall.js";
import type { ResponseStore } from "./responses-store.js";
import { type StreamTextOptions, streamText } from "./stream-text.js";
import type { TimeLimits } from "./time-limits.js";

export interface ExchangeRequest {
  /** The body: an object, or JSON as text or bytes. */
  body: unknown;
  /** The caller's headers, names in lower case. */
  headers?: Readonly<Record<string, string | undefined>>;
  /** Whose the answer is when it is kept, in opaque words: only the same owner finds it again. Default: an empty string. */
  owner?: string;
  /** The one path of cancellation: it frees the backend's request at once. Default: never. */
  signal?: AbortSignal;
  /** Where chat answers have the model's reasoning. Default: as the client has it. */
  reasoning?: ReasoningStyle;
  /** How the caller lists the account's models, for errors about names. Default: this library's call. */
  modelList?: string;
}

/** A plain reply: an app writes it to a socket, wraps it in a `Response`, or reads it in a test. */
export interface Reply {
  status: number;
  headers: Record<string, string>;
  /** Whole text, or wire text in pieces as they come. Reading stops for good after an in-band error. */
  body: string | AsyncIterable<string>;
  /** Asked when the pieces have ended: whether the connection is to break off, without a good end of its body. Default no. */
  breaksOff?: () => boolean;
}

/** What an app may want to know of an exchange, told when it is over. */
export interface Outcome {
  /** The model as the caller spelled it; absent when the request could not be read. */
  model?: string;
  /** The model that answered, as the backend names it. */
  backendModel?: string;
  stream: boolean;
  /** The status of the reply; an in-band error leaves it at 200. */
  status: number;
  error?: CodexError;
  usage?: Usage;
  /** How many items of the answer the caller did not get, since the public API does not have them; absent for none. */
  itemsLeftOut?: number;
  adjustments: readonly Adjustment[];
}

export interface ExchangeHooks {
  /** Told of what was changed about the request, as soon as an answer is certain and before any of it is read. */
  onCommit?: (committed: { model: string; adjustments: readonly Adjustment[] }) => void;
  onOutcome?: (outcome: Outcome) => void;
  /** Told when the request has been read, before it goes out: the same object is filled in as the answer comes. */
  onRead?: (outcome: Outcome) => void;
  /** Told when the first token of a stream goes out; never for plain answers. */
  onFirstToken?: () => void;
  /** Told of what a store of responses failed with; the answer goes out all the same. */
  onStoreFailure?: (error: unknown) => void;
}

/** The backend, and where answers are kept: without a store nothing is. */
export interface ExchangeClient extends Backend {
  readonly responseStore?: ResponseStore | undefined;
  /** Where chat answers have the model's reasoning. Default `field`. */
  readonly reasoning?: ReasoningStyle | undefined;
  /** Default: those of `defaultTimeLimits`. */
  readonly timeLimits?: Pick<TimeLimits, "keepAliveMs"> | undefined;
}

/**
 * One request of a dialect, one reply in it. Never rejects: an error becomes the dialect's error reply, with its true
 * status as long as nothing was committed, in-band after that.
 */
export async function exchange(
  backend: ExchangeClient,
  dialect: Dialect,
  request: ExchangeRequest,
  hooks: ExchangeHooks = {},
): Promise<Reply> {
  const { signal, end: leave } = followSignal(request.signal);
  const context: RequestContext = { headers: request.headers ?? {}, signal, adjustments: [] };
  const reasoning = request.reasoning ?? backend.reasoning;
  if (reasoning !== undefined) context.reasoning = reasoning;
  if (dialect.inOneText) context.inOneText = true;
  if (request.modelList !== undefined) context.modelList = request.modelList;
  const outcome: Outcome = { stream: false, status: 200, adjustments: context.adjustments };
  const { onOutcome } = hooks;
  let answered: ReplyOptions | undefined;
  const finish = (ended: Pick<Outcome, "error" | "usage">) => {
    leave();
    const { length = 0 } = answered?.leftOut ?? [];
    if (length > 0) outcome.itemsLeftOut = length;
    onOutcome?.(Object.assign(outcome, ended));
  };
  try {
    let text = textOf(request.body);
    const isLarge = isLargeText(text);
    const asked = text === undefined ? request.body : parseBody(text);
    // What is done with a large body is done in parts, so that others have their turn in between.
    if (isLarge) await takeTurn();
    requireShallowBody(asked);
    const store = dialect.keepsResponses ? backend.responseStore : undefined;
    const recalled = store && (await recall(store, request.owner ?? "", asked));
    if (recalled !== undefined) context.recalled = recalled;
    const parsed = dialect.parseRequest(asked, context);
    const { end, stream, reply, keep } = parsed;
    answered = reply;
    const check = asksForJson(parsed.request)
      ? await checkJson(parsed, context, isStrict(backend, context))
      : undefined;
    const { request: canonical, requests } = parsed;
    const keeping =
      store && recalled && keep
        ? createKeeping(store, recalled, { ...request, body: asked }, text, reply, hooks)
        : undefined;
    // It may be as large as all else that a request takes, and is not needed for as long as the backend thinks.
    text = undefined;
    if (isLarge) await takeTurn();
    outcome.model = reply.model;
    outcome.stream = stream;
    hooks.onRead?.(outcome);
    const source = end === undefined ? backend : cutAnswers(backend, end);
    const commit = (model: string) => {
      outcome.backendModel = model;
      hooks.onCommit?.({ model, adjustments: context.adjustments });
    };
    if (stream) {
      const checked = check ? checkStreams(source, check) : source;
      const answer = requests
        ? await streamChoices(checked, requests, context)
        : await checked.ask(canonical, context).open();
      commit(answer.model);
      const headers = replyHeaders(answer.headers, context);
      headers["content-type"] = "text/event-stream; charset=utf-8";
      headers["cache-control"] = "no-cache";
      const encoder = dialect.createEncoder(reply);
      const silenceMs = backend.timeLimits?.keepAliveMs;
      const options: StreamTextOptions = { finish, silenceMs, onFirstToken: hooks.onFirstToken };
      const breaksOff = () => outcome.error !== undefined && dialect.breaksOff === true && !throwsAtBreak(context);
      if (requests) return { status: 200, headers, body: choicesText(answer.events, encoder, options), breaksOff };
      const { account } = answer;
      options.beforeEnd = keeping && (() => keeping(encoder.response?.(), account));
      return { status: 200, headers, body: streamText(answer.events, encoder, options), breaksOff };
    }
    const folded = requests
      ? await foldChoices(source, requests, context)
      : [await source.ask(canonical, context).fold()];
    const head = folded[0] as FoldedResponse;
    commit(head.model);
    const responses = await Promise.all(
      folded.map(({ response }) => (check ? repairAnswer(source, canonical, response, check, context) : response)),
    );
    const final = dialect.encodeFinal(responses, reply);
    const body = JSON.stringify(final);
    if (keeping !== undefined) await keeping({ response: final as ResponseObject, json: body }, head.account);
    const usage = requests ? sumUsage(responses.map((response) => response.usage)) : responses[0]?.usage;
    finish(usage ? { usage } : {});
    const headers = replyHeaders(head.headers, context);
    headers["content-type"] = "application/json";
    return { status: 200, headers, body };
  } catch (thrown) {
    const error = signal.aborted ? abortedError(signal) : toCodexError(thrown);
    outcome.status = error.status;
    finish({ error });
    const reply = errorReply(dialect, error);
    const adjusted = encodeAdjustments(context.adjustments);
    if (adjusted !== undefined) reply.headers["x-codex-adjusted"] = adjusted;
    return reply;
  }
}

/** How answers that are to be JSON are checked, with what that changes about the request. A cut leaves no whole JSON. */
async function checkJson(
  parsed: ParsedRequest,
  context: RequestContext,
  strict: boolean,
): Promise<AnswerCheck | undefined> {
  const { request, check } = await prepareCheck(parsed.request, context, strict);
  if (parsed.requests) parsed.requests = parsed.requests.map(() => request);
  parsed.request = request;
  return parsed.end?.stop ? undefined : check;
}

/** Whether a caller handles the error and still fails at the broken connection: the AI SDK throws out of its stream of parts. */
function throwsAtBreak({ headers }: RequestContext): boolean {
  return /(^|\s)ai(-sdk[\w-]*)?\//.test(headers["user-agent"] ?? "");
}

/** The wire text of several answers: its last event tells only of one of them, so their usage is summed on the way. */
function choicesText(events: ResponseStream["events"], encoder: StreamEncoder, options: StreamTextOptions) {
  const { finish } = options;
  const choices = encodeChoices(encoder);
  const finishAll: StreamTextOptions["finish"] =
    finish &&
    ((ended) => {
      const usage = choices.usage();
      finish(usage && ended.error === undefined ? { usage } : ended);
    });
  return streamText(events, choices, { ...options, finish: finishAll });
}

/** The one way in which errors become replies. */
export function errorReply(dialect: Dialect, thrown: unknown): Reply {
  const error = toCodexError(thrown);
  const upstream = error instanceof UpstreamError ? error : undefined;
  const headers: Record<string, string> = { ...upstream?.limitHeaders, "content-type": "application/json" };
  const waitSeconds = error.retryAfterMs === undefined ? undefined : Math.ceil(error.retryAfterMs / 1000);
  // The OpenAI SDKs sleep for as long as it says, hours included.
  if (waitSeconds !== undefined && waitSeconds <= 60) headers["retry-after"] = String(waitSeconds);
  // They also try every 429 and 5xx again, unless they are told that it is of no use, or has been done.
  const isTriedAgain = error.status === 429 || error.status >= 500;
  if (isTriedAgain && (!error.retryable || error.triesSpent)) headers["x-should-retry"] = "false";
  if (upstream?.requestId !== undefined) headers["x-codex-upstream-request-id"] = upstream.requestId;
  return { status: error.status, headers, body: JSON.stringify(dialect.encodeError(error)) };
}

/** What of the backend's headers goes on to the caller: its limits and its request id. */
function replyHeaders(upstream: Readonly<Record<string, string>>, context: RequestContext): Record<string, string> {
  const headers = limitHeadersOf(upstream);
  const requestId = upstream["x-request-id"] ?? upstream["x-oai-request-id"];
  if (requestId !== undefined) headers["x-codex-upstream-request-id"] = requestId;
  const servedModel = upstream["openai-model"];
  if (servedModel !== undefined) headers["openai-model"] = servedModel;
  const adjusted = encodeAdjustments(context.adjustments);
  if (adjusted !== undefined) headers["x-codex-adjusted"] = adjusted;
  return headers;
}
