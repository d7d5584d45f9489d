import { CodexError } from "@codex/errors";
import type { AnswerReader } from "../../canonical/answer-reader.js";
import type { OutputItem, ResponseEvent, ResponseObject } from "../../canonical/events.js";
import { errorOfEvent } from "../../canonical/failure-event.js";
import { normalEvents } from "../../canonical/normal-events.js";
import { isPublicEvent, isPublicItem } from "../../canonical/public-api.js";
import type { EndedResponse, StreamEncoder } from "../dialect.js";
import { keepAliveComment, namedEvent } from "../openai/framing.js";
import { encodeErrorEvent, encodeFailedEvent } from "./encode-error.js";
import { noteLeftOut } from "./left-out.js";
import type { ResponsesReplyOptions } from "./reply-options.js";
import { type CompleteResponse, createResponseCompleter } from "./response-object.js";
import { withSequenceNumber } from "./sequence.js";

/**
 * Responses events as they came, known or not, in good order; only those that hold a Response object are opened and
 * completed. What the public API does not have, events (`keepalive`, `codex.*`, `response.metadata` ...) and items, only
 * callers get that speak Codex.
 */
export function createResponsesEncoder(reply: ResponsesReplyOptions): StreamEncoder {
  return new ResponsesEncoder(reply);
}

class ResponsesEncoder implements StreamEncoder {
  readonly #complete: CompleteResponse;
  readonly #reply: ResponsesReplyOptions;
  readonly #reader: AnswerReader;
  /** What has come of the event at hand. */
  #written = "";
  #sequence = 0;
  #response: ResponseObject | undefined;
  #ended: EndedResponse | undefined;
  #isOver = false;

  constructor(reply: ResponsesReplyOptions) {
    this.#complete = createResponseCompleter(reply);
    this.#reply = reply;
    const write = (event: ResponseEvent) => {
      this.#written += this.#encode(event);
    };
    const leavesOut = reply.speaksCodex ? undefined : (item: OutputItem) => !isPublicItem(item);
    this.#reader = normalEvents(write, { leavesOut, onEnd: (response, event) => this.#end(response, event) });
  }

  event(event: ResponseEvent): string {
    if (this.#isOver || !(this.#reply.speaksCodex || isPublicEvent(event.type))) return "";
    this.#written = "";
    this.#reader.add(event);
    return this.#written;
  }

  keepAlive(): string {
    return keepAliveComment;
  }

  /** As the public API does it: an `error` event, and `response.failed` when the response had begun. */
  error(error: CodexError): string {
    if (this.#isOver) return "";
    this.#isOver = true;
    const written = encodeErrorEvent(error, this.#sequence++);
    if (this.#response === undefined) return written;
    return written + encodeFailedEvent(error, this.#response, this.#sequence++);
  }

  /** Nothing: a Responses stream closes with its last event. A stream that had none is closed with an error. */
  end(): string {
    return this.error(new CodexError("stream_interrupted", "The answer ended before it was complete. Try again."));
  }

  response(): EndedResponse | undefined {
    return this.#ended;
  }

  #encode(event: ResponseEvent): string {
    const type = event.type;
    switch (type) {
      case "response.created":
      case "response.in_progress":
      case "response.queued":
        return this.#withResponse(event, type, event.data.response ?? {});
      case "response.failed":
      case "error":
        return this.error(errorOfEvent(event));
      default:
        return namedEvent(type, withSequenceNumber(event.raw, this.#sequence++));
    }
  }

  #end(response: ResponseObject, event: ResponseEvent): void {
    noteLeftOut(this.#reply, this.#reader.leftOut);
    const type = response.status === "incomplete" ? "response.incomplete" : "response.completed";
    const whole = this.#complete(response);
    const json = JSON.stringify(whole);
    this.#isOver = true;
    this.#ended = { response: whole, json };
    // Put together from JSON, so that what is kept of the answer is not written twice.
    const head = JSON.stringify({ ...event.data, type, sequence_number: this.#sequence++, response: undefined });
    this.#written += namedEvent(type, `${head.slice(0, -1)},"response":${json}}`);
  }

  #withResponse(event: ResponseEvent, type: string, given: ResponseObject): string {
    const status = type === "response.queued" ? "queued" : "in_progress";
    this.#response = this.#complete({ ...given, status: given.status ?? status });
    const data = { ...event.data, type, sequence_number: this.#sequence++, response: this.#response };
    return namedEvent(type, JSON.stringify(data));
  }
}
