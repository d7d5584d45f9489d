/** The length of a text that goes out piece by piece. */
export interface TextLength {
  /** In UTF-16 units, as JavaScript counts. */
  units: number;
  /** In code points, in which the API counts the places of citations. */
  characters: number;
}

/** Adds the length of the text that a JSON string literal stands for, without decoding it. */
export function addLength(literal: string, length: TextLength): void {
  const last = literal.length - 1;
  let units = 0;
  let halves = 0;
  for (let at = 1; at < last; at++) {
    let code = literal.charCodeAt(at);
    if (code === backslash) {
      at++;
      if (literal.charCodeAt(at) === letterU) {
        code = Number.parseInt(literal.slice(at + 1, at + 5), 16);
        at += 4;
      }
    }
    units++;
    // The second half of a surrogate pair is no character of its own.
    if (code >= 0xdc00 && code <= 0xdfff) halves++;
  }
  length.units += units;
  length.characters += units - halves;
}

const backslash = 92;
const letterU = 117;
