import { type CodexError, toCodexError } from "@codex/errors";
import { abortedError } from "./aborted-error.js";
import type { Backend } from "./backend/backend.js";
import { isStrict } from "./backend/strict.js";
import { isLargeText, parseBody, takeTurn, textOf } from "./body-text.js";
import type { Adjustment, ReasoningStyle, RequestContext } from "./canonical/context.js";
import { requireShallowBody } from "./canonical/depth.js";
import type { ResponseObject, Usage } from "./canonical/events.js";
import type { Dialect, ParsedRequest, ReplyOptions } from "./dialects/dialect.js";
import { emulate } from "./emulate/emulate.js";
import { followSignal } from "./own-signal.js";
import { errorReply, plainReply, type Reply, streamReply } from "./reply.js";
import { createKeeping, type Keeping } from "./responses-store/keeping.js";
import { recall } from "./responses-store/recall.js";
import type { ResponseStore } from "./responses-store/store.js";
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
  /** Whether `signal` is of this exchange alone: one that may be shared costs a signal more. Default false. */
  ownsSignal?: boolean;
  /** Where chat answers have the model's reasoning. Default: as the client has it. */
  reasoning?: ReasoningStyle;
  /** How the caller lists the account's models, for errors about names. Default: this library's call. */
  modelList?: string;
}

/** What an app may want to know of an exchange when it is over. */
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
  /** Called with what was changed about the request, as soon as an answer is certain and before any of it is read. */
  onCommit?: (committed: { model: string; adjustments: readonly Adjustment[] }) => void;
  onOutcome?: (outcome: Outcome) => void;
  /** Called when the request has been read, before it goes out: the same object is filled in as the answer comes. */
  onRead?: (outcome: Outcome) => void;
  /** Called when the first token of a stream goes out; never for plain answers. */
  onFirstToken?: () => void;
  /** Called with what a store of responses failed with; the answer goes out all the same. */
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
 * One request of a dialect, one reply in it: read, parse, open or fold, write. Never rejects: an error becomes the dialect's
 * error reply, with its true status as long as nothing was committed, in-band after that.
 */
export async function exchange<Options extends ReplyOptions>(
  backend: ExchangeClient,
  dialect: Dialect<Options>,
  request: ExchangeRequest,
  hooks: ExchangeHooks = {},
): Promise<Reply> {
  const { signal, end: leave } = followSignal(request.signal, request.ownsSignal);
  const context = createContext(backend, dialect, request, signal);
  const outcome: Outcome = { stream: false, status: 200, adjustments: context.adjustments };
  let reply: Options | undefined;
  const finish = (ended: Pick<Outcome, "error" | "usage">) => {
    leave();
    const { length = 0 } = reply?.leftOut ?? [];
    if (length > 0) outcome.itemsLeftOut = length;
    hooks.onOutcome?.(Object.assign(outcome, ended));
  };
  const commit = (model: string) => {
    outcome.backendModel = model;
    hooks.onCommit?.({ model, adjustments: context.adjustments });
  };
  try {
    const { parsed, keeping, isLarge } = await readRequest(backend, dialect, request, context, hooks);
    reply = parsed.reply;
    const emulated = await emulate(backend, parsed, context, isStrict(backend, context));
    if (isLarge) await takeTurn();
    outcome.model = reply.model;
    outcome.stream = parsed.stream;
    hooks.onRead?.(outcome);
    if (parsed.stream) {
      const { headers, account, write } = await emulated.open(commit);
      const encoder = dialect.createEncoder(reply);
      const beforeEnd = keeping && (() => keeping(encoder.response?.(), account));
      const silenceMs = backend.timeLimits?.keepAliveMs;
      const options = { finish, silenceMs, beforeEnd, onFirstToken: hooks.onFirstToken };
      const body = write(encoder, options);
      const breaksOff = () => outcome.error !== undefined && dialect.breaksOff === true && !throwsAtBreak(context);
      return streamReply(dialect, headers, context, body, breaksOff);
    }
    const { responses, usage, headers, account } = await emulated.fold(commit);
    const final = dialect.encodeFinal(responses, reply);
    const body = JSON.stringify(final);
    await keeping?.({ response: final as ResponseObject, json: body }, account);
    finish(usage ? { usage } : {});
    return plainReply(dialect, headers, context, body);
  } catch (thrown) {
    const error = signal.aborted ? abortedError(signal) : toCodexError(thrown);
    outcome.status = error.status;
    finish({ error });
    return errorReply(dialect, error, context);
  }
}

/** What all who work on a request know of it. */
function createContext(
  backend: ExchangeClient,
  dialect: Dialect,
  { headers = {}, reasoning = backend.reasoning, modelList }: ExchangeRequest,
  signal: AbortSignal,
): RequestContext {
  const context: RequestContext = { headers, signal, adjustments: [] };
  if (reasoning !== undefined) context.reasoning = reasoning;
  if (dialect.inOneText) context.inOneText = true;
  if (modelList !== undefined) context.modelList = modelList;
  return context;
}

/**
 * The request that a body asks for, and how its answer is kept. Takes the body at once, so that its owner may let go of it;
 * of its text nobody here holds anything once it has been read, since it may be as large as all else that a request takes.
 */
async function readRequest<Options extends ReplyOptions>(
  backend: ExchangeClient,
  dialect: Dialect<Options>,
  request: ExchangeRequest,
  context: RequestContext,
  hooks: ExchangeHooks,
): Promise<{ parsed: ParsedRequest<Options>; keeping: Keeping | undefined; isLarge: boolean }> {
  const text = textOf(request.body);
  const isLarge = isLargeText(text);
  const body = text === undefined ? request.body : parseBody(text);
  // What is done with a large body is done in parts, so that others have their turn in between.
  if (isLarge) await takeTurn();
  requireShallowBody(body);
  const { readKeptInput: readInput } = dialect;
  const store = backend.responseStore;
  if (store === undefined || readInput === undefined)
    return { parsed: dialect.parseRequest(body, context), keeping: undefined, isLarge };
  const owner = request.owner ?? "";
  const recalled = await recall(store, owner, body, readInput);
  context.recalled = recalled;
  const parsed = dialect.parseRequest(body, context);
  const kept = { owner, recalled, body: body as object, text, readInput };
  const keeping = parsed.keep ? createKeeping(store, kept, parsed.reply, hooks.onStoreFailure) : undefined;
  return { parsed, keeping, isLarge };
}

/** Whether a caller handles the error and still fails at the broken connection: the AI SDK throws out of its stream of parts. */
function throwsAtBreak({ headers }: RequestContext): boolean {
  return /(^|\s)ai(-sdk[\w-]*)?\//.test(headers["user-agent"] ?? "");
}
