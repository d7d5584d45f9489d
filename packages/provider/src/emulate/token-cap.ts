import { pieceEnd, type Tokenizer } from "./tokenizer.js";

/**
 * How much of an answer's visible output there may be. No token is shorter than a byte, so nothing is counted while the
 * output has fewer bytes than the cap has tokens: a program that always asks for 32,000 pays for no tokenizer.
 */
export class TokenCap {
  readonly #cap: number;
  /** No more tokens than this have been shown. */
  #atMost = 0;
  #counted: CountedText | undefined;

  constructor(cap: number) {
    this.#cap = cap;
  }

  /** Takes note of output that surely fits; false when it has to be counted. */
  passes(text: string): boolean {
    const atMost = this.#atMost + Buffer.byteLength(text);
    if (atMost > this.#cap) return false;
    this.#atMost = atMost;
    this.#counted?.add(text);
    return true;
  }

  /** How many units of some more output fit. `before` is what was shown before it; it is asked for once. */
  fit(text: string, tokenizer: Tokenizer, before: () => string): number {
    if (this.#counted === undefined) {
      this.#counted = new CountedText(tokenizer);
      this.#counted.add(before());
    }
    const units = this.#counted.fit(text, this.#cap);
    this.#atMost = this.#counted.tokens();
    return units;
  }
}

/** A growing text and its tokens: pieces that can't change any more are counted once. */
export class CountedText {
  readonly #tokenizer: Tokenizer;
  #settled = 0;
  #tail = "";

  constructor(tokenizer: Tokenizer) {
    this.#tokenizer = tokenizer;
  }

  add(text: string): void {
    this.#tail += text;
    for (let end = pieceEnd(this.#tail); end !== undefined; end = pieceEnd(this.#tail)) {
      this.#settled += this.#tokenizer.count(this.#tail.slice(0, end));
      this.#tail = this.#tail.slice(end);
    }
  }

  tokens(): number {
    return this.#settled + this.#tokenizer.count(this.#tail);
  }

  /** Adds as much of a text as keeps the whole within so many tokens, and says how many units that is. */
  fit(text: string, cap: number): number {
    const before = this.#tail.length;
    let tail = this.#tail + text;
    let settled = this.#settled;
    let passed = 0;
    for (let end = pieceEnd(tail); ; end = pieceEnd(tail)) {
      const piece = tail.slice(0, end);
      const tokens = this.#tokenizer.count(piece);
      if (settled + tokens > cap) {
        const units = passed + this.#tokenizer.fit(piece, cap - settled) - before;
        const fits = Math.max(0, units);
        this.add(text.slice(0, fits));
        return fits;
      }
      if (end === undefined) break;
      settled += tokens;
      passed += end;
      tail = tail.slice(end);
    }
    this.#settled = settled;
    this.#tail = tail;
    return text.length;
  }
}
