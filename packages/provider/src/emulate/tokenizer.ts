/** Counts tokens of the o200k encoding, which OpenAI's models since GPT-4o use. */
export interface Tokenizer {
  count(text: string): number;
  /** How many UTF-16 units at the beginning of a text make at most so many tokens, and no part of a character. */
  fit(text: string, tokens: number): number;
}

let loading: Promise<Tokenizer> | undefined;

/** The tables take some 65 MB and a few hundred milliseconds, so they are loaded by the first request that needs them. */
export function loadTokenizer(): Promise<Tokenizer> {
  loading ??= import("gpt-tokenizer/encoding/o200k_base").then(({ encode, decode }) => {
    // What looks like a special token is the model's text like any other.
    const plainly = { disallowedSpecial: new Set<string>() };
    return {
      count: (text) => encode(text, plainly).length,
      fit(text, tokens) {
        const encoded = encode(text, plainly);
        if (encoded.length <= tokens) return text.length;
        const prefix = decode(encoded.slice(0, Math.max(0, tokens)));
        let units = 0;
        while (units < prefix.length && prefix[units] === text[units]) units++;
        return endsInside(text, units) ? units - 1 : units;
      },
    };
  });
  return loading;
}

/** Longest piece of text that is encoded at once: the time it takes grows with the square of a word's length. */
export const maxPieceUnits = 512;

/**
 * Where the first piece of a text ends that can be counted by itself, or undefined when the text is short enough to be
 * one. The end is where a token ends in any case, a space after a letter or a letter after a line break; in a text without
 * such a place, wherever the piece would get too long.
 */
export function pieceEnd(text: string): number | undefined {
  if (text.length <= maxPieceUnits) return undefined;
  for (let at = maxPieceUnits; at > 0; at--) {
    const [before = "", after = ""] = [text[at - 1], text[at]];
    if ((after === " " && letter.test(before)) || (before === "\n" && letter.test(after))) return at;
  }
  return endsInside(text, maxPieceUnits) ? maxPieceUnits - 1 : maxPieceUnits;
}

const letter = /\p{L}/u;

/** Whether a place is between the two halves of a character. */
export function endsInside(text: string, at: number): boolean {
  const [high, low] = [text.charCodeAt(at - 1), text.charCodeAt(at)];
  return high >= 0xd800 && high <= 0xdbff && low >= 0xdc00 && low <= 0xdfff;
}
