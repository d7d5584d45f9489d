import { UpstreamError } from "@codex/errors";
import { readText, type Transport } from "@codex/transport";
import type { ResponseEvent } from "../canonical/events.js";
import { type EventReaderOptions, readResponseEvents } from "./events.js";
import { failureFromResponse } from "./failure.js";

export interface AttemptRequest {
  url: string;
  headers: Record<string, string>;
  body: string;
}

export interface AttemptOptions extends EventReaderOptions {
  /** Called with the headers of every answer, refusals included: names in lower case. */
  onHeaders?: (headers: Readonly<Record<string, string>>) => void;
}

export interface AttemptAnswer {
  headers: Record<string, string>;
  events: AsyncIterableIterator<ResponseEvent[]>;
}

/**
 * One attempt at `POST /responses`: resolves at the headers of a 2xx answer, throws what any other answer means.
 * Never tries again; that is the business of the loop in `client.ts` alone.
 */
export async function attempt(
  transport: Pick<Transport, "post">,
  request: AttemptRequest,
  signal: AbortSignal,
  options: AttemptOptions,
): Promise<AttemptAnswer> {
  const { status, headers, body } = await transport.post(request, signal);
  options.onHeaders?.(headers);
  const isSuccess = status >= 200 && status < 300;
  const answer = { status, contentType: headers["content-type"] ?? "" };
  if (isSuccess) return { headers, events: readResponseEvents(body, { ...options, answer }) };
  const text = await readText(body);
  if (status < 400) throw redirected(status, headers.location, request.url);
  throw failureFromResponse(status, headers, text, options.now());
}

/** A redirect is not followed: a token goes to no address that a network on the way has named. */
function redirected(status: number, location: string | undefined, url: string): UpstreamError {
  const target = location !== undefined && URL.canParse(location, url) ? ` to ${new URL(location, url).origin}` : "";
  const message = `The backend answered ${status}, a redirect${target}, which is not followed. Check the backend's URL and any proxy on the way.`;
  return new UpstreamError("upstream_rejected", message, { upstreamStatus: status, retryable: false });
}
