import { describe, expect, it } from "vitest";
import { chatDialect } from "../../../src/dialects/index.js";
import { createContext, playFinal, playStream, readWire } from "../play.js";
import { madeUpStreams } from "../streams.js";
import { foldChunks, foldPlain } from "./fold-chunks.js";

function replyTo(extra: Record<string, unknown> = {}, options: Record<string, unknown> = {}) {
  const body = { model: "codex/gpt-6-sol-high", messages: [{ role: "user", content: "Hi" }], ...extra };
  return { ...chatDialect.parseRequest(body, createContext()).reply, ...options };
}

const withUsage = { stream: true, stream_options: { include_usage: true } };

describe.each(Object.entries(madeUpStreams))("chat: %s", (name, events) => {
  it("streams as its golden", async () => {
    const wire = playStream(chatDialect, events, replyTo(withUsage));
    await expect(wire).toMatchFileSnapshot(`goldens/${name}.stream.txt`);
  });

  it("answers plainly as its golden", async () => {
    const answer = JSON.stringify(playFinal(chatDialect, events, replyTo()), null, 2);
    await expect(`${answer}\n`).toMatchFileSnapshot(`goldens/${name}.final.json`);
  });

  it.each([
    ["by default", {}, {}],
    ["with think tags", {}, { reasoning: "think" }],
    ["without reasoning", {}, { reasoning: "none" }],
    ["with commentary beside the reasoning", {}, { commentary: "reasoning" }],
    ["with legacy functions", { functions: [{ name: "look" }] }, {}],
  ])("streams what it answers plainly, %s", (_case, extra, options) => {
    const reply = replyTo({ ...withUsage, ...extra }, options);
    const streamed = foldChunks(readWire(playStream(chatDialect, events, reply)));
    expect(streamed).toMatchObject(foldPlain(playFinal(chatDialect, events, reply)));
    expect(streamed.ids.size).toBe(1);
    expect(streamed.role).toBe("assistant");
  });
});
