import { beforeAll, expect, it } from "vitest";
import { roughTokens } from "../../src/emulate/cut-usage.js";
import { loadTokenizer, type Tokenizer } from "../../src/emulate/tokenizer.js";

let tokenizer: Tokenizer;
beforeAll(async () => {
  tokenizer = await loadTokenizer();
});

it.each([
  ["", 0],
  ["one two. ", 4],
  ["one two three four", 4],
])("counts short words as they are: %j", (text, tokens) => {
  expect(roughTokens(text)).toBe(tokens);
});

it.each([
  "The capital of Italy is Rome, which has been settled for more than 2,700 years.",
  "Die Donaudampfschifffahrtsgesellschaft hat ihren Sitz in Wien und fährt seit 1829.",
  "export function sum(values: number[]) {\n  return values.reduce((a, b) => a + b, 0);\n}\n",
  '{"name":"Ada","born":1815,"tags":["math","poetry"]}',
  "東京は日本の首都であり、世界最大級の都市圏を形成している。",
  "Привет, как дела? Сегодня хорошая погода.",
])("is within a factor of two of the tokenizer: %s", (text) => {
  const ratio = roughTokens(text) / tokenizer.count(text);
  expect(ratio).toBeGreaterThan(0.5);
  expect(ratio).toBeLessThan(2);
});
