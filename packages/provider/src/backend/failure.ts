import { type CodexErrorCode, UpstreamError, type UpstreamErrorOptions } from "@codex/errors";
import { parseRetryAfter } from "@codex/transport";
import type { EventData } from "../canonical/events.js";
import { isFields } from "../canonical/read-fields.js";
import { codeByName, isRequestFault } from "./failure-codes.js";
import { limitHeadersOf } from "./headers.js";

/** What to do about it, where the backend's own sentence does not say. */
const adviceTable: Partial<Record<CodexErrorCode, string>> = {
  auth_expired: "Log in again with `codex login` or `codex-oauth login`.",
  payment_required: "Check the ChatGPT plan and workspace of this login.",
  forbidden: "Check that this account may use Codex.",
  content_policy: "Change the prompt.",
  context_length_exceeded: "Shorten the conversation.",
  too_large: "Send smaller or fewer images and files, or a shorter conversation.",
  upstream_overloaded: "Try again in a moment.",
  upstream_rejected: "Try again; if it stays, the request or the account is at fault.",
};

const modelRefusal = /model is not supported|model not found|does not exist or you do not have access/i;

/** A non-2xx answer of the backend as an error: our code, the backend's own words, and what to do next. */
export function failureFromResponse(
  status: number,
  headers: Readonly<Record<string, string>>,
  text: string,
  now: number,
): UpstreamError {
  const body = parseBody(text, headers["x-error-json"]);
  const told = readError(body);
  const requestId = headers["x-request-id"] ?? headers["x-oai-request-id"];
  const limitHeaders = limitHeadersOf(headers);
  const base: UpstreamErrorOptions = { upstreamStatus: status, body: body ?? text.slice(0, 4096), limitHeaders };
  if (requestId !== undefined) base.requestId = requestId;
  const isCloudflare = headers["cf-mitigated"] !== undefined || /cloudflare|just a moment/i.test(text);
  if (status === 403 && body === undefined && isCloudflare) {
    const message =
      "Cloudflare, in front of the backend, refused this connection (403). Another network, or none of a data centre or VPN, usually helps.";
    return new UpstreamError("forbidden", message, base);
  }
  const retryAfterMs = parseRetryAfter(headers["retry-after"], now) ?? delayInMessage(told.message);
  if (retryAfterMs !== undefined) base.retryAfterMs = retryAfterMs;
  return describe(codeFor(status, told), told, base, now, status);
}

/**
 * A `response.failed` or `error` event as an error. Without a known code it may be tried again, unless its status or its
 * type says that the request is at fault.
 */
export function failureFromEvent(data: EventData, now: number): UpstreamError {
  const source = data.response?.error ?? (isFields(data.error) ? data.error : undefined) ?? data;
  const told = readError({ error: source });
  const status = statusOf(data) ?? statusOf(source) ?? statusOf(data.response);
  const base: UpstreamErrorOptions = { body: source };
  const retryAfterMs = delayInMessage(told.message);
  if (retryAfterMs !== undefined) base.retryAfterMs = retryAfterMs;
  return describe(codeFor(status, told), told, base, now, status);
}

interface ToldError {
  code: string | undefined;
  type: string | undefined;
  message: string | undefined;
  param: string | undefined;
  resetsAt: number | undefined;
  resetsInSeconds: number | undefined;
}

/** The backend's four spellings: `{error:{...}}`, `{detail:"..."}`, `{detail:{code}}`, and an event's own fields. */
function readError(body: unknown): ToldError {
  const record = isFields(body) ? body : {};
  const detail = record.detail;
  const source = isFields(record.error) ? record.error : isFields(detail) ? detail : record;
  return {
    code: text(source.code),
    type: text(source.type),
    message: text(source.message) ?? text(detail) ?? text(record.error),
    param: text(source.param),
    resetsAt: number(source.resets_at),
    resetsInSeconds: number(source.resets_in_seconds),
  };
}

/** An event's own status, by either of its names; that of a response is a word. */
function statusOf(told: unknown): number | undefined {
  if (!isFields(told)) return undefined;
  for (const value of [told.status, told.status_code, told.http_status]) {
    const status = typeof value === "string" && /^\d{3}$/.test(value) ? Number(value) : number(value);
    if (status !== undefined && status >= 400 && status < 600) return status;
  }
  return undefined;
}

function codeFor(status: number | undefined, told: ToldError): CodexErrorCode {
  const named = codeByName(told.code) ?? codeByName(told.type);
  if (named !== undefined) return named;
  if (told.message !== undefined && modelRefusal.test(told.message)) return "model_not_found";
  if (status === undefined && isRequestFault(told.code, told.type)) return "request_invalid";
  switch (status) {
    case 400:
    case 422:
      return "request_invalid";
    case 413:
      return "too_large";
    case 401:
      return "auth_expired";
    case 402:
      return "payment_required";
    case 403:
      return "forbidden";
    case 429:
      return "rate_limited";
    case 502:
    case 503:
    case 504:
      return "upstream_overloaded";
    default:
      return "upstream_rejected";
  }
}

function describe(
  code: CodexErrorCode,
  told: ToldError,
  base: UpstreamErrorOptions,
  now: number,
  status: number | undefined,
): UpstreamError {
  const options = { ...base };
  const upstreamCode = told.code ?? told.type;
  if (upstreamCode !== undefined) options.upstreamCode = upstreamCode;
  if (told.param !== undefined) options.param = told.param;
  if (code === "upstream_rejected" && status !== undefined && status >= 400) options.status = status;
  if (code === "request_invalid" && status !== undefined && status >= 400 && status < 500) options.status = status;
  // Inside a stream an unknown failure is worth another try; a plain 4xx or 500 with unknown words is not.
  if (code === "upstream_rejected") options.retryable = status === undefined || status >= 500;
  const said = told.message ?? (status === undefined ? "The backend gave up." : `The backend answered ${status}.`);
  if (code === "usage_limit_reached") {
    const resetsAt =
      told.resetsAt ?? (told.resetsInSeconds === undefined ? undefined : now / 1000 + told.resetsInSeconds);
    if (resetsAt !== undefined) options.resetsAt = Math.round(resetsAt);
    const when = resetsAt === undefined ? "" : ` It is available again at ${new Date(resetsAt * 1000).toISOString()}.`;
    return new UpstreamError(code, `${sentence(said)}${when}`, options);
  }
  const advice = adviceTable[code];
  return new UpstreamError(code, advice === undefined ? said : withAdvice(said, advice), options);
}

/**
 * What was said, then what to do. The backend's own sentence about trying again gives way to ours; where it stands within
 * another one, ours is left away.
 */
function withAdvice(said: string, advice: string): string {
  const rest = said.replace(/(?<=[.!?])\s+(please )?(try|retry)( your request)? ?(again)?( later)?[.!]?$/i, "");
  const left = tryAgain.test(rest) ? advice.replace(/^try again[^.;]*[.;]\s*/i, "") : advice;
  return left === "" ? rest : `${sentence(rest)} ${left.charAt(0).toUpperCase()}${left.slice(1)}`;
}

const tryAgain = /\btry\b.*\bagain\b|\bretry(ing)?\b/i;

/** Words with the full stop that they may lack. */
export function sentence(words: string): string {
  return /[.!?]$/.test(words) ? words : `${words}.`;
}

const waitPattern = /try again in\s*(\d+(?:\.\d+)?)\s*(ms|s|seconds?)/i;

/** The wait that a rate limit's message names, as the Codex CLI reads it. */
function delayInMessage(message: string | undefined): number | undefined {
  const match = message === undefined ? null : waitPattern.exec(message);
  if (match === null) return undefined;
  const amount = Number(match[1]);
  return match[2]?.toLowerCase() === "ms" ? amount : amount * 1000;
}

/** The body's JSON; where the body was replaced on the way, the copy that the backend puts into a header in base64. */
function parseBody(body: string, headerCopy: string | undefined): unknown {
  for (const candidate of [body, headerCopy === undefined ? "" : Buffer.from(headerCopy, "base64").toString("utf8")]) {
    try {
      const value: unknown = JSON.parse(candidate);
      if (isFields(value)) return value;
    } catch {
      // Not JSON: Cloudflare's page, or a plain sentence.
    }
  }
  return undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function number(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}
