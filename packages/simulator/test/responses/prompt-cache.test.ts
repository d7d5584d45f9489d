import { expect, test } from "vitest";
import { PromptCache } from "../../src/responses/prompt-cache.js";

const message = (text: string) => ({ type: "message", role: "user", content: [{ type: "input_text", text }] });
const body = (key: string, ...texts: string[]) => ({
  model: "gpt-6-sol",
  instructions: "i".repeat(100),
  prompt_cache_key: key,
  input: texts.map(message),
});

test("what an earlier request with the same key began with counts", () => {
  const cache = new PromptCache();
  expect(cache.take(body("a", "x".repeat(50)))).toBe(0);
  expect(cache.take(body("b", "x".repeat(50)))).toBe(0);
  expect(cache.take(body("a", "x".repeat(50), "more"))).toBe(158);
  expect(cache.take(body("a", "other", "more"))).toBe(100);
  expect(cache.take({ ...body("a", "other"), instructions: "else" })).toBe(0);
});
