import type OpenAI6 from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sdks } from "./sdks.js";
import { ask, chatBody, type House, startHouse } from "./start-house.js";

const model = "gpt-6-sol";
const says = (marker: object) => `SIM${JSON.stringify(marker)}`;
const user = (content: string) => [{ role: "user" as const, content }];

describe.each(sdks)("openai %s", (_version, OpenAI) => {
  let house: House;
  let client: OpenAI6;
  beforeAll(async () => {
    house = await startHouse();
    client = new OpenAI({ baseURL: `${house.proxy.url}/v1`, apiKey: "sk-made-up", maxRetries: 0 });
  });
  afterAll(() => house.close());

  /** Resolves when the backend has seen one request given up before its answer was over. */
  const backendGone = () => house.simulator.waitFor("disconnect");

  /** An answer that would go on for a minute. */
  const endless = (text: string) => says({ text: `${text} ${"and on ".repeat(3000)}`, reasoning: false, delayMs: 10 });

  it("stops at a sequence, plain and streamed, and cancels the backend's request", async () => {
    const messages = user(endless("one two. END three"));
    let gone = backendGone();
    const { data, response } = await client.chat.completions
      .create({ model, messages, stop: ["END", "nev"] })
      .withResponse();
    await gone;
    expect(data.choices[0]).toMatchObject({ finish_reason: "stop", message: { content: "one two. " } });
    // Nobody has told the usage: some four bytes a token, and the words that were seen.
    const asked = JSON.stringify(house.simulator.requests.at(-1)?.body).length;
    expect(data.usage).toMatchObject({ completion_tokens: 4, estimated: true });
    expect(asked / (data.usage?.prompt_tokens ?? 0)).toBeCloseTo(4, 1);
    expect(data.usage?.total_tokens).toBe((data.usage?.prompt_tokens ?? 0) + 4);
    expect(response.headers.get("x-codex-adjusted")).toContain('"usage";action=emulated');
    expect(response.headers.get("x-codex-adjusted")).toContain('"stop";action=emulated');

    gone = backendGone();
    const options = { include_usage: true };
    const stream = client.chat.completions.stream({ model, messages, stop: "END", stream_options: options });
    const streamed = await stream.finalChatCompletion();
    await gone;
    expect(streamed.choices[0]).toMatchObject({ finish_reason: "stop", message: { content: "one two. " } });
    expect(streamed.usage).toMatchObject({ completion_tokens: 4 });

    gone = backendGone();
    const legacy = await client.completions.create({ model, prompt: endless("one two. END"), stop: "END" });
    await gone;
    expect(legacy.choices[0]).toMatchObject({ finish_reason: "stop", text: "one two. " });
    await house.simulator.idle();
  });

  it.each(["max_tokens", "max_completion_tokens"])("caps the output by %s, plain and streamed", async (field) => {
    const messages = user(endless("one two three four five six seven"));
    let gone = backendGone();
    const { data, response } = await client.chat.completions.create({ model, messages, [field]: 4 }).withResponse();
    await gone;
    expect(data.choices[0]).toMatchObject({ finish_reason: "length", message: { content: "one two three four" } });
    expect(data.usage?.completion_tokens).toBe(4);
    expect(response.headers.get("x-codex-adjusted")).toContain(`"${field}";action=emulated;detail="counts visible`);
    gone = backendGone();
    const stream = await client.chat.completions.create({ model, messages, [field]: 4, stream: true });
    let text = "";
    let reason: string | null | undefined;
    for await (const { choices } of stream) {
      text += choices[0]?.delta.content ?? "";
      reason = choices[0]?.finish_reason;
    }
    await gone;
    expect([text, reason]).toEqual(["one two three four", "length"]);
  });

  it("caps responses by max_output_tokens, plain and streamed, as incomplete", async () => {
    const input = endless("one two three four five six seven");
    let gone = backendGone();
    const plain = await client.responses.create({ model, input, max_output_tokens: 4 });
    await gone;
    expect(plain).toMatchObject({
      status: "incomplete",
      incomplete_details: { reason: "max_output_tokens" },
      max_output_tokens: 4,
      output_text: "one two three four",
      usage: { output_tokens: 4 },
    });
    gone = backendGone();
    const stream = client.responses.stream({ model, input, max_output_tokens: 4 });
    const types: string[] = [];
    for await (const { type } of stream) types.push(type);
    const { output_text, status } = await stream.finalResponse();
    await gone;
    expect([output_text, status, types.at(-1)]).toEqual(["one two three four", "incomplete", "response.incomplete"]);
    expect(types.filter((type) => type.endsWith(".done"))).toEqual([
      "response.output_text.done",
      "response.content_part.done",
      "response.output_item.done",
    ]);
    // What was cut is kept like any other answer.
    expect(await client.responses.retrieve(plain.id)).toMatchObject({ status: "incomplete" });
  });

  it("sends no field to the backend that it would refuse", async () => {
    await client.chat.completions.create({ model, messages: user("x"), stop: "END", max_tokens: 32_000, n: 2 });
    const sent = house.simulator.requests.at(-1)?.body as object;
    for (const field of ["stop", "max_tokens", "max_output_tokens", "n"]) expect(sent).not.toHaveProperty(field);
  });

  it("gives several choices, plain and streamed, with their usage summed", async () => {
    const messages = user(
      says({ text: "one two three", reasoning: false, usage: { input_tokens: 7, output_tokens: 5 } }),
    );
    const before = house.simulator.stats.responses;
    const { data, response } = await client.chat.completions.create({ model, messages, n: 3 }).withResponse();
    expect(data.choices.map(({ index, message }) => [index, message.content])).toEqual(
      [0, 1, 2].map((index) => [index, "one two three"]),
    );
    expect(data.usage).toMatchObject({ prompt_tokens: 21, completion_tokens: 15, total_tokens: 36 });
    expect(response.headers.get("x-codex-adjusted")).toContain('"n";action=emulated');
    expect(house.simulator.stats.responses - before).toBe(3);

    const stream = client.chat.completions.stream({ model, messages, n: 3, stream_options: { include_usage: true } });
    const ids = new Set<string>();
    const usages: unknown[] = [];
    for await (const chunk of stream) {
      ids.add(chunk.id);
      if (chunk.usage) usages.push([chunk.choices, chunk.usage.total_tokens]);
    }
    const whole = await stream.finalChatCompletion();
    expect(whole.choices.map(({ index, message, finish_reason }) => [index, message.content, finish_reason])).toEqual(
      [0, 1, 2].map((index) => [index, "one two three", "stop"]),
    );
    expect([ids.size, usages]).toEqual([1, [[[], 36]]]);
  });

  it("cuts each of several choices by itself", async () => {
    const messages = user(endless("one two END three"));
    const { choices } = await client.chat.completions.create({ model, messages, n: 3, stop: "END" });
    expect(choices.map(({ message, finish_reason }) => [message.content, finish_reason])).toEqual(
      [0, 1, 2].map(() => ["one two ", "stop"]),
    );
    await house.simulator.idle();
  });

  it("calls tools in each of several choices", async () => {
    const tools = [{ type: "function" as const, function: { name: "look up!", parameters: { type: "object" } } }];
    const messages = user(says({ tools: [{ name: "look_up_", arguments: { a: 1 } }] }));
    const stream = client.chat.completions.stream({ model, messages, tools, n: 2 });
    const { choices } = await stream.finalChatCompletion();
    expect(
      choices.map(({ message }) => message.tool_calls?.map((call) => "function" in call && call.function.name)),
    ).toEqual([["look up!"], ["look up!"]]);
  });

  it.each([
    [{ n: 9 }, "n"],
    [{ n: 0 }, "n"],
    [{ stop: ["a", "b", "c", "d", "e"] }, "stop"],
    [{ stop: [7] }, "stop"],
    [{ max_tokens: 0 }, "max_tokens"],
    [{ max_completion_tokens: 1.5 }, "max_completion_tokens"],
  ])("refuses %j", async (fields, param) => {
    const asked = client.chat.completions.create({ model, messages: user("x"), ...fields } as never);
    await expect(asked).rejects.toMatchObject({ status: 400, type: "invalid_request_error", param });
  });
});

it("streams several choices as one stream of chunks", async () => {
  const house = await startHouse();
  const { text } = await ask(`${house.proxy.url}/v1/chat/completions`, { body: chatBody("x", { n: 2, stream: true }) });
  expect(text.match(/\[DONE\]/g)).toHaveLength(1);
  expect(text.match(/"finish_reason":"stop"/g)).toHaveLength(2);
  expect(text.match(/"role":"assistant"/g)).toHaveLength(2);
  await house.close();
});
