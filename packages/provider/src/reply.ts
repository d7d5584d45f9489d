import { isUpstreamError, toCodexError } from "@codex/errors";
import { encodeAdjustments } from "./adjusted-header.js";
import { limitHeadersOf } from "./backend/headers.js";
import type { RequestContext } from "./canonical/context.js";
import type { Dialect } from "./dialects/dialect.js";

/** A plain reply: an app writes it to a socket, wraps it in a `Response`, or reads it in a test. */
export interface Reply {
  status: number;
  headers: Record<string, string>;
  /** Whole text, or wire text in pieces as they come. Reading stops for good after an in-band error. */
  body: string | AsyncIterable<string>;
  /** Asked when the pieces have ended: whether the connection is to break off, without a good end of its body. Default no. */
  breaksOff?: () => boolean;
}

/** The media type of a stream of server-sent events, which is what most dialects have. */
const eventStream = "text/event-stream; charset=utf-8";

/** @param upstream the backend's headers, of which its limits and its request id go on to the caller */
export function plainReply(
  dialect: Dialect,
  upstream: Readonly<Record<string, string>>,
  context: RequestContext,
  body: string,
): Reply {
  const headers = replyHeaders(dialect, upstream, context);
  headers["content-type"] = "application/json";
  return { status: 200, headers, body };
}

/** @param upstream as for `plainReply` */
export function streamReply(
  dialect: Dialect,
  upstream: Readonly<Record<string, string>>,
  context: RequestContext,
  body: AsyncIterable<string>,
  breaksOff: () => boolean,
): Reply {
  const headers = replyHeaders(dialect, upstream, context);
  headers["content-type"] = dialect.streamType ?? eventStream;
  headers["cache-control"] = "no-cache";
  return { status: 200, headers, body, breaksOff };
}

/**
 * The one way in which errors become replies.
 * @param context of the request, where it was read: it says what had been changed about it
 */
export function errorReply(dialect: Dialect, thrown: unknown, context?: RequestContext): Reply {
  const error = toCodexError(thrown);
  const upstream = isUpstreamError(error) ? error : undefined;
  const headers: Record<string, string> = { ...upstream?.limitHeaders, "content-type": "application/json" };
  const waitSeconds = error.retryAfterMs === undefined ? undefined : Math.ceil(error.retryAfterMs / 1000);
  // The OpenAI SDKs sleep for as long as it says, hours included.
  if (waitSeconds !== undefined && waitSeconds <= 60) headers["retry-after"] = String(waitSeconds);
  // They also try every 429 and 5xx again, unless they are told that it is of no use, or has been done.
  const isTriedAgain = error.status === 429 || error.status >= 500;
  if (isTriedAgain && (!error.retryable || error.triesSpent)) headers["x-should-retry"] = "false";
  if (upstream?.requestId !== undefined) headers["x-codex-upstream-request-id"] = upstream.requestId;
  const adjusted = context && adjustedHeader(dialect, context);
  if (adjusted !== undefined) headers["x-codex-adjusted"] = adjusted;
  Object.assign(headers, dialect.errorHeaders?.(error));
  return { status: error.status, headers, body: JSON.stringify(dialect.encodeError(error)) };
}

function replyHeaders(
  dialect: Dialect,
  upstream: Readonly<Record<string, string>>,
  context: RequestContext,
): Record<string, string> {
  const headers = limitHeadersOf(upstream);
  const requestId = upstream["x-request-id"] ?? upstream["x-oai-request-id"];
  if (requestId !== undefined) headers["x-codex-upstream-request-id"] = requestId;
  const servedModel = upstream["openai-model"];
  if (servedModel !== undefined) headers["openai-model"] = servedModel;
  const adjusted = adjustedHeader(dialect, context);
  if (adjusted !== undefined) headers["x-codex-adjusted"] = adjusted;
  return headers;
}

function adjustedHeader(dialect: Dialect, { adjustments }: RequestContext): string | undefined {
  return dialect.tellsAdjustments === "at the end" ? undefined : encodeAdjustments(adjustments);
}
