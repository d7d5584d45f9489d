import { CodexError } from "@codex/errors";
import { describe, expect, it } from "vitest";
import { createEvent } from "../../../src/canonical/events.js";
import { completionsDialect } from "../../../src/dialects/index.js";
import { createContext, fold, playStream, readWire } from "../play.js";
import { failed, madeUpStreams, message, stream } from "../streams.js";
import { foldCompletion } from "./fold-chunks.js";

function replyTo(extra: Record<string, unknown> = {}) {
  return completionsDialect.parseRequest({ model: "m", prompt: "p", ...extra }, createContext()).reply;
}

const text = madeUpStreams.text ?? [];
const other = stream(message(0, ["Another", " one."]));

describe("a stream of completions", () => {
  it("ends with [DONE], and tells usage only when asked for", () => {
    const wire = playStream(completionsDialect, text, replyTo());
    expect(wire).toMatch(/data: \[DONE\]\n\n$/);
    expect(wire).not.toContain("usage");
    const asked = readWire(playStream(completionsDialect, text, replyTo({ stream_options: { include_usage: true } })));
    expect(asked.map((chunk) => chunk.usage !== null)).toEqual([...asked.slice(1).map(() => false), true]);
    expect(asked.at(-1)?.choices).toEqual([]);
  });

  it("tells the choices apart, and sums their usage after the last has ended", () => {
    const reply = replyTo({ prompt: ["a", "b"], echo: true, stream_options: { include_usage: true } });
    const encoder = completionsDialect.createEncoder(reply);
    let wire = "";
    for (let at = 0; at < Math.max(text.length, other.length); at++) {
      for (const [choice, events] of [text, other].entries()) {
        const event = events[at];
        if (event !== undefined) wire += encoder.event(event, choice);
      }
    }
    wire += encoder.end();
    const plain = completionsDialect.encodeFinal([fold(text), fold(other)], reply) as Record<string, unknown>;
    const folded = foldCompletion(readWire(wire));
    expect(folded).toEqual(foldCompletion([plain]));
    expect(folded.choices.map((choice) => choice.text)).toEqual([expect.stringMatching(/^aHello/), "bAnother one."]);
    expect(folded.usage).toMatchObject({ total_tokens: 300, prompt_tokens_details: { cached_tokens: 128 } });
    expect(wire.match(/\[DONE\]/g)).toHaveLength(1);
  });

  it("is not done before every choice is", () => {
    const encoder = completionsDialect.createEncoder(replyTo({ prompt: ["a", "b"] }));
    const wire = text.map((event) => encoder.event(event, 0)).join("") + encoder.end();
    expect(wire).not.toContain("[DONE]");
    expect(readWire(wire).at(-1)).toMatchObject({ error: { code: "stream_interrupted" } });
  });

  it("tells an error once, and nothing after it", () => {
    const events = [
      ...text.slice(0, 5),
      createEvent({ type: "error", message: "It broke." }),
      ...stream([], failed("x", "y")),
    ];
    const wire = playStream(completionsDialect, events, replyTo());
    expect(readWire(wire).at(-1)).toMatchObject({ error: { message: "It broke." } });
    expect(wire).not.toContain("[DONE]");
    const encoder = completionsDialect.createEncoder(replyTo());
    expect(encoder.error(new CodexError("internal", "x"))).toContain('"error"');
    expect(encoder.error(new CodexError("internal", "x")) + encoder.end()).toBe("");
    expect(encoder.keepAlive()).toMatch(/^: .*\n\n$/);
  });
});
