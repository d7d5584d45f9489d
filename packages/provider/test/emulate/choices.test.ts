import { completionsDialect, exchange } from "@codex/provider";
import { expect, it } from "vitest";
import { foldCompletion } from "../dialects/completions/fold-chunks.js";
import { openClient, script } from "../open-client.js";

const usage = { input_tokens: 7, cached_tokens: 2, output_tokens: 5, reasoning_tokens: 1 };
const body = (prompts: string[], more: object = {}) => ({ model: "gpt-6-sol", prompt: prompts, ...more });
const prompts = ["Grüße, 世界!", "two words", "🎈"].map((text) => script({ text, usage }));

it("tells the usage of all answers together, plain and streamed", async () => {
  const { send } = await openClient();
  for (const stream of [false, true]) {
    const { outcome } = await send(completionsDialect, body(prompts, { stream }));
    expect(outcome).toMatchObject({
      status: 200,
      backendModel: "gpt-6-sol",
      usage: { input_tokens: 21, output_tokens: 15, total_tokens: 36, input_tokens_details: { cached_tokens: 6 } },
    });
  }
});

it.each([1, 2, 7, 1000])("streams the same choices when the bytes come in pieces of %i", async (split) => {
  const { send, sim } = await openClient();
  const asked = body(prompts, { stream: true, echo: true, stream_options: { include_usage: true } });
  const plain = await send(completionsDialect, body(prompts, { echo: true }));
  sim.faults.always({ split });
  const seen = await send(completionsDialect, asked);
  const { ids, ...folded } = foldCompletion(seen.events.filter((event) => event.done === undefined));
  const { ids: _ids, ...expected } = foldCompletion([plain.json as Record<string, unknown>]);
  expect(folded).toEqual(expected);
  expect([ids.size, seen.events.at(-1)]).toEqual([1, { done: true }]);
});

it("runs eight at a time", async () => {
  const { send, sim } = await openClient();
  let most = 0;
  sim.on("request", () => {
    most = Math.max(most, sim.activeResponses);
  });
  const many = Array.from({ length: 12 }, (_, index) => script({ text: `answer ${index}`, delayMs: 5 }));
  const { json } = await send(completionsDialect, body(many));
  expect((json as { choices: { text: string }[] }).choices.map(({ text }) => text)).toEqual(
    many.map((_, index) => `answer ${index}`),
  );
  expect(most).toBeGreaterThan(1);
  expect(most).toBeLessThanOrEqual(8);
});

it("refuses in strict mode, where nothing may be emulated", async () => {
  const { send, responses } = await openClient();
  const { status, json } = await send(completionsDialect, body(prompts), { headers: { "x-codex-strict": "1" } });
  expect([status, (json as { error: { param: string } }).error.param]).toEqual([400, "prompt"]);
  expect(responses()).toHaveLength(0);
});

it("lets an answer fail while nobody reads: no rejection is left to the process, and the next reader hears of it", async () => {
  const { client } = await openClient();
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => unhandled.push(reason);
  process.on("unhandledRejection", note);
  try {
    const controller = new AbortController();
    const slow = Array.from({ length: 3 }, (_, index) => script({ words: 500 + index, delayMs: 2, reasoning: false }));
    const request = { body: body(slow, { stream: true }), signal: controller.signal };
    const reply = await exchange(client, completionsDialect, request);
    const reader = (reply.body as AsyncIterable<string>)[Symbol.asyncIterator]();
    await reader.next();
    controller.abort();
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    let last = "";
    for (let read = await reader.next(); !read.done; read = await reader.next()) last = read.value;
    expect(last).toMatch(/data: \{"error":/);
  } finally {
    process.off("unhandledRejection", note);
  }
  expect(unhandled).toEqual([]);
});
