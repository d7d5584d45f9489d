import { describe, expect, it } from "vitest";
import { openProvider } from "./open-provider.js";
import { brokenPair, mixedPair, pairs } from "./pairs.js";

describe("pairs of versions", () => {
  it.each(pairs)("makes models of the specification that $name share", async (pair) => {
    const { codex } = await openProvider(pair);
    expect(codex("gpt-6-sol").specificationVersion).toBe(pair.specification);
    expect(codex.specificationVersion).toBe(pair.specification);
  });

  it("names the broken one, and what to install", async () => {
    const { codex } = await openProvider(brokenPair);
    expect(() => codex("gpt-6-sol")).toThrow(/ai 6 and @ai-sdk\/openai 4 do not go together.*@ai-sdk\/openai@3/);
  });

  it("lets ai 7 use the older models", async () => {
    const { codex } = await openProvider(mixedPair);
    const { text } = await mixedPair.ai.generateText({ model: codex("gpt-6-sol"), prompt: "Hello" });
    expect(text).not.toBe("");
  });
});
