import { isTerminal, type ResponseEvent, type Usage } from "../canonical/events.js";

export interface CutOptions {
  /** What the request's input takes, for an answer whose usage the backend no longer tells. */
  inputTokens: () => number;
  /** Called when that was needed. */
  onEstimate?: () => void;
}

/** How long the backend's own figures are waited for after a cut, in milliseconds. */
const patienceMs = 1000;

/**
 * The usage that the backend tells of an answer whose rest nobody wants: undefined when it does not come within a second, or
 * the answer fails. The source is given up then.
 */
export async function usageOfRest(source: AsyncIterator<ResponseEvent[], unknown>): Promise<Usage | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, patienceMs, undefined);
  });
  try {
    for (;;) {
      const reading = source.next();
      reading.catch(() => {});
      const read = await Promise.race([reading, late]);
      if (read === undefined || read.done) return undefined;
      const end = read.value.find(({ type }) => isTerminal(type));
      if (end !== undefined) return end.data.response?.usage ?? undefined;
    }
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
    source.return?.().catch(() => {});
  }
}

/**
 * The usage of an answer that was cut: the input as the backend has told it, else as it is estimated, and of the output what
 * was seen of it, with the reasoning where that is known.
 */
export function usageOfCut(told: Usage | undefined, inputTokens: () => number, seenTokens: number): Usage {
  const input = told?.input_tokens ?? inputTokens();
  const reasoning = told?.output_tokens_details?.reasoning_tokens ?? 0;
  return {
    input_tokens: input,
    input_tokens_details: told?.input_tokens_details ?? { cached_tokens: 0 },
    output_tokens: seenTokens + reasoning,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: input + seenTokens + reasoning,
    ...(told === undefined && { estimated: true }),
  };
}

const words = /\s?[\p{L}\p{M}]+|\p{N}{1,3}|\s?[^\s\p{L}\p{M}\p{N}]+|\s+/gu;
const bytesPerLongWord = 6;

/** About how many tokens a text has, without a tokenizer: words as such split them, long ones and other scripts by bytes. */
export function roughTokens(text: string): number {
  let tokens = 0;
  for (const [word] of text.matchAll(words)) {
    tokens += word.length <= 2 ? 1 : Math.max(1, Math.round(Buffer.byteLength(word) / bytesPerLongWord));
  }
  return tokens;
}
