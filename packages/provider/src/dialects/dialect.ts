import type { CodexError } from "@codex/errors";
import type { RequestContext } from "../canonical/context.js";
import type { LeftOutItem, ResponseEvent, ResponseObject } from "../canonical/events.js";
import type { InputItem, ResponsesRequest } from "../canonical/request.js";

/**
 * What a dialect is: the words in which a caller speaks. It goes straight to the canonical form and straight back.
 * A dialect is pure: no clock, no randomness, no I/O; ids and times come from the backend's `response.created`.
 */
export interface Dialect<Options extends ReplyOptions = ReplyOptions> {
  /** Turns a parsed JSON body into the canonical request. Throws `request_invalid` with `param` for what is invalid. */
  parseRequest(body: unknown, context: RequestContext): ParsedRequest<Options>;
  /**
   * Reads the `input` of a kept request again, in dialects whose answers are Response objects that callers may refer to
   * later, so that they are worth keeping. Default: nothing is kept.
   */
  readKeptInput?(input: unknown): InputItem[];
  /** Whether an answer is one text in which its messages follow each other, so that nothing can be put in later. Default false. */
  readonly inOneText?: boolean;
  /**
   * Whether a stream is to break off after an in-band error, since some callers take one that ends well for a whole answer
   * whatever it said before. Default false: the dialect has an event of its own for it.
   */
  readonly breaksOff?: boolean;
  /** A new encoder for one streamed answer. */
  createEncoder(reply: Options): StreamEncoder;
  /** The plain answer: one folded response for each choice. */
  encodeFinal(responses: ResponseObject[], reply: Options): object;
  /** The body of an error answer. */
  encodeError(error: CodexError): object;
  /** Headers of an error answer, beside those that every dialect has. Default: none. */
  errorHeaders?(error: CodexError): Record<string, string>;
  /** The media type of a stream; its framing is the encoder's. Default: `text/event-stream; charset=utf-8`. */
  readonly streamType?: string;
  /**
   * Where a caller is told what was changed about its request: by the header `x-codex-adjusted`, or by the dialect itself in
   * the end of its answer, for which it finds `context.adjustments`. Default `header`.
   */
  readonly tellsAdjustments?: "header" | "at the end";
}

export interface ParsedRequest<Options extends ReplyOptions = ReplyOptions> {
  request: ResponsesRequest;
  /** One request for each choice, in their order, where there are several; `request` is the first of them. */
  requests?: readonly ResponsesRequest[];
  /** Where the answer is to end before the backend ends it, which can't do that itself. */
  end?: AnswerEnd;
  /** Whether the caller asked for a stream. */
  stream: boolean;
  /** What the encoders need to know of the request. */
  reply: Options;
  /** Whether the answer is to be kept, in dialects that keep responses. Default false. */
  keep?: boolean;
}

/** Where the caller wants an answer to end. */
export interface AnswerEnd {
  /** Up to four sequences, the first of which ends the answer before itself; none is empty. */
  stop?: readonly string[];
  /** Most tokens of visible output: text, refusals, and what tools are called with. */
  maxTokens?: number;
  /** Whether commentary is no part of the answer in this dialect, so that it neither ends nor counts. Default false. */
  hidesCommentary?: boolean;
}

/** What an encoder needs to know of the request that it answers. */
export interface ReplyOptions {
  /** The model name as the caller spelled it; answers carry it back. */
  model: string;
  /** Items of the answer that the caller did not get, for whoever keeps it; encoders fill it in. */
  leftOut?: readonly LeftOutItem[];
  /** Names of tools as they were sent, each with the caller's own; absent where all are the same. */
  toolNames?: ReadonlyMap<string, string>;
}

/** Synchronous: an event in, wire text out (empty for an event that the dialect has no words for). */
export interface StreamEncoder {
  /** `choice` is which of several answers it belongs to, in dialects that can have several. Default 0. */
  event(event: ResponseEvent, choice?: number): string;
  /** A legal sign of life, written after 15 s of silence. */
  keepAlive(): string;
  /** The in-band error; the stream ends after it. */
  error(error: CodexError): string;
  /** What closes the stream, called once after the last event or error. */
  end(): string;
  /** The Response object that the answer ended with, in dialects that keep responses; nothing before its good end. */
  response?(): EndedResponse | undefined;
}

/** A whole Response object, and the JSON as which it has gone out. */
export interface EndedResponse {
  response: ResponseObject;
  json: string;
}
