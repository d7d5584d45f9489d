import type { Writable } from "node:stream";
import { gatherLines, type LineGatherer } from "./gather-lines.js";

/** How much may wait for a reader that takes nothing, in letters; what comes then is lost. */
const maxWaiting = 1024 * 1024;

/**
 * Writes lines to a stream of the process, whatever becomes of it: a reader that has gone (`serve | head`) or does not read,
 * a disk that is full. Such lines are lost, and nothing else is.
 * @param onLost told how many were lost, when lines are taken again. Default: nobody.
 */
export function createLineWriter(stream: Writable, onLost: (count: number) => void = () => {}): LineGatherer {
  let lost = 0;
  // Without a listener a failed write would end the process.
  stream.on("error", () => {});
  return gatherLines((text, count) => {
    if (stream.writableLength > maxWaiting) {
      lost += count;
      return;
    }
    const onWritten = (error?: Error | null) => {
      if (error) {
        lost += count;
        return;
      }
      const before = lost;
      lost = 0;
      if (before > 0) onLost(before);
    };
    try {
      stream.write(text, onWritten);
    } catch {
      // A file is written to at once, and what comes of it may be thrown.
      lost += count;
    }
  });
}
