import { describe, expect, it } from "vitest";
import { completionsDialect } from "../../../src/dialects/index.js";
import { createContext, playFinal, playStream, readWire } from "../play.js";
import { madeUpStreams } from "../streams.js";
import { foldCompletion } from "./fold-chunks.js";

function replyTo(extra: Record<string, unknown> = {}) {
  const body = { model: "codex/gpt-6-sol-high", prompt: "Once upon", ...extra };
  return completionsDialect.parseRequest(body, createContext()).reply;
}

const withUsage = { stream: true, stream_options: { include_usage: true } };

describe.each(Object.entries(madeUpStreams))("completions: %s", (name, events) => {
  it("streams as its golden", async () => {
    const wire = playStream(completionsDialect, events, replyTo({ ...withUsage, echo: true }));
    await expect(wire).toMatchFileSnapshot(`goldens/${name}.stream.txt`);
  });

  it("answers plainly as its golden", async () => {
    const answer = JSON.stringify(playFinal(completionsDialect, events, replyTo({ echo: true })), null, 2);
    await expect(`${answer}\n`).toMatchFileSnapshot(`goldens/${name}.final.json`);
  });

  it.each([{}, { echo: true }])("streams what it answers plainly, with %j", (extra) => {
    const reply = replyTo({ ...withUsage, ...extra });
    const streamed = foldCompletion(readWire(playStream(completionsDialect, events, reply)));
    expect(streamed).toEqual(foldCompletion([playFinal(completionsDialect, events, reply) as Record<string, unknown>]));
    expect(streamed.ids.size).toBe(1);
  });
});
