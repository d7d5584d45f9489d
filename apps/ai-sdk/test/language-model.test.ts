import { describe, expect, it } from "vitest";
import { openProvider, script } from "./open-provider.js";
import { pairs } from "./pairs.js";

describe.each(pairs)("$name", (pair) => {
  const { generateText, streamText } = pair.ai;

  it("answers as a whole", async () => {
    const { codex } = await openProvider(pair);
    const result = await generateText({
      model: codex("gpt-6-sol"),
      prompt: script({ text: "Hello.", reasoning: "Thinking." }),
    });
    expect(result.text).toBe("Hello.");
    expect(result.reasoningText).toBe("Thinking.");
    expect(result.warnings).toEqual([]);
  });

  it("streams", async () => {
    const { codex } = await openProvider(pair);
    const result = streamText({ model: codex("gpt-6-sol"), prompt: script({ text: "Hello there.", deltas: 4 }) });
    const pieces: string[] = [];
    for await (const piece of result.textStream) pieces.push(piece);
    expect(pieces.join("")).toBe("Hello there.");
    expect(pieces.length).toBeGreaterThan(1);
  });
});
