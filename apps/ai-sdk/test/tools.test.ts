import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openProvider, script } from "./open-provider.js";
import { pairs } from "./pairs.js";

describe.each(pairs)("tools, $name", (pair) => {
  const { generateText, streamText, stepCountIs, tool } = pair.ai;

  function makeTools() {
    const calls: string[] = [];
    const weather = tool({
      description: "The weather in a city.",
      inputSchema: z.object({ city: z.string() }),
      execute: async ({ city }) => {
        calls.push(city);
        return { city, degrees: city.length };
      },
    });
    const add = tool({
      description: "Adds numbers.",
      inputSchema: z.object({ numbers: z.array(z.number()) }),
      execute: async ({ numbers }) => {
        calls.push(numbers.join("+"));
        return numbers.reduce((sum, number) => sum + number, 0);
      },
    });
    return { calls, tools: { weather, add } };
  }

  const threeRounds = script({
    reasoning: "First Oslo.",
    tools: [{ name: "weather", arguments: { city: "Oslo" } }],
    next: {
      reasoning: "Then Rome.",
      tools: [{ name: "weather", arguments: { city: "Rome" } }],
      next: {
        reasoning: "Now the sum.",
        tools: [{ name: "add", arguments: { numbers: [4, 4] } }],
        next: { text: "Eight together." },
      },
    },
  });

  it("goes round three times, as a whole and streamed", async () => {
    const { codex, inputOf } = await openProvider(pair);
    const model = codex("gpt-6-sol");
    const whole = makeTools();
    const result = await generateText({ model, prompt: threeRounds, tools: whole.tools, stopWhen: stepCountIs(6) });
    expect(result.text).toBe("Eight together.");
    expect(result.steps.map((step) => step.finishReason)).toEqual(["tool-calls", "tool-calls", "tool-calls", "stop"]);
    expect(whole.calls).toEqual(["Oslo", "Rome", "4+4"]);

    const input = inputOf(3);
    expect(input.map(({ type }) => type)).toEqual([
      "message",
      ...Array.from({ length: 3 }, () => ["reasoning", "function_call", "function_call_output"]).flat(),
    ]);
    expect(input.filter((item) => "id" in item)).toEqual([]);
    expect(input.at(-1)).toMatchObject({ output: "8" });

    const streamed = makeTools();
    const stream = streamText({ model, prompt: threeRounds, tools: streamed.tools, stopWhen: stepCountIs(6) });
    await stream.consumeStream();
    expect(await stream.text).toBe("Eight together.");
    expect(streamed.calls).toEqual(["Oslo", "Rome", "4+4"]);
    expect(inputOf(7)).toEqual(input);
  });

  it("runs calls in parallel, and answers each", async () => {
    const { codex, bodies, inputOf } = await openProvider(pair);
    const { tools, calls } = makeTools();
    const prompt = script({
      tools: ["Oslo", "Rome", "Bonn"].map((city) => ({ name: "weather", arguments: { city } })),
      next: { text: "Three cities." },
    });
    const stream = streamText({ model: codex("gpt-6-sol"), prompt, tools, stopWhen: stepCountIs(3) });
    const inputs: string[] = [];
    for await (const part of stream.fullStream) if (part.type === "tool-input-delta") inputs.push(part.delta);
    expect(await stream.text).toBe("Three cities.");
    expect(calls.sort()).toEqual(["Bonn", "Oslo", "Rome"]);
    expect(inputs.join("")).toBe('{"city":"Oslo"}{"city":"Rome"}{"city":"Bonn"}');
    expect(bodies()[0]).toMatchObject({ parallel_tool_calls: true, tools: [{ name: "weather" }, { name: "add" }] });
    const outputs = inputOf(1).filter(({ type }) => type === "function_call_output");
    expect(outputs.map(({ output }) => JSON.parse(output as string).city)).toEqual(["Oslo", "Rome", "Bonn"]);
  });

  it("makes the model call a tool by choice", async () => {
    const { codex, bodies } = await openProvider(pair);
    const { tools } = makeTools();
    const toolChoice = { type: "tool", toolName: "add" } as const;
    const { toolCalls } = await generateText({ model: codex("gpt-6-sol"), prompt: "Go.", tools, toolChoice });
    expect(toolCalls).toMatchObject([{ toolName: "add", input: { numbers: expect.any(Array) } }]);
    expect(bodies()[0]?.tool_choice).toEqual({ type: "function", name: "add" });
  });

  it("tells a model that a tool has failed", async () => {
    const { codex, inputOf } = await openProvider(pair);
    const tools = {
      weather: tool({
        description: "The weather.",
        inputSchema: z.object({ city: z.string() }),
        execute: async (): Promise<string> => {
          throw new Error("No such city.");
        },
      }),
    };
    const prompt = script({ tools: [{ name: "weather", arguments: { city: "X" } }], next: { text: "Sorry." } });
    const result = await generateText({ model: codex("gpt-6-sol"), prompt, tools, stopWhen: stepCountIs(3) });
    expect(result.text).toBe("Sorry.");
    const output = inputOf(1).find(({ type }) => type === "function_call_output")?.output;
    expect(output).toContain("No such city.");
  });

  it("searches the web with the backend's own tool, and names its sources", async () => {
    const { codex, bodies } = await openProvider(pair);
    const prompt = script({
      search: { query: "perch", results: [{ url: "https://example.com/perch", title: "Perch" }] },
      text: "A fish.",
    });
    // Two copies of the SDK's own types do not agree with each other here.
    const tools = { web_search: codex.tools.webSearch({}) } as unknown as import("ai").ToolSet;
    const result = await generateText({ model: codex("gpt-6-sol"), prompt, tools });
    expect(bodies()[0]?.tools).toMatchObject([{ type: "web_search" }]);
    expect(result.sources).toMatchObject([{ sourceType: "url", url: "https://example.com/perch" }]);
    const stream = streamText({ model: codex("gpt-6-sol"), prompt, tools });
    expect(await stream.sources).toMatchObject([{ url: "https://example.com/perch" }]);
    // The search goes with the conversation, as every client with `store: false` sends it.
    const messages = [
      { role: "user" as const, content: "Hi" },
      ...result.response.messages,
      { role: "user" as const, content: "And?" },
    ];
    const next = await generateText({ model: codex("gpt-6-sol"), messages, tools });
    expect(next.finishReason).toBe("stop");
  });
});
