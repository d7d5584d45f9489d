import { CodexError, UpstreamError } from "@codex/errors";
import { requireShallowEvent } from "../canonical/depth.js";
import { createEvent, isFailure, isTerminal, type ResponseEvent, type ResponseObject } from "../canonical/events.js";
import { isFields } from "../canonical/read-fields.js";

/** What came with a body. */
export interface AnswerKind {
  status: number;
  contentType: string;
}

/** A plain answer may hold generated images. */
const maxBytes = 64 * 1024 * 1024;

const openBrace = 0x7b;
const openBracket = 0x5b;
const lessThan = 0x3c;

/**
 * A body of a 2xx that is no stream of events: a whole answer or an error as JSON, or the page of some network on the
 * way. Content types are often wrong on such roads, so the first byte decides: no line of a stream begins like these.
 */
export class PlainAnswer {
  readonly #kind: AnswerKind;
  readonly #chunks: Uint8Array[] = [];
  #size = 0;

  constructor(kind: AnswerKind) {
    this.#kind = kind;
  }

  /** The body that these first bytes begin: false for a stream, undefined for white space alone. */
  static begins(
    chunks: readonly Uint8Array[],
    kind: AnswerKind = { status: 200, contentType: "" },
  ): PlainAnswer | false | undefined {
    for (const chunk of chunks) {
      for (const byte of chunk) {
        if (isBlank(byte)) continue;
        return byte === openBrace || byte === openBracket || byte === lessThan ? new PlainAnswer(kind) : false;
      }
    }
    return undefined;
  }

  /** Throws `stream_interrupted` over 64 MiB. */
  push(chunks: readonly Uint8Array[]): void {
    for (const chunk of chunks) {
      this.#size += chunk.length;
      this.#chunks.push(chunk);
    }
    if (this.#size <= maxBytes) return;
    throw new CodexError("stream_interrupted", `The backend's answer is larger than ${maxBytes} bytes.`, {
      retryable: false,
    });
  }

  /** The stream that the answer stands for, its failure included. Throws for what is no answer. */
  events(): ResponseEvent[] {
    const text = new TextDecoder().decode(Buffer.concat(this.#chunks)).trim();
    if (text.startsWith("<")) throw this.#page();
    return eventsOfPlainAnswer(text) ?? this.#fail();
  }

  /** The one error for a body that is neither a stream nor an answer. Asking again would bring the same. */
  unreadable(): UpstreamError {
    const { status, contentType } = this.#kind;
    const type = /^[\w.+-]+\/[\w.+-]+/.exec(contentType)?.[0] ?? "unnamed type";
    const message = `The backend answered ${status} with a body (${type}) that is no answer. Check the backend's URL and any proxy on the way.`;
    return new UpstreamError("upstream_rejected", message, { upstreamStatus: status, retryable: false });
  }

  #fail(): never {
    throw this.unreadable();
  }

  #page(): CodexError {
    return new CodexError(
      "upstream_unreachable",
      `A web page came with status ${this.#kind.status} instead of the backend's answer: a network on the way wants a login, or the URL is wrong.`,
      { retryable: false },
    );
  }
}

/** White space, and the bytes of a byte order mark. */
function isBlank(byte: number): boolean {
  return byte <= 0x20 || byte === 0xef || byte === 0xbb || byte === 0xbf;
}

/**
 * An answer that came as JSON, as the stream that it stands for: a Response object, bare, as `{response}` or in the event
 * that ends a stream; a list of events; an error as the `error` event. Undefined for other JSON.
 */
export function eventsOfPlainAnswer(text: string): ResponseEvent[] | undefined {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    return undefined;
  }
  requireShallowEvent(answer, text.length);
  if (Array.isArray(answer)) return eventsOfList(answer);
  if (!isFields(answer)) return undefined;
  const { type, response } = answer;
  if (typeof type === "string" && isFailure(type)) return [createEvent({ ...answer, type })];
  const isEnd = typeof type === "string" && isTerminal(type);
  if (isFields(response) && (type === undefined || isEnd)) return eventsOf(response, isEnd ? type : undefined);
  if (answer.object === "response" || (Array.isArray(answer.output) && isEnding(answer.status)))
    return eventsOf(answer);
  const error = answer.error ?? answer.detail;
  if (typeof error === "string" && error !== "") return [createEvent({ type: "error", error: { message: error } })];
  return isFields(error) ? [createEvent({ type: "error", error })] : undefined;
}

function eventsOf(answer: ResponseObject, type?: string): ResponseEvent[] {
  const output = Array.isArray(answer.output) ? answer.output : [];
  const ending = answer.status === "incomplete" ? "response.incomplete" : "response.completed";
  return [
    createEvent({ type: "response.created", response: { ...answer, status: "in_progress", output: [] } }),
    ...output.flatMap((item, output_index) => [
      createEvent({ type: "response.output_item.added", output_index, item }),
      createEvent({ type: "response.output_item.done", output_index, item }),
    ]),
    createEvent({ type: type ?? ending, response: answer }),
  ];
}

function eventsOfList(list: readonly unknown[]): ResponseEvent[] | undefined {
  const events = list.flatMap((one) =>
    isFields(one) && typeof one.type === "string" ? [createEvent({ ...one, type: one.type })] : [],
  );
  const end = events.findIndex(({ type }) => isTerminal(type) || isFailure(type));
  return end === -1 || events.length < list.length ? undefined : events.slice(0, end + 1);
}

function isEnding(status: unknown): boolean {
  return status === "completed" || status === "incomplete" || status === "failed" || status === "cancelled";
}
