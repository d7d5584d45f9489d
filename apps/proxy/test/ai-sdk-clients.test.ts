import type { ModelMessage, ToolSet } from "ai-6";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { aiCompletions, aiSdks, type Endpoint } from "./sdks.js";
import { type House, startHouse } from "./start-house.js";

/** The AI SDK as people have it, against the real proxy and a strict backend. */
let house: House;
let endpoint: Endpoint;
beforeAll(async () => {
  // It says of settings that a provider does not send for a reasoning model; that is not ours to test.
  Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false });
  house = await startHouse();
  endpoint = { baseURL: `${house.proxy.url}/v1`, apiKey: "sk-made-up" };
});
afterAll(() => house.close());

const id = "gpt-6-sol";
const script = (answer: object) => `SIM${JSON.stringify(answer)}`;
const pixel = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
);

/** The last body that the backend was sent. */
function lastSent(): Record<string, unknown> & { input: Record<string, unknown>[] } {
  return house.simulator.requests.findLast(({ path }) => path.endsWith("/responses"))?.body as never;
}

/** What a client keeps of an answer of several steps: version 7 has a field of its own for it. */
function messagesOf(result: { response: { messages: ModelMessage[] } }): ModelMessage[] {
  return (result as { responseMessages?: ModelMessage[] }).responseMessages ?? result.response.messages;
}

describe.each(aiSdks)("%s", (name, { ai, model: modelOf, route }) => {
  const { generateText, streamText, tool, stepCountIs, Output } = ai;
  let model: ReturnType<typeof modelOf>;
  beforeAll(() => {
    model = modelOf(endpoint, id);
  });
  const retries = { maxRetries: 0 };

  it("generates text with a system prompt, settings and usage", async () => {
    const { text, finishReason, usage, response } = await generateText({
      ...retries,
      model,
      system: "Be brief.",
      prompt: "Say hello to Ada.",
      temperature: 0.3,
      maxOutputTokens: 1000,
      seed: 1,
    });
    expect(text).toContain("Say hello to Ada.");
    expect(finishReason).toBe("stop");
    expect(usage.totalTokens).toBeGreaterThan(0);
    expect(usage.inputTokenDetails.cacheReadTokens).toEqual(expect.any(Number));
    expect(usage.outputTokenDetails.reasoningTokens).toEqual(expect.any(Number));
    expect(response.modelId).toBe(id);
    expect(lastSent().instructions).toBe("Be brief.");
  });

  it("streams text, its usage and its end", async () => {
    const streamed = streamText({ ...retries, model, prompt: script({ text: "one two three" }) });
    const pieces: string[] = [];
    for await (const piece of streamed.textStream) pieces.push(piece);
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces.join("")).toBe("one two three");
    expect(await streamed.finishReason).toBe("stop");
    expect((await streamed.usage).totalTokens).toBeGreaterThan(0);
  });

  it("shows the reasoning", async () => {
    const prompt = script({ reasoning: "Thinking of four.", text: "4" });
    const providerOptions = {
      openai: { reasoningEffort: "high", reasoningSummary: "auto" },
      codex: { reasoningEffort: "high" },
    };
    const { text, reasoningText } = await generateText({ ...retries, model, prompt, providerOptions });
    expect(text).toBe("4");
    // The provider's own chat model has no field for reasoning.
    if (route === "responses" || name.includes("compatible")) expect(reasoningText).toBe("Thinking of four.");
    expect(lastSent().reasoning).toMatchObject({ effort: "high" });
  });

  it.each(["plain", "streamed"])("goes round with tools, %s", async (way) => {
    const asked: string[] = [];
    const get_weather = tool({
      description: "The weather of a city.",
      inputSchema: z.object({ city: z.string() }),
      execute: async ({ city }) => {
        asked.push(city);
        return `22 degrees in ${city}`;
      },
    });
    const calls = ["Rome", "Oslo"].map((city) => ({ name: "get_weather", arguments: { city } }));
    const request = {
      ...retries,
      model,
      tools: { get_weather },
      prompt: `Weather? ${script({ reasoning: "Look.", tools: calls })}`,
      stopWhen: stepCountIs(3),
    };
    const result = way === "plain" ? await generateText(request) : streamText(request);
    const text = await result.text;
    const steps = await result.steps;
    expect(asked.sort()).toEqual(["Oslo", "Rome"]);
    expect(steps.map(({ finishReason }) => finishReason)).toEqual(["tool-calls", "stop"]);
    expect(steps[0]?.toolCalls.map(({ input }) => input)).toEqual([{ city: "Rome" }, { city: "Oslo" }]);
    expect(text).toContain("22 degrees in Rome");
    expect(lastSent().input.map(({ type }) => type)).toEqual(
      expect.arrayContaining(["function_call", "function_call_output"]),
    );
  });

  it("forces a tool by name", async () => {
    const tools: ToolSet = { look: tool({ inputSchema: z.object({ what: z.string() }) }) };
    const toolChoice = { type: "tool" as const, toolName: "look" };
    const { toolCalls } = await generateText({ ...retries, model, tools, toolChoice, prompt: "Go." });
    expect(toolCalls).toMatchObject([{ toolName: "look" }]);
    expect(lastSent().tool_choice).toEqual({ type: "function", name: "look" });
  });

  it.each(["plain", "streamed"])("makes an object of a schema, %s", async (way) => {
    const output = Output.object({ schema: z.object({ name: z.string() }) });
    const request = { ...retries, model, output, prompt: script({ json: { name: "Ada" } }) };
    const result = way === "plain" ? await generateText(request) : streamText(request);
    if ("textStream" in result) for await (const _piece of result.textStream);
    expect(await result.output).toEqual({ name: "Ada" });
    expect(lastSent().text).toMatchObject({ format: { type: "json_schema" } });
  });

  it("sends an image and a file", async () => {
    const content = [
      { type: "text" as const, text: "What is it?" },
      { type: "image" as const, image: new Uint8Array(pixel) },
      {
        type: "file" as const,
        data: new Uint8Array(Buffer.from("%PDF-1.4\n")),
        mediaType: "application/pdf",
        filename: "a.pdf",
      },
    ];
    const { text } = await generateText({ ...retries, model, messages: [{ role: "user", content }] });
    expect(text).toContain("one image");
    expect(lastSent().input.at(-1)).toMatchObject({
      content: [
        { type: "input_text" },
        { type: "input_image", image_url: expect.stringMatching(/^data:image\/png;base64,iVBOR/) },
        {
          type: "input_file",
          filename: "a.pdf",
          file_data: expect.stringMatching(/^data:application\/pdf;base64,JVBER/),
        },
      ],
    });
  });

  it("takes a conversation up again, with what was said and called", async () => {
    const look = tool({ inputSchema: z.object({}), execute: async () => "seen" });
    const first = await generateText({
      ...retries,
      model,
      tools: { look },
      stopWhen: stepCountIs(2),
      prompt: script({ reasoning: "Hm.", tools: [{ name: "look", arguments: {} }] }),
    });
    const messages = [
      { role: "user" as const, content: "Look." },
      ...messagesOf(first),
      { role: "user" as const, content: "And now?" },
    ];
    const second = await generateText({ ...retries, model, tools: { look }, messages });
    expect(second.text).toContain("And now?");
    expect(lastSent().input.filter(({ type }) => type === "function_call")).toHaveLength(1);
  });

  it("hears of an unknown model", async () => {
    const unknown = modelOf(endpoint, "no-such-model");
    const error = await generateText({ ...retries, model: unknown, prompt: "x" }).catch((thrown) => thrown);
    expect(ai.APICallError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({ statusCode: 404, isRetryable: false });
    expect(error.message).toContain("no-such-model");
  });

  it("aborts, and the backend's request is gone with it", async () => {
    const controller = new AbortController();
    const gone = house.simulator.waitFor("disconnect");
    const streamed = streamText({
      ...retries,
      model,
      prompt: script({ words: 1000, delayMs: 5 }),
      abortSignal: controller.signal,
      onError: () => {},
    });
    for await (const _piece of streamed.textStream) controller.abort();
    await gone;
    await house.simulator.idle();
  });
});

describe.each(aiCompletions)("%s on completions", (_name, { ai, model: modelOf }) => {
  it("generates and streams text", async () => {
    const model = modelOf(endpoint, id);
    const prompt = script({ text: "one two three" });
    const plain = await ai.generateText({ model, prompt, maxRetries: 0 });
    expect([plain.text, plain.finishReason]).toEqual(["one two three", "stop"]);
    const streamed = ai.streamText({ model, prompt, maxRetries: 0 });
    expect(await streamed.text).toBe("one two three");
    expect((await streamed.usage).totalTokens).toBeGreaterThan(0);
  });
});
