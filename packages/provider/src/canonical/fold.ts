import { CodexError } from "@codex/errors";
import type { OutputItem, ResponseEvent, ResponseObject } from "./events.js";
import { isTerminal } from "./events.js";
import { completeItem } from "./partial-item.js";

/**
 * The plain answer is a fold of the stream: the backend only streams. `output` is rebuilt from
 * `response.output_item.done`, since the backend often sends `output: []` in `response.completed`; what that event repeats
 * counts only where it has more items, so that stream and plain answer are the same to the letter. Deltas are not looked at, unless the stream ended before an item was done: then what had come of it is put together.
 * Throws `stream_interrupted` when there is no terminal event.
 */
export async function foldResponse(events: AsyncIterable<ResponseEvent[]>): Promise<ResponseObject> {
  const fold = createFold();
  for await (const batch of events) {
    for (const event of batch) fold.add(event);
  }
  return fold.result();
}

export interface Fold {
  add(event: ResponseEvent): void;
  result(): ResponseObject;
}

/** The fold one event at a time. */
export function createFold(): Fold {
  const done = new Map<number, OutputItem>();
  const open = new Map<number, OutputItem>();
  let deltas: ResponseEvent[] = [];
  let terminal: ResponseObject | undefined;

  return {
    add(event) {
      switch (event.type) {
        case "response.output_item.added":
          if (event.data.item) open.set(indexOf(event, open.size + done.size), event.data.item);
          return;
        case "response.output_item.done": {
          if (!event.data.item) return;
          const index = indexOf(event, done.size);
          done.set(index, event.data.item);
          open.delete(index);
          if (open.size === 0) deltas = [];
          return;
        }
        default:
          if (isTerminal(event.type)) terminal = event.data.response ?? {};
          else if (open.size > 0) deltas.push(event);
      }
    },
    result() {
      if (terminal === undefined) {
        throw new CodexError("stream_interrupted", "The backend's answer ended before it was complete. Try again.");
      }
      if ((terminal.output?.length ?? 0) > done.size + open.size) return terminal;
      const items = new Map(done);
      for (const [index, item] of open) items.set(index, completeItem(item, index, deltas));
      const output = [...items.entries()].sort(([a], [b]) => a - b).map(([, item]) => item);
      return { ...terminal, output };
    },
  };
}

function indexOf(event: ResponseEvent, fallback: number): number {
  return event.data.output_index ?? fallback;
}
