import { createInterface, type Interface } from "node:readline";
import type { Readable } from "node:stream";

/** What a person types, or a script pipes in, line by line. */
export interface LineReader {
  /** The next line; `undefined` when there is none any more, or when the signal has ended the wait. */
  next(signal: AbortSignal): Promise<string | undefined>;
}

/** Reads only while a line is waited for, so that an open stdin holds no process open. */
export function createLineReader(stream: Readable): LineReader {
  let lines: Interface | undefined;
  let isClosed = false;
  let iterator: NodeJS.AsyncIterator<string> | undefined;
  return {
    async next(signal) {
      if (signal.aborted) return undefined;
      // Without `terminal` it is the terminal itself that lets people correct a line and turns Ctrl-C into a signal.
      lines ??= createInterface({ input: stream, terminal: false }).once("close", () => {
        isClosed = true;
      });
      iterator ??= lines[Symbol.asyncIterator]();
      // Newer versions of Node throw when a closed one is paused or resumed.
      if (!isClosed) lines.resume();
      const ended = new Promise<undefined>((resolve) => {
        signal.addEventListener("abort", () => resolve(undefined), { once: true });
      });
      try {
        return await Promise.race([iterator.next().then(({ value, done }) => (done ? undefined : value)), ended]);
      } finally {
        if (!isClosed) lines.pause();
      }
    },
  };
}
