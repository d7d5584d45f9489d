import { constants } from "node:os";

/** What is stopped by a signal. */
export interface Stoppable {
  readonly running: number;
  stop(): Promise<void>;
}

/**
 * Resolves when the first SIGTERM or SIGINT has stopped `what`; a second one ends the process at once, with the
 * shell's code for it (128 and the number of the signal). Rejects when stopping fails.
 */
export function stopOnSignals(what: Stoppable, print: (line: string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let stopping = false;
    const onSignal = (signal: NodeJS.Signals) => {
      if (stopping) process.exit(128 + constants.signals[signal]);
      stopping = true;
      const stopped = what.stop();
      if (what.running > 0) print(`Stopping: ${what.running} running. Once more to stop at once.`);
      stopped.then(() => {
        process.off("SIGTERM", onSignal).off("SIGINT", onSignal);
        resolve();
      }, reject);
    };
    process.on("SIGTERM", onSignal).on("SIGINT", onSignal);
  });
}
