import { CodexError } from "@codex/errors";
import { createSseParser } from "@codex/transport";
import { ResponseEvent } from "../canonical/events.js";
import { failureAtEnd, findEnd, wholeEnd } from "./answer-end.js";
import { PlainAnswer } from "./plain-answer.js";

export interface EventReaderOptions {
  now: () => number;
  /** Called with the backend's own events (`codex.rate_limits` ...) as they pass. */
  onCodexEvent?: (event: ResponseEvent) => void;
  /** What came with the body, for the words about one that is no stream. Default: a 200 with the type of a stream. */
  answer?: { status: number; contentType: string };
  /** Called with the event that ends an answer well. */
  onEnd?: (event: ResponseEvent) => void;
}

/**
 * Turns a response body into batches of events, ended by the terminal event: what comes after it is not read. A
 * `response.failed` or `error` event is thrown as the error that it tells of, after the events before it; an end
 * without a terminal event is `stream_interrupted`, since the Codex backend has no other sign of a whole answer. A body
 * that is no stream by its first byte is read as the plain answer, the error or the page that it is.
 */
export function readResponseEvents(
  body: AsyncIterable<Uint8Array[]>,
  options: EventReaderOptions,
): AsyncIterableIterator<ResponseEvent[]> {
  return new EventReader(body[Symbol.asyncIterator](), options);
}

type Batch = ResponseEvent[];

/** How long the end of a body is waited for after the terminal event. */
const drainMs = 1000;

/** By hand: an async generator costs four promises more a batch, which is half of what a trickling stream costs here. */
class EventReader implements AsyncIterableIterator<Batch> {
  readonly #body: AsyncIterator<Uint8Array[]>;
  readonly #options: EventReaderOptions;
  readonly #parser = createSseParser(toResponseEvent);
  /** What the body is when it is no stream; undefined until its first byte is known. */
  #plain: PlainAnswer | false | undefined;
  #hasEvents = false;
  #over = false;
  #failure: CodexError | undefined;

  constructor(body: AsyncIterator<Uint8Array[]>, options: EventReaderOptions) {
    this.#body = body;
    this.#options = options;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Batch>> {
    if (!this.#over) return this.#body.next().then(this.#onRead, this.#onError);
    const failure = this.#failure;
    this.#failure = undefined;
    return failure === undefined ? Promise.resolve({ value: undefined, done: true }) : Promise.reject(failure);
  }

  return(): Promise<IteratorResult<Batch>> {
    this.#end(undefined);
    return Promise.resolve({ value: undefined, done: true });
  }

  readonly #onRead = (read: IteratorResult<Uint8Array[]>): IteratorResult<Batch> | Promise<IteratorResult<Batch>> => {
    if (this.#over) return { value: undefined, done: true };
    if (read.done) return this.#close();
    const batch = this.#parse(read.value);
    return batch.length === 0 ? this.next() : { value: batch, done: false };
  };

  /** The end of a body that has not ended its answer itself. */
  #close(): IteratorResult<Batch> {
    this.#over = true;
    const { answer = { status: 200, contentType: "text/event-stream" }, now } = this.#options;
    if (this.#plain) {
      const batch = this.#plain.events();
      const end = findEnd(batch, undefined) ?? -1;
      const failure = batch[end] && failureAtEnd(batch[end], now());
      if (failure !== undefined) throw failure;
      return { value: batch, done: false };
    }
    const last = wholeEnd(this.#parser);
    if (last !== undefined) {
      const failure = failureAtEnd(last, now());
      if (failure !== undefined) throw failure;
      return { value: [last], done: false };
    }
    if (!this.#hasEvents && !/event-stream/i.test(answer.contentType) && answer.contentType !== "")
      throw new PlainAnswer(answer).unreadable();
    throw new CodexError("stream_interrupted", "The backend's answer ended before it was complete. Try again.");
  }

  readonly #onError = (thrown: unknown): never => {
    this.#over = true;
    throw thrown;
  };

  #parse(chunks: Uint8Array[]): Batch {
    try {
      this.#plain ??= PlainAnswer.begins(chunks, this.#options.answer);
      if (this.#plain) {
        this.#plain.push(chunks);
        return [];
      }
      const batch = this.#parser.push(chunks);
      if (batch.length > 0) this.#hasEvents = true;
      const end = findEnd(batch, this.#options.onCodexEvent);
      if (end === undefined) return batch;
      const last = batch[end] as ResponseEvent;
      const failure = failureAtEnd(last, this.#options.now());
      batch.length = failure === undefined ? end + 1 : end;
      if (failure === undefined) this.#options.onEnd?.(last);
      if (failure === undefined) this.#drain();
      else this.#end(failure);
      return batch;
    } catch (thrown) {
      this.#end(undefined);
      throw thrown;
    }
  }

  /** The answer is whole, its body ends in a moment: waited for, so that the connection can be used again. */
  #drain(): void {
    this.#over = true;
    const stop = () => void this.#body.return?.()?.catch(() => {});
    const timer = setTimeout(stop, drainMs).unref();
    const settle = (read?: IteratorResult<Uint8Array[]>) => {
      clearTimeout(timer);
      if (read?.done === false) stop();
    };
    this.#body.next().then(settle, () => settle());
  }

  /** Nothing more is read; a failure is thrown after the events before it. */
  #end(failure: CodexError | undefined): void {
    this.#over = true;
    this.#failure = failure;
    this.#body.return?.()?.catch(() => {});
  }
}

const typeKey = '{"type":"';
const closeBrace = 125;

/** The type of the event before, and its value in quotes: most events of a stream are deltas, one like the other. */
let lastType = "";
let lastQuoted = '""';

/**
 * The type where it is the first key and spelled without escapes; undefined leaves the event to JSON.parse. A slice of at
 * most 12 letters is compared with ===; a longer one would be a view, which V8 compares in its runtime at six times the
 * cost of a search that finds at once. startsWith goes letter by letter.
 */
function scanType(raw: string): string | undefined {
  const start = typeKey.length;
  if (raw.slice(0, start) !== typeKey) return undefined;
  if (raw.indexOf(lastQuoted, start - 1) === start - 1) return lastType;
  const end = raw.indexOf('"', start);
  const type = raw.slice(start, end);
  if (end === -1 || type.includes("\\")) return undefined;
  lastType = knownTypes.get(type) ?? type;
  lastQuoted = `"${lastType}"`;
  return lastType;
}

/**
 * The types that the code asks for, as the very strings of the program: two such strings are compared by address, while
 * a slice of the stream would be compared letter by letter at every `case`.
 */
const knownTypes: ReadonlyMap<string, string> = new Map(
  [
    ...["response.created", "response.in_progress", "response.queued", "response.metadata", "codex.rate_limits"],
    ...["response.output_item.added", "response.output_item.done"],
    ...["response.content_part.added", "response.content_part.done"],
    ...["response.output_text.delta", "response.output_text.done", "response.output_text.annotation.added"],
    ...["response.refusal.delta", "response.refusal.done"],
    ...["response.reasoning_summary_part.added", "response.reasoning_summary_part.done"],
    ...["response.reasoning_summary_text.delta", "response.reasoning_summary_text.done"],
    ...["response.reasoning_text.delta", "response.reasoning_text.done"],
    ...["response.function_call_arguments.delta", "response.function_call_arguments.done"],
    ...["response.custom_tool_call_input.delta", "response.custom_tool_call_input.done"],
    ...["response.completed", "response.incomplete", "response.done", "response.failed", "error"],
  ].map((type) => [type, type]),
);

/**
 * The type inside the JSON counts, not the `event:` line, as in the Codex CLI. It usually comes first and is found
 * without parsing. Text that is no event (`[DONE]`, a comment of some proxy on the way) is skipped, as the Codex CLI
 * does; but an event that is announced as one of the response and is not JSON is an error, or a delta would be lost.
 */
export function toResponseEvent(event: string | undefined, data: string): ResponseEvent | undefined {
  const raw = data.includes("\n") ? onOneLine(data) : data;
  const type = raw.charCodeAt(raw.length - 1) === closeBrace ? scanType(raw) : undefined;
  if (type !== undefined) return new ResponseEvent(type, raw);
  const isAnnounced = event?.startsWith("response.") || raw.startsWith(`${typeKey}response.`);
  if (!isAnnounced && !isObject(raw)) return undefined;
  const parsed = new ResponseEvent("", raw).data;
  return typeof parsed.type === "string" ? new ResponseEvent(parsed.type, raw, parsed) : undefined;
}

function isObject(text: string): boolean {
  if (!text.trimStart().startsWith("{")) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function onOneLine(data: string): string {
  try {
    return JSON.stringify(JSON.parse(data));
  } catch {
    return data.replaceAll("\n", " ");
  }
}
