import fc from "fast-check";
import { beforeAll, expect, it } from "vitest";
import { CountedText, TokenCap } from "../../src/emulate/token-cap.js";
import { loadTokenizer, maxPieceUnits, pieceEnd, type Tokenizer } from "../../src/emulate/tokenizer.js";

let tokenizer: Tokenizer;
beforeAll(async () => {
  tokenizer = await loadTokenizer();
});

const words = ["plain", "wörld", "it's", "42,000", "{x: [1]}", "世界", "🎈🎈", "CamelCase", "\n\nNext,", "  two"];

it("counts nothing while the text has fewer bytes than the cap has tokens", () => {
  const cap = new TokenCap(32_000);
  expect(cap.passes("x".repeat(31_999))).toBe(true);
  expect(cap.passes("x")).toBe(true);
  expect(cap.passes("x")).toBe(false);
  // A character may be several tokens, but a byte is one at most.
  expect(new TokenCap(3).passes("世")).toBe(true);
  expect(new TokenCap(2).passes("世")).toBe(false);
});

it("counts a growing text as if it were whole", () => {
  const text = Array.from({ length: 900 }, (_, n) => words[(n * 7 + (n % 3)) % words.length]).join(" ");
  const whole = tokenizer.count(text);
  for (const size of [1, 3, 50, 700, text.length]) {
    const counted = new CountedText(tokenizer);
    for (let at = 0; at < text.length; at += size) counted.add(text.slice(at, at + size));
    expect(counted.tokens()).toBe(whole);
  }
});

it("lets pass what fits, to the token, and no part of a character", () => {
  const text = fc.string({
    unit: fc.constantFrom("word ", "Äpfel ", "世", "🎈", "\n", "12", "<|endoftext|>", "x"),
    maxLength: 60,
  });
  fc.assert(
    fc.property(text, fc.nat(40), fc.nat(20), (given, tokens, first) => {
      const before = given.slice(0, tokenizer.fit(given, Math.min(first, tokens)));
      const rest = given.slice(before.length);
      const shown = rest.slice(
        0,
        new TokenCap(tokens).fit(rest, tokenizer, () => before),
      );
      expect(rest.startsWith(shown)).toBe(true);
      expect(encodeURIComponent(shown)).toBeDefined();
      expect(tokenizer.count(before + shown)).toBeLessThanOrEqual(tokens);
      if (tokenizer.count(given) <= tokens) expect(shown).toBe(rest);
    }),
    { numRuns: 300 },
  );
});

it("takes a text without any space in pieces, for the time it takes grows with the square of a word", () => {
  const word = "世界".repeat(20_000);
  const started = performance.now();
  const counted = new CountedText(tokenizer);
  counted.add(word);
  expect(counted.tokens()).toBeGreaterThan(10_000);
  // Whole it takes half a minute.
  expect(performance.now() - started).toBeLessThan(5000);
});

it("parts a text only where a token ends in any case, if there is such a place", () => {
  expect(pieceEnd("short enough")).toBeUndefined();
  const spaced = `${"word ".repeat(200)}`;
  expect(spaced[pieceEnd(spaced) as number]).toBe(" ");
  expect(pieceEnd("🎈".repeat(600))).toBeLessThanOrEqual(maxPieceUnits);
  expect(pieceEnd(`a${"🎈".repeat(600)}`)).toBe(maxPieceUnits - 1);
});
