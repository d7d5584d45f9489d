import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openProvider, script } from "./open-provider.js";
import { pairs } from "./pairs.js";

describe.each(pairs)("$name", (pair) => {
  const { generateText, generateObject, streamText, streamObject, Output } = pair.ai;

  it("answers as a whole", async () => {
    const { codex, bodies } = await openProvider(pair);
    const usage = { input_tokens: 100, output_tokens: 30, total_tokens: 130 };
    const result = await generateText({
      model: codex("gpt-6-sol"),
      system: "Be brief.",
      prompt: script({ text: "Hello.", reasoning: "Thinking.", usage }),
    });
    expect(result).toMatchObject({
      text: "Hello.",
      reasoningText: "Thinking.",
      finishReason: "stop",
      warnings: [],
      usage: { inputTokens: 100, outputTokens: 30, totalTokens: 130 },
      response: { modelId: "gpt-6-sol" },
    });
    expect(result.providerMetadata?.openai?.responseId).toMatch(/^resp_/);
    expect(bodies()).toMatchObject([
      { model: "gpt-6-sol", instructions: "Be brief.", store: false, stream: true, reasoning: { summary: "auto" } },
    ]);
  });

  it("streams reasoning and text in pieces, with nothing to warn of", async () => {
    const { codex } = await openProvider(pair);
    const prompt = script({ text: "Hello there, you.", reasoning: "A longer thought.", deltas: 4 });
    const result = streamText({ model: codex("gpt-6-sol"), prompt });
    const parts: { type: string; text?: string }[] = [];
    for await (const part of result.fullStream) parts.push(part);
    const texts = (type: string) => parts.filter((part) => part.type === type).map((part) => part.text);
    expect(texts("text-delta").length).toBeGreaterThan(2);
    expect(texts("text-delta").join("")).toBe("Hello there, you.");
    expect(texts("reasoning-delta").join("")).toBe("A longer thought.");
    expect(await result.finishReason).toBe("stop");
    expect(await result.warnings).toEqual([]);
  });

  it("passes pieces on as they come, one not waiting for the next", async () => {
    const { codex, sim } = await openProvider(pair);
    const abort = new AbortController();
    const result = streamText({
      model: codex("gpt-6-sol"),
      prompt: script({ reasoning: false, text: "One two three", deltas: 8, fault: { stall: 9 } }),
      abortSignal: abort.signal,
    });
    const reader = result.textStream[Symbol.asyncIterator]();
    expect((await reader.next()).value).not.toBe("");
    expect(sim.activeResponses).toBe(1);
    abort.abort();
    await sim.idle();
  });

  it("fills in a schema, as a whole and growing", async () => {
    const { codex, bodies } = await openProvider(pair);
    const schema = z.object({ city: z.string(), degrees: z.number(), tags: z.array(z.string()) });
    const weather = { city: "Oslo", degrees: -3.5, tags: ["snow", "wind"] };
    const prompt = script({ json: weather, deltas: 6 });
    const model = codex("gpt-6-sol");

    const whole = await generateText({ model, prompt, output: Output.object({ schema }) });
    expect(whole.output).toEqual(weather);
    expect((await generateObject({ model, prompt, schema })).object).toEqual(weather);

    const growing = streamObject({ model, prompt, schema });
    const partials: unknown[] = [];
    for await (const partial of growing.partialObjectStream) partials.push(partial);
    expect(partials.length).toBeGreaterThan(1);
    expect(await growing.object).toEqual(weather);

    const streamed = streamText({ model, prompt, output: Output.object({ schema }) });
    expect(await streamed.output).toEqual(weather);
    for (const { text } of bodies() as { text: { format: object } }[]) {
      expect(text.format).toMatchObject({
        type: "json_schema",
        strict: true,
        schema: { required: Object.keys(weather) },
      });
    }
  });

  it("sends images and files as data", async () => {
    const { codex, bodies } = await openProvider(pair);
    const png = Buffer.from(
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
      "base64",
    );
    await generateText({
      model: codex("gpt-6-sol"),
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "What is this?" },
            { type: "image", image: png },
            { type: "file", data: Buffer.from("%PDF-1.4 made up"), mediaType: "application/pdf", filename: "a.pdf" },
          ],
        },
      ],
    });
    expect(bodies()[0]?.input).toMatchObject([
      {
        role: "user",
        content: [
          { type: "input_text", text: "What is this?" },
          { type: "input_image", image_url: `data:image/png;base64,${png.toString("base64")}` },
          { type: "input_file", filename: "a.pdf", file_data: /^data:application\/pdf;base64,/ },
        ].map((part) => ("file_data" in part ? { ...part, file_data: expect.stringMatching(part.file_data) } : part)),
      },
    ]);
  });

  it("carries encrypted reasoning through a conversation, and refers to nothing by its id", async () => {
    const { codex, inputOf } = await openProvider(pair);
    const model = codex("gpt-6-sol");
    type Messages = NonNullable<Parameters<typeof generateText>[0]["messages"]>;
    const messages: Messages = [{ role: "user", content: script({ text: "A fish.", reasoning: "Animals." }) }];
    messages.push(...(await generateText({ model, messages })).response.messages);
    messages.push({ role: "user", content: script({ text: "A perch.", reasoning: ["Fish.", "Which?"] }) });
    messages.push(...(await (await streamText({ model, messages })).response).messages);
    messages.push({ role: "user", content: script({ text: "In lakes." }) });
    expect((await generateText({ model, messages })).text).toBe("In lakes.");

    const input = inputOf(2);
    expect(input.map((item) => item.type)).toEqual([
      "message",
      "reasoning",
      "message",
      "message",
      "reasoning",
      "message",
      "message",
    ]);
    expect(input.filter((item) => "id" in item)).toEqual([]);
    for (const item of input.filter(({ type }) => type === "reasoning")) {
      expect(item.encrypted_content).toMatch(/./);
    }
    expect(input[4]?.summary).toEqual([
      { type: "summary_text", text: "Fish." },
      { type: "summary_text", text: "Which?" },
    ]);
  });

  it("does the same for a model that the SDK has never heard of", async () => {
    const { codex, sim, bodies, inputOf } = await openProvider(pair, { aliases: { nova: "gpt-6-sol-high" } });
    const model = codex("nova");
    const first = await generateText({ model, prompt: script({ text: "Yes.", reasoning: "Hm." }) });
    expect(first.reasoningText).toBe("Hm.");
    expect(first.warnings).toEqual([]);
    await generateText({
      model,
      messages: [{ role: "user", content: "Hi" }, ...first.response.messages, { role: "user", content: "Go on" }],
    });
    expect(sim.requests.at(-1)?.status).toBe(200);
    expect(bodies()[1]).toMatchObject({ model: "gpt-6-sol", reasoning: { effort: "high" } });
    expect(inputOf(1).map(({ type }) => type)).toContain("reasoning");
  });
});
