import { type Profile, profiles } from "@codex/simulator";
import type OpenAI6 from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sdks } from "./sdks.js";
import { ask, type House, startHouse } from "./start-house.js";

const model = "gpt-6-sol";
const says = (marker: object) => `SIM${JSON.stringify(marker)}`;

describe.each(sdks)("openai %s", (_version, OpenAI) => {
  describe.each(Object.keys(profiles) as Profile[])("on the profile %s", (profile) => {
    let house: House;
    let client: OpenAI6;
    beforeAll(async () => {
      house = await startHouse({ profile });
      client = new OpenAI({ baseURL: `${house.proxy.url}/v1`, apiKey: "sk-made-up", maxRetries: 0 });
    });
    afterAll(() => house.close());

    it("continues a prompt", async () => {
      const prompt = says({ text: " a time." });
      const { data, response } = await client.completions.create({ model, prompt, temperature: 0 }).withResponse();
      expect(data).toMatchObject({ object: "text_completion", model, id: expect.stringMatching(/^cmpl-/) });
      expect(data.choices).toEqual([{ text: " a time.", index: 0, logprobs: null, finish_reason: "stop" }]);
      expect(data.usage?.total_tokens).toBeGreaterThan(0);
      const adjusted = response.headers.get("x-codex-adjusted");
      expect(adjusted).toContain('"prompt";action=emulated');
      expect(adjusted).toContain('"temperature";action=dropped');
      const sent = house.simulator.requests.at(-1)?.body as { instructions: string; input: object[] };
      expect(sent.instructions).toContain("Continue the text");
      expect(sent.input).toMatchObject([{ role: "user", content: [{ type: "input_text", text: prompt }] }]);
    });

    it("repeats the prompt with echo, plain and streamed", async () => {
      const prompt = says({ text: " a time." });
      const plain = await client.completions.create({ model, prompt, echo: true });
      expect(plain.choices[0]?.text).toBe(`${prompt} a time.`);
      const stream = await client.completions.create({ model, prompt, echo: true, stream: true });
      let text = "";
      const reasons: unknown[] = [];
      for await (const chunk of stream) {
        expect([chunk.object, chunk.usage]).toEqual(["text_completion", undefined]);
        text += chunk.choices[0]?.text ?? "";
        reasons.push(chunk.choices[0]?.finish_reason);
      }
      expect(text).toBe(`${prompt} a time.`);
      expect(reasons).toEqual([...reasons.slice(1).map(() => null), "stop"]);
    });

    it("answers a list of prompts in its order, and n of each", async () => {
      const prompts = [says({ text: "one", delayMs: 20 }), says({ text: "two" })];
      const plain = await client.completions.create({ model, prompt: prompts, n: 2 });
      expect(plain.choices.map(({ index, text }) => [index, text])).toEqual([
        [0, "one"],
        [1, "one"],
        [2, "two"],
        [3, "two"],
      ]);
      const stream = await client.completions.create({
        model,
        prompt: prompts,
        stream: true,
        stream_options: { include_usage: true },
      });
      const texts: string[] = ["", ""];
      const usages: unknown[] = [];
      for await (const { choices, usage } of stream) {
        for (const { index, text } of choices) texts[index] += text;
        if (usage) usages.push([choices.length, usage.total_tokens]);
      }
      expect(texts).toEqual(["one", "two"]);
      expect(usages).toEqual([[0, (plain.usage?.total_tokens ?? 0) / 2]]);
    });

    it("answers more prompts than it asks at a time", async () => {
      const prompt = Array.from({ length: 20 }, (_, index) => says({ text: `answer ${index}` }));
      const { choices } = await client.completions.create({ model, prompt });
      expect(choices.map(({ text }) => text)).toEqual(prompt.map((_, index) => `answer ${index}`));
      const stream = await client.completions.create({ model, prompt, stream: true });
      const texts: string[] = [];
      for await (const chunk of stream)
        for (const { index, text } of chunk.choices) texts[index] = (texts[index] ?? "") + text;
      expect(texts).toEqual(prompt.map((_, index) => `answer ${index}`));
    });

    it("refuses what it cannot do, with the param", async () => {
      for (const [more, param] of [
        [{ suffix: "the end" }, "suffix"],
        [{ prompt: [1, 2, 3] }, "prompt"],
        [{ n: 9 }, "n"],
      ] as const) {
        await expect(client.completions.create({ model, prompt: "x", ...more } as never)).rejects.toMatchObject({
          status: 400,
          type: "invalid_request_error",
          param,
        });
      }
    });

    it("hears of the failure of one of several, before and in the midst of a stream", async () => {
      const good = says({ text: "good", words: 400, delayMs: 5 });
      const bad = says({ fault: "usage_limit" });
      await expect(client.completions.create({ model, prompt: [good, bad] })).rejects.toMatchObject({ status: 429 });
      await expect(client.completions.create({ model, prompt: [good, bad], stream: true })).rejects.toMatchObject({
        status: 429,
      });
      const cut = says({ text: "a b c", reasoning: false, fault: { cut: 6 } });
      const slow = says({ words: 1000, delayMs: 5 });
      const stream = await client.completions.create({ model, prompt: [slow, cut], stream: true });
      const read = async () => {
        for await (const _chunk of stream);
      };
      await expect(read()).rejects.toMatchObject({ code: "stream_interrupted" });
      await house.simulator.idle();
      expect(house.simulator.activeResponses).toBe(0);
    });

    it("aborts, and all of the backend's requests are gone with it", async () => {
      const stream = await client.completions.create({
        model,
        prompt: [says({ words: 1000, delayMs: 5 }), says({ words: 1001, delayMs: 5 })],
        stream: true,
      });
      for await (const _chunk of stream) {
        stream.controller.abort();
        break;
      }
      await house.simulator.idle();
      expect(house.simulator.activeResponses).toBe(0);
    });
  });
});

it("ends a stream with [DONE]", async () => {
  const house = await startHouse();
  const body = { model, prompt: [says({ text: "a" }), says({ text: "b" })], stream: true };
  const { text } = await ask(`${house.proxy.url}/v1/completions`, { body });
  expect(text.match(/data: \[DONE\]\n\n$/)).not.toBeNull();
  expect(text.match(/\[DONE\]/g)).toHaveLength(1);
  await house.close();
});
