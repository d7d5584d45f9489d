import { type CodexError, isUpstreamError, type UpstreamError } from "@codex/errors";
import { type BackoffOptions, backoffDelay } from "@codex/transport";

/** One budget for all repetitions of a request, whatever their causes. */
export const retryBudget = {
  totalMs: 30_000,
  attempts: 5,
  /** Unreachable, overloaded, broken off before the first output. */
  transient: 3,
  /** 401: first with what another program has written, then with a refreshed token. */
  unauthorized: 2,
  /** 400 `Unsupported parameter: X` or `Unknown parameter: X`. */
  unsupported: 3,
  /** Of the transient ones, those after output that nobody has seen yet: each costs the plan as much as an answer. */
  afterOutput: 1,
} as const;

/** What has been tried so far for one request. */
export interface RetryTally {
  startedAt: number;
  attempts: number;
  transient: number;
  unauthorized: number;
  unsupported: number;
  afterOutput: number;
  officialInstructions: boolean;
  droppedReasoning: boolean;
  switchedShape: boolean;
  learnedEfforts: boolean;
}

export function newTally(now: number): RetryTally {
  return {
    startedAt: now,
    attempts: 0,
    transient: 0,
    unauthorized: 0,
    unsupported: 0,
    afterOutput: 0,
    officialInstructions: false,
    droppedReasoning: false,
    switchedShape: false,
    learnedEfforts: false,
  };
}

export type NextStep =
  | { kind: "wait"; ms: number }
  | { kind: "refresh" }
  | { kind: "official_instructions" }
  | { kind: "drop_field"; field: string }
  | { kind: "drop_item_field"; field: string }
  | { kind: "drop_reasoning" }
  | { kind: "switch_shape"; lite: boolean }
  | { kind: "learn_efforts"; efforts: readonly string[] }
  | {
      kind: "give_up";
      /** Whether it is a transient failure that was met as often as is of use: a caller's own tries would multiply ours. */
      spent?: true;
    };

/** What the decision depends on beside the failure. */
export interface RetrySituation {
  /** Whether the request was sent in the responses-lite shape. */
  lite: boolean;
  strict: boolean;
  /** Whether the attempt had brought output, which a plain answer holds back until it is whole. Default false. */
  hadOutput?: boolean;
  now: number;
  backoff?: BackoffOptions | undefined;
}

const giveUp: NextStep = { kind: "give_up" };
const giveUpForGood: NextStep = { kind: "give_up", spent: true };

/**
 * The one retry table. Decides what to do about a failure before commit and counts it in the tally; anything not
 * listed here (usage limits, payment, other 4xx) goes to the caller.
 */
export function nextStep(error: CodexError, tally: RetryTally, request: RetrySituation): NextStep {
  tally.attempts++;
  const left = tally.startedAt + retryBudget.totalMs - request.now;
  if (isTransient(error)) return stepForTransient(error, tally, request, left);
  if (tally.attempts >= retryBudget.attempts || left <= 0) return giveUp;
  if (!isUpstreamError(error)) return giveUp;
  if (error.upstreamStatus === 401) {
    return ++tally.unauthorized > retryBudget.unauthorized ? giveUp : { kind: "refresh" };
  }
  // A request that is at fault is told so by a status, or inside a 200.
  return error.upstreamStatus === 400 || error.code === "request_invalid"
    ? stepForBadRequest(error, tally, request)
    : giveUp;
}

function stepForTransient(error: CodexError, tally: RetryTally, request: RetrySituation, leftMs: number): NextStep {
  if (tally.attempts >= retryBudget.attempts || leftMs <= 0) return giveUpForGood;
  if (++tally.transient > retryBudget.transient) return giveUpForGood;
  if (request.hadOutput && ++tally.afterOutput > retryBudget.afterOutput) return giveUpForGood;
  const ms = backoffDelay(tally.transient, error.retryAfterMs, request.backoff);
  if (ms === undefined) return giveUp;
  return ms > leftMs ? giveUpForGood : { kind: "wait", ms };
}

/** The backend's `Supported values are: 'low', 'medium', and 'high'.`; empty where a message has no such list. */
function supportedValues(message: string): string[] {
  const list = /supported values are:?(.*)/is.exec(message)?.[1] ?? "";
  return [...list.matchAll(/['"`]([\w-]{1,40})['"`]/g)].map((match) => match[1] as string).slice(0, 20);
}

function stepForBadRequest(error: UpstreamError, tally: RetryTally, request: RetrySituation): NextStep {
  const message = error.message;
  if (/instructions are (not valid|required)/i.test(message)) {
    if (tally.officialInstructions) return giveUp;
    tally.officialInstructions = true;
    return { kind: "official_instructions" };
  }
  if (error.param === "reasoning.effort") {
    const efforts = supportedValues(message);
    if (tally.learnedEfforts || efforts.length === 0) return giveUp;
    tally.learnedEfforts = true;
    return { kind: "learn_efforts", efforts };
  }
  const refused = /^(?:Unsupported|Unknown) parameter: '?(\w(?:[\w.[\]]*\w)?)'?/i.exec(message)?.[1];
  if (refused !== undefined) {
    // In strict mode nothing may be dropped: the caller is told.
    if (request.strict || ++tally.unsupported > retryBudget.unsupported) return giveUp;
    return { kind: refused.includes("[") ? "drop_item_field" : "drop_field", field: refused };
  }
  if (refusesReasoning(error)) {
    if (request.strict || tally.droppedReasoning) return giveUp;
    tally.droppedReasoning = true;
    return { kind: "drop_reasoning" };
  }
  if (/responses-lite/i.test(message) || error.param === "reasoning.context") {
    if (tally.switchedShape) return giveUp;
    tally.switchedShape = true;
    return { kind: "switch_shape", lite: !request.lite };
  }
  return giveUp;
}

/** Reasoning travels encrypted: what another account has made, or an older key of the backend's, is refused. */
function refusesReasoning({ upstreamCode, message }: UpstreamError): boolean {
  return upstreamCode === "invalid_encrypted_content" || /encrypted.*could not be (verified|decrypted)/is.test(message);
}

function isTransient(error: CodexError): boolean {
  switch (error.code) {
    case "upstream_unreachable":
    case "upstream_overloaded":
    case "stream_interrupted":
      return error.retryable;
    case "rate_limited":
      return error.retryAfterMs !== undefined;
    default:
      return isUpstreamError(error) && error.upstreamCode === "server_error";
  }
}
