import type { RequestContext } from "../canonical/context.js";
import type { ResponseEvent, ResponseObject } from "../canonical/events.js";
import type { ResponsesRequest } from "../canonical/request.js";

/** What a change of an answer's events may want to know. */
export interface AnswerFacts {
  request: ResponsesRequest;
  /** The model that was asked, as the backend names it. */
  model: string;
  /** An estimate of the request's input tokens: bytes by the conversation's last known ratio, else by 4. */
  inputTokens: () => number;
}

/**
 * Changes the events of an answer before a dialect puts them into words; plain answers are folds of what it returns. Called
 * anew for each attempt.
 */
export type ResponseTransform = (
  events: AsyncIterable<ResponseEvent[]>,
  about: AnswerFacts,
) => AsyncIterable<ResponseEvent[]>;

/** What is known of an answer beside itself. */
export interface AnswerHead {
  /** The backend's own headers, names in lower case. */
  headers: Readonly<Record<string, string>>;
  /** The model that was asked, as the backend names it. */
  model: string;
  /** The account that was asked: only it can go on from the answer's encrypted reasoning. */
  account?: string;
}

/** An answer that has been committed to: its failures from here on are in-band. */
export interface ResponseStream extends AnswerHead {
  events: AsyncIterable<ResponseEvent[]>;
}

/** A whole answer. */
export interface FoldedResponse extends AnswerHead {
  response: ResponseObject;
}

export interface OpenOptions {
  /** How long to wait for output before committing, in milliseconds from the backend's headers. Default 12,000. */
  patienceMs?: number;
}

/** One request, to be asked in one of two ways. Until it settles, either tries again what the retry table allows. */
export interface BackendRequest {
  /** Settles at commit: the first event with output, or the end of the patience. Rejects with a failure's true status. */
  open(options?: OpenOptions): Promise<ResponseStream>;
  /** Settles when the answer is whole: nobody has seen any of it before, so that it can be taken back until its end. */
  fold(): Promise<FoldedResponse>;
}

/** The conversation with the backend: one request in, one answer out. */
export interface Backend {
  /** Whether any adjustment is refused, of whatever request. Default false. */
  readonly strict?: boolean;
  /** Sends nothing yet. `change` is put upon the answer's events, after the client's own transform. */
  ask(request: ResponsesRequest, context: RequestContext, change?: ResponseTransform): BackendRequest;
}
