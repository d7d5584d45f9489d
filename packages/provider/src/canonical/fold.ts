import { CodexError } from "@codex/errors";
import type { AnswerReaderOptions, AnswerSink } from "./answer-course.js";
import { AnswerReader } from "./answer-reader.js";
import type { ResponseEvent, ResponseObject } from "./events.js";

/**
 * The plain answer is a fold of the stream: the backend only streams. It is what `AnswerReader` tells every stream of, so
 * that both are the same to the letter; `output` is put together from whichever events have it.
 * Throws `stream_interrupted` when there is no terminal event.
 */
export async function foldResponse(
  events: AsyncIterable<ResponseEvent[]>,
  options?: AnswerReaderOptions,
): Promise<ResponseObject> {
  const fold = createFold(options);
  for await (const batch of events) {
    for (const event of batch) fold.add(event);
  }
  return fold.result();
}

export interface Fold {
  /** Takes an event in, so that a stream can be folded on its way. */
  add(event: ResponseEvent): void;
  result(): ResponseObject;
}

/** The fold one event at a time. */
export function createFold(options?: AnswerReaderOptions): Fold {
  let response: ResponseObject | undefined;
  const sink: AnswerSink = {
    opened: () => {},
    piece: () => {},
    done: () => {},
    ended: (ended) => {
      response = ended;
    },
  };
  const reader = new AnswerReader(sink, options);
  return {
    add: (event) => reader.add(event),
    result() {
      if (response !== undefined) return response;
      throw new CodexError("stream_interrupted", "The backend's answer ended before it was complete. Try again.");
    },
  };
}
