import { CodexError } from "@codex/errors";
import { readText, type Transport } from "@codex/transport";
import type { ResponseEvent } from "../canonical/events.js";
import { type EventReaderOptions, eventsOfPlainAnswer, readResponseEvents } from "./events.js";
import { failureFromResponse } from "./failure.js";

export interface AttemptRequest {
  url: string;
  headers: Record<string, string>;
  body: string;
}

export interface AttemptOptions extends EventReaderOptions {
  /** Told of the headers of every answer, refusals included: names in lower case. */
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
  const type = headers["content-type"] ?? "";
  // The backend itself may leave the type out; a page of some network on the way may come with status 200.
  if (isSuccess && !/html|json/i.test(type)) return { headers, events: readResponseEvents(body, options) };

  const text = await readText(body, isSuccess ? maxPlainAnswerBytes : undefined);
  const events = isSuccess ? eventsOfPlainAnswer(text) : undefined;
  if (events !== undefined) return { headers, events };
  if (isSuccess && /html/i.test(type)) {
    throw new CodexError(
      "upstream_unreachable",
      "A web page came instead of the backend's answer: a network on the way wants a login, or the URL is wrong.",
      { retryable: false },
    );
  }
  throw failureFromResponse(status < 400 ? 502 : status, headers, text, options.now());
}

/** A plain answer may hold generated images. */
const maxPlainAnswerBytes = 64 * 1024 * 1024;
