import type { OutputItem, ResponseEvent } from "../../canonical/events.js";
import { createFold } from "../../canonical/fold.js";

/**
 * Keeps what the final `output` can be rebuilt from, unparsed: the backend often ends with `output: []`. Deltas are
 * kept only while their item is open, as then an early end has nothing else to rebuild it from.
 */
export interface OutputCollector {
  add(event: ResponseEvent): void;
  /** The final output: what the terminal event has when it has all, else what the stream brought. */
  output(terminal: ResponseEvent): OutputItem[] | undefined;
}

export function createOutputCollector(): OutputCollector {
  const items: ResponseEvent[] = [];
  let deltas: ResponseEvent[] = [];
  let open = 0;
  return {
    add(event) {
      switch (event.type) {
        case "response.output_item.added":
          open++;
          items.push(event);
          return;
        case "response.output_item.done":
          open--;
          items.push(event);
          if (open <= 0) deltas = [];
          return;
        default:
          if (open > 0) deltas.push(event);
      }
    },
    output(terminal) {
      const fold = createFold();
      for (const event of [...items, ...deltas, terminal]) fold.add(event);
      return fold.result().output;
    },
  };
}
