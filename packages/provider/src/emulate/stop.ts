/** Looks for the end of one text that comes in pieces. */
export interface StopScanner {
  /** Takes a piece and gives what may be shown of the text so far and has not been; `stopped` once a stop sequence is complete. */
  push(piece: string): { shown: string; stopped: boolean };
  /** What was held back, when no more is to come: it began like a stop sequence and was none. */
  flush(): string;
}

/**
 * The text up to the first stop sequence that is complete, as OpenAI's API has it; the sequence itself is not shown. Held
 * back is only what could be the beginning of one, so the pieces in which a text comes change nothing about the cut.
 */
export function createStopScanner(sequences: readonly string[]): StopScanner {
  let held = "";
  return {
    push(piece) {
      const text = held + piece;
      const cut = findStop(text, sequences);
      if (cut !== undefined) {
        held = "";
        return { shown: text.slice(0, cut), stopped: true };
      }
      const shown = text.length - beginningAtEnd(text, sequences);
      held = text.slice(shown);
      return { shown: text.slice(0, shown), stopped: false };
    },
    flush() {
      const rest = held;
      held = "";
      return rest;
    },
  };
}

/** Where the sequence begins that is complete first; of two that end together the longer one. */
function findStop(text: string, sequences: readonly string[]): number | undefined {
  let cut: number | undefined;
  let firstEnd = Number.POSITIVE_INFINITY;
  for (const sequence of sequences) {
    const start = text.indexOf(sequence);
    if (start === -1) continue;
    const end = start + sequence.length;
    if (end > firstEnd || (end === firstEnd && cut !== undefined && start >= cut)) continue;
    firstEnd = end;
    cut = start;
  }
  return cut;
}

/** How many units at the end of a text could be the beginning of a sequence. */
function beginningAtEnd(text: string, sequences: readonly string[]): number {
  let most = 0;
  for (const sequence of sequences) {
    for (let length = Math.min(sequence.length - 1, text.length); length > most; length--) {
      if (text.endsWith(sequence.slice(0, length))) most = length;
    }
  }
  return most;
}
