import fc from "fast-check";
import { beforeAll, describe, expect, it, vi } from "vitest";
import type { ResponseEvent } from "../../src/canonical/events.js";
import { foldResponse } from "../../src/canonical/fold.js";
import type { AnswerEnd, Dialect, ReplyOptions } from "../../src/dialects/dialect.js";
import { chatDialect, completionsDialect, responsesDialect } from "../../src/dialects/index.js";
import { cutEvents } from "../../src/emulate/cut-events.js";
import { loadTokenizer, type Tokenizer } from "../../src/emulate/tokenizer.js";
import { foldChunks, foldPlain } from "../dialects/chat/fold-chunks.js";
import { foldCompletion } from "../dialects/completions/fold-chunks.js";
import { createContext, playFinal, playStream, readWire } from "../dialects/play.js";
import { call, completed, message, reasoning, refusal, stream } from "../dialects/streams.js";

let tokenizer: Tokenizer;
beforeAll(async () => {
  tokenizer = await loadTokenizer();
});

/** A source that tells how far it was read, and whether it was given up. */
function sourceOf(events: readonly ResponseEvent[], batchSize = 2) {
  const seen = { read: 0, returned: 0 };
  async function* batches() {
    try {
      for (let at = 0; at < events.length; at += batchSize) {
        seen.read = at + batchSize;
        yield events.slice(at, at + batchSize);
      }
      seen.returned = -1;
    } finally {
      seen.returned++;
    }
  }
  return { seen, batches };
}

const options = { inputTokens: () => 40 };

async function cut(events: readonly ResponseEvent[], end: AnswerEnd, batchSize?: number) {
  const { seen, batches } = sourceOf(events, batchSize);
  const out: ResponseEvent[] = [];
  for await (const batch of cutEvents(batches(), end, options)) out.push(...batch);
  return { out, seen };
}

const chat = {
  ...chatDialect.parseRequest({ model: "m", messages: [{ role: "user", content: "x" }] }, createContext()).reply,
  includeUsage: true,
};
const completions = completionsDialect.parseRequest({ model: "m", prompt: "x" }, createContext()).reply;
const responses = responsesDialect.parseRequest({ model: "m", input: "x" }, createContext()).reply;

function chatOf(events: readonly ResponseEvent[]) {
  const streamed = foldChunks(readWire(playStream(chatDialect, events, chat)));
  expect(streamed).toMatchObject(foldPlain(playFinal(chatDialect, events, chat)));
  return streamed;
}

const wire = <Options extends ReplyOptions>(
  dialect: Dialect<Options>,
  events: readonly ResponseEvent[],
  reply: Options,
) => readWire(playStream(dialect, events, reply));

describe("a stop sequence", () => {
  it("ends the answer, closes what is open, and gives the backend's request up", async () => {
    const events = stream([
      ...reasoning(0, [["Thinking END"]]),
      ...message(1, ["one ", "tw", "o E", "ND three", " four"]),
    ]);
    const { out, seen } = await cut(events, { stop: ["END"] }, 1);
    expect(out.map(({ type }) => type).slice(-6)).toEqual([
      "response.output_text.delta",
      "response.output_text.delta",
      "response.output_text.done",
      "response.content_part.done",
      "response.output_item.done",
      "response.completed",
    ]);
    // The rest is read for its usage alone.
    expect(seen).toEqual({ read: events.length, returned: 1 });
    expect(chatOf(out)).toMatchObject({ content: "one two ", reasoning: "Thinking END", finishReason: "stop" });
    const tokens = tokenizer.count("one two ");
    expect((await foldResponse(sourceOf(out).batches())).usage).toMatchObject({
      // Those of the backend: its input, and its reasoning beside what was seen of the output.
      input_tokens: 120,
      output_tokens: tokens + 12,
      output_tokens_details: { reasoning_tokens: 12 },
      total_tokens: 120 + tokens + 12,
    });
  });

  it("estimates the usage of an answer that goes on for longer than a second, and gives it up then", async () => {
    const events = stream(message(0, ["one two. END three"]));
    let returned = 0;
    let estimates = 0;
    async function* endless() {
      try {
        yield events.slice(0, -1);
        for (;;) {
          await new Promise((resolve) => setTimeout(resolve, 50));
          yield events.slice(4, 5);
        }
      } finally {
        returned++;
      }
    }
    const begun = performance.now();
    const out: ResponseEvent[] = [];
    let textAt = 0;
    const onEstimate = () => estimates++;
    for await (const batch of cutEvents(endless(), { stop: ["END"] }, { inputTokens: () => 40, onEstimate })) {
      out.push(...batch);
      textAt ||= performance.now() - begun;
    }
    // The text waits for nothing.
    expect(textAt).toBeLessThan(900);
    expect(performance.now() - begun).toBeGreaterThan(900);
    await vi.waitFor(() => expect(returned).toBe(1));
    expect([out.at(-1)?.data.response?.usage, estimates]).toEqual([
      {
        input_tokens: 40,
        input_tokens_details: { cached_tokens: 0 },
        output_tokens: 4,
        output_tokens_details: { reasoning_tokens: 0 },
        total_tokens: 44,
        estimated: true,
      },
      1,
    ]);
    expect(chatOf(out).usage).toMatchObject({ prompt_tokens: 40, completion_tokens: 4, estimated: true });
  });

  it("estimates it where the backend breaks off after the cut", async () => {
    async function* broken() {
      yield stream(message(0, ["one END"])).slice(0, -1);
      throw new Error("reset");
    }
    const out: ResponseEvent[] = [];
    for await (const batch of cutEvents(broken(), { stop: ["END"] }, options)) out.push(...batch);
    expect(out.at(-1)?.data.response).toMatchObject({
      status: "completed",
      usage: { input_tokens: 40, estimated: true },
    });
  });

  it("tells every text of a Responses stream in the same words", async () => {
    const { out } = await cut(stream(message(0, ["one ", "two\n", "\nthree"])), { stop: ["\n\n"] });
    const data = wire(responsesDialect, out, responses);
    const text = data.map(({ delta }) => delta ?? "").join("");
    expect(text).toBe("one two");
    expect(data.find(({ type }) => type === "response.output_text.done")).toMatchObject({ text, item_id: "msg_0" });
    expect(data.at(-1)).toMatchObject({
      type: "response.completed",
      response: { status: "completed", output: [{ status: "completed", content: [{ type: "output_text", text }] }] },
    });
    expect(data.map((event) => event.sequence_number)).toEqual(data.map((_, index) => index));
  });

  const pieces = fc.array(fc.string({ unit: fc.constantFrom("a", "b", "\n", '"', "🎈"), maxLength: 5 }), {
    maxLength: 6,
  });
  const stops = fc.array(fc.constantFrom("ab", "b\n", "aab", "🎈", '"a'), { minLength: 1, maxLength: 3 });
  const built = fc.record({ doneOnly: fc.boolean(), phase: fc.constantFrom("commentary", "final_answer") });

  it("cuts the same text out of any pieces and any batches, streamed and plain, in every dialect", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(pieces, built), { maxLength: 3 }),
        stops,
        fc.nat(9),
        async (texts, stop, size) => {
          const events = stream(texts.flatMap(([given, options], index) => message(index, given, options)));
          const whole = stream(texts.flatMap(([given], index) => message(index, [given.join("")])));
          const { out } = await cut(events, { stop }, size + 1);
          const folded = chatOf(out);
          expect(folded.content).toBe(chatOf((await cut(whole, { stop })).out).content);
          for (const sequence of stop) expect(texts.length === 1 && folded.content.includes(sequence)).toBe(false);
          const legacy = await cut(events, { stop, hidesCommentary: true }, size + 1);
          const plain = playFinal(completionsDialect, legacy.out, completions) as Record<string, unknown>;
          expect(foldCompletion(wire(completionsDialect, legacy.out, completions))).toMatchObject({
            choices: foldCompletion([plain]).choices,
          });
          const data = wire(responsesDialect, out, responses);
          expect(data.at(-1)?.response).toEqual(
            JSON.parse(JSON.stringify(playFinal(responsesDialect, out, responses))),
          );
        },
      ),
      { numRuns: 150 },
    );
  });

  it("changes nothing about an answer without one", async () => {
    const events = stream([...message(0, ["one EN", "D", "ING E"]), ...refusal(1, ["no STOP"])]);
    const { out, seen } = await cut(events, { stop: ["STOP"] });
    expect(chatOf(out)).toEqual(chatOf(events));
    expect([out.at(-1), seen.returned]).toEqual([events.at(-1), 0]);
  });

  it("is looked for in items that come only with the end", async () => {
    const item = {
      id: "msg_0",
      type: "message",
      role: "assistant",
      content: [{ type: "output_text", text: "a END b" }],
    };
    const { out } = await cut(stream([], completed([item])), { stop: ["END"] });
    expect(chatOf(out)).toMatchObject({ content: "a ", finishReason: "stop" });
  });

  it("is not looked for in what tools are called with", async () => {
    const { begin, pieces: deltas, end } = call(0, "look", ['{"a":', '"END"}']);
    const events = stream([...begin, ...deltas, ...end]);
    expect((await cut(events, { stop: ["END"] })).out).toEqual(events);
  });
});

describe("a cap on the output", () => {
  const text = "The quick brown fox, 42 of them, jumps over the lazy dog. 世界 🎈 and so on";
  const words = text.split(/(?<= )/);

  it("ends the answer after so many tokens, as incomplete", async () => {
    for (let cap = 1; cap < tokenizer.count(text); cap++) {
      const { out, seen } = await cut(stream(message(0, words)), { maxTokens: cap }, 1);
      const folded = chatOf(out);
      expect(folded.finishReason).toBe("length");
      expect(text.startsWith(folded.content)).toBe(true);
      // Part of a character is not shown, so that there may be less than the cap.
      expect(tokenizer.count(folded.content)).toBeLessThanOrEqual(cap);
      expect(tokenizer.count(folded.content)).toBeGreaterThan(cap - 3);
      expect(seen.returned).toBe(1);
      const last = wire(responsesDialect, out, responses).at(-1);
      expect(last).toMatchObject({
        type: "response.incomplete",
        response: { status: "incomplete", incomplete_details: { reason: "max_output_tokens" } },
      });
    }
    const events = stream(message(0, words));
    expect((await cut(events, { maxTokens: tokenizer.count(text) })).out).toEqual(events);
  });

  it("passes events on as they are while they fit", async () => {
    const events = stream([...reasoning(0, [["long thoughts ".repeat(50)]]), ...message(1, words)]);
    const { out } = await cut(events, { maxTokens: 200 });
    expect(out.every((event, index) => event === events[index])).toBe(true);
  });

  it("counts all that is visible: texts, refusals, and what tools are called with", async () => {
    const { begin, pieces: deltas, end } = call(1, "look", ['{"city":', '"Berlin",', '"unit":"C"}']);
    const events = stream([...message(0, ["one two three"]), ...begin, ...deltas, ...end]);
    const { out } = await cut(events, { maxTokens: tokenizer.count('one two three{"city":"') });
    expect(chatOf(out)).toMatchObject({
      content: "one two three",
      calls: [{ id: "call_1", function: { name: "look", arguments: '{"city":"' } }],
      finishReason: "length",
    });
    expect(wire(responsesDialect, out, responses).at(-1)).toMatchObject({
      response: { output: [{}, { type: "function_call", arguments: '{"city":"', status: "incomplete" }] },
    });
    const refused = await cut(stream(refusal(0, ["I can't help with ", "that, sorry."])), { maxTokens: 3 });
    expect(chatOf(refused.out)).toMatchObject({ refusal: "I can't help", finishReason: "length" });
  });

  it("closes calls that were under way beside the one it fell into", async () => {
    const first = call(0, "weather", ['{"city":', '"Berlin"}']);
    const second = call(1, "time", ['{"zone":', '"Central European"}']);
    const events = stream([
      ...first.begin,
      ...first.pieces,
      ...second.begin,
      ...second.pieces,
      ...first.end,
      ...second.end,
    ]);
    const { out } = await cut(events, { maxTokens: 8 });
    expect(chatOf(out).calls).toMatchObject([
      { function: { arguments: '{"city":"Berlin"}' } },
      { function: { arguments: expect.stringMatching(/^\{"/) } },
    ]);
    expect(out.filter(({ type }) => type === "response.output_item.done")).toHaveLength(2);
  });

  it("ends at whichever comes first, the sequence or the cap", async () => {
    const events = stream(message(0, ["one two END three four five six"]));
    expect(chatOf((await cut(events, { stop: ["END"], maxTokens: 2 })).out).finishReason).toBe("length");
    expect(chatOf((await cut(events, { stop: ["END"], maxTokens: 5 })).out).finishReason).toBe("stop");
  });

  it("does not count commentary where it is no part of the answer", async () => {
    const events = stream([
      ...message(0, ["I will look at it for a while END."], { phase: "commentary" }),
      ...message(1, ["It is four."], { phase: "final_answer" }),
    ]);
    const { out } = await cut(events, { stop: ["END"], maxTokens: 4, hidesCommentary: true });
    expect(out).toEqual(events);
  });
});

it("passes on signs of life, failures, and the end of a reader", async () => {
  async function* failing(): AsyncGenerator<ResponseEvent[]> {
    yield [];
    yield stream(message(0, ["one"])).slice(0, 5);
    throw new Error("cut off");
  }
  const events = cutEvents(failing(), { stop: ["x"] }, options);
  expect((await events.next()).value).toEqual([]);
  expect((await events.next()).value).toHaveLength(5);
  await expect(events.next()).rejects.toThrow("cut off");

  const { seen, batches } = sourceOf(stream(message(0, ["one", "two"])), 1);
  for await (const _batch of cutEvents(batches(), { stop: ["x"] }, options)) break;
  expect(seen).toEqual({ read: 1, returned: 1 });
});
