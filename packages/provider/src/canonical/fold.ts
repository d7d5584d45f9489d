import { CodexError } from "@codex/errors";
import { DeltaLog } from "./delta-log.js";
import type { OutputItem, ResponseEvent, ResponseObject } from "./events.js";
import { isTerminal } from "./events.js";
import { IndexReader } from "./index-reader.js";
import { completeItem, groupDeltas } from "./partial-item.js";

/**
 * The plain answer is a fold of the stream: the backend only streams. `output` is rebuilt from
 * `response.output_item.done`, since the backend often sends `output: []` in `response.completed`; what that event repeats
 * counts only where it has more items, so that stream and plain answer are the same to the letter. Deltas are not looked
 * at, unless the stream ended before an item was done: then what had come of it is put together.
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
  /** Takes an event in without opening it, so that a stream can be folded on its way. */
  add(event: ResponseEvent): void;
  result(): ResponseObject;
}

/**
 * The fold one event at a time.
 * @param maxEvents how many events of an open item are kept as they came, before only their text is. None take little room
 *   while a stream is folded on its way; many take no time, as most plain answers end before they are looked at.
 */
export function createFold(maxEvents = 512): Fold {
  const done = new Map<number, ResponseEvent>();
  const open = new Map<number, ResponseEvent>();
  const log = new DeltaLog(maxEvents);
  const outputIndex = new IndexReader("output_index");
  let terminal: ResponseEvent | undefined;

  return {
    add(event) {
      switch (event.type) {
        case "response.output_item.added":
          open.set(outputIndex.read(event) ?? open.size + done.size, event);
          return;
        case "response.output_item.done": {
          const index = outputIndex.read(event) ?? done.size;
          done.set(index, event);
          open.delete(index);
          if (open.size === 0) log.clear();
          return;
        }
        default:
          if (isTerminal(event.type)) terminal = event;
          else if (open.size > 0) log.add(event);
      }
    },
    result() {
      if (terminal === undefined) {
        throw new CodexError("stream_interrupted", "The backend's answer ended before it was complete. Try again.");
      }
      const response = terminal.data.response ?? {};
      const items = new Map<number, OutputItem>();
      for (const [index, { data }] of done) if (data.item) items.set(index, data.item);
      const deltas = open.size > 0 ? groupDeltas(log.deltas()) : undefined;
      for (const [index, { data }] of open) {
        if (data.item) items.set(index, completeItem(data.item, deltas?.(index, data.item.id) ?? []));
      }
      if ((response.output?.length ?? 0) > items.size) return response;
      const output = [...items.entries()].sort(([a], [b]) => a - b).map(([, item]) => item);
      return { ...response, output };
    },
  };
}
