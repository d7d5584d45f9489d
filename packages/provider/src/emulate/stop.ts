/** Looks for the end of one text that comes in pieces. */
export interface StopScanner {
  /** Takes a piece and gives what may be shown of the text so far and has not been; `stopped` once a stop sequence is complete. */
  push(piece: string): { shown: string; stopped: boolean };
  /** What was held back, when no more is to come: it began like a stop sequence and was none. */
  flush(): string;
}

/**
 * The text up to the first stop sequence that is complete, as OpenAI's API has it; the sequence itself is not shown. Held
 * back is only what could be the beginning of one, so the pieces in which a text comes change nothing about the cut. Each
 * unit of the text is looked at once a sequence, whatever the two look like.
 */
export function createStopScanner(sequences: readonly string[]): StopScanner {
  const matchers = sequences.map(createMatcher);
  let held = "";
  return {
    push(piece) {
      const text = held + piece;
      let cut: number | undefined;
      let firstEnd = Number.POSITIVE_INFINITY;
      let most = 0;
      for (const matcher of matchers) {
        const end = held.length + matcher.push(piece);
        most = Math.max(most, matcher.matched());
        // Of two that end together the longer one.
        if (end > firstEnd || (end === firstEnd && cut !== undefined && end - matcher.length >= cut)) continue;
        if (end === Number.POSITIVE_INFINITY) continue;
        firstEnd = end;
        cut = end - matcher.length;
      }
      if (cut !== undefined) {
        held = "";
        for (const matcher of matchers) matcher.reset();
        return { shown: text.slice(0, cut), stopped: true };
      }
      const shown = text.length - most;
      held = text.slice(shown);
      return { shown: text.slice(0, shown), stopped: false };
    },
    flush() {
      const rest = held;
      held = "";
      for (const matcher of matchers) matcher.reset();
      return rest;
    },
  };
}

/** Looks for one sequence by the method of Knuth, Morris and Pratt, in a text that comes in pieces. */
function createMatcher(sequence: string) {
  const fallback = fallbacksOf(sequence);
  let matched = 0;
  return {
    length: sequence.length,
    /** How many units at the end of the text so far are a beginning of the sequence. */
    matched: () => matched,
    reset: () => {
      matched = 0;
    },
    /** Where in the piece the sequence is complete for the first time; Infinity when it is not. */
    push(piece: string): number {
      for (let at = 0; at < piece.length; at++) {
        const unit = piece.charCodeAt(at);
        while (matched > 0 && sequence.charCodeAt(matched) !== unit) matched = fallback[matched - 1] as number;
        if (sequence.charCodeAt(matched) === unit) matched++;
        if (matched === sequence.length) return at + 1;
      }
      return Number.POSITIVE_INFINITY;
    },
  };
}

/** For each beginning of a sequence the length of its longest own beginning that is also its end. */
function fallbacksOf(sequence: string): Uint16Array {
  const fallback = new Uint16Array(sequence.length);
  let length = 0;
  for (let at = 1; at < sequence.length; at++) {
    while (length > 0 && sequence.charCodeAt(at) !== sequence.charCodeAt(length))
      length = fallback[length - 1] as number;
    if (sequence.charCodeAt(at) === sequence.charCodeAt(length)) length++;
    fallback[at] = length;
  }
  return fallback;
}
