import { type Profile, profiles } from "@codex/simulator";
import type OpenAI6 from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sdks } from "./sdks.js";
import { type House, startHouse } from "./start-house.js";

const model = "gpt-6-sol";

/** Sends an answer's items back as input, as people do; the SDK's types of the two do not quite agree. */
function replay({ output }: OpenAI6.Responses.Response): OpenAI6.Responses.ResponseInputItem[] {
  return output as OpenAI6.Responses.ResponseInputItem[];
}

describe.each(sdks)("openai %s", (_version, OpenAI) => {
  describe.each(Object.keys(profiles) as Profile[])("on the profile %s", (profile) => {
    let house: House;
    let client: OpenAI6;
    beforeAll(async () => {
      house = await startHouse({ profile });
      client = new OpenAI({ baseURL: `${house.proxy.url}/v1`, apiKey: "sk-made-up", maxRetries: 0 });
    });
    afterAll(() => house.close());

    const weather = {
      name: "get_weather",
      description: "The weather of a city.",
      parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
    };
    const callsWeather = `Weather in Rome? SIM${JSON.stringify({
      tools: [{ name: "get_weather", arguments: { city: "Rome" } }],
    })}`;

    it("lists and retrieves models", async () => {
      const ids: string[] = [];
      for await (const { id, object } of client.models.list()) {
        expect(object).toBe("model");
        ids.push(id);
      }
      expect(ids).toContain(model);
      expect(await client.models.retrieve(model)).toMatchObject({ id: model, object: "model" });
      expect(await client.models.retrieve("codex/gpt-6-sol-high")).toMatchObject({ id: "codex/gpt-6-sol-high" });
      await expect(client.models.retrieve("none-such")).rejects.toMatchObject({ status: 404, code: "model_not_found" });
    });

    it("chats", async () => {
      const answer = await client.chat.completions.create({
        model,
        messages: [
          { role: "system", content: "Be brief." },
          { role: "user", content: "Say hello to Ada." },
        ],
        temperature: 0.2,
        max_completion_tokens: 1000,
      });
      expect(answer).toMatchObject({ object: "chat.completion", model });
      expect(answer.choices[0]).toMatchObject({ finish_reason: "stop", message: { role: "assistant" } });
      expect(answer.choices[0]?.message.content).toContain("Say hello to Ada.");
      expect(answer.usage?.total_tokens).toBeGreaterThan(0);
      expect(answer.usage?.prompt_tokens_details?.cached_tokens).toEqual(expect.any(Number));
      expect(answer.usage?.completion_tokens_details?.reasoning_tokens).toEqual(expect.any(Number));
    });

    it("chats in a stream, with a usage chunk only when asked for", async () => {
      for (const include_usage of [true, false]) {
        const stream = await client.chat.completions.create({
          model,
          messages: [{ role: "user", content: `Count. SIM${JSON.stringify({ text: "one two three" })}` }],
          stream: true,
          stream_options: { include_usage },
        });
        const ids = new Set<string>();
        const roles: unknown[] = [];
        let text = "";
        let finish: string | null = null;
        const usages: unknown[] = [];
        for await (const chunk of stream) {
          ids.add(chunk.id);
          expect(chunk.object).toBe("chat.completion.chunk");
          if (chunk.usage) usages.push([chunk.choices.length, chunk.usage.total_tokens > 0]);
          const choice = chunk.choices[0];
          if (choice?.delta.role !== undefined) roles.push(choice.delta.role);
          text += choice?.delta.content ?? "";
          finish = choice?.finish_reason ?? finish;
        }
        expect([ids.size, roles, text, finish]).toEqual([1, ["assistant"], "one two three", "stop"]);
        expect(usages).toEqual(include_usage ? [[0, true]] : []);
      }
    });

    it("goes round with a tool, plain and streamed", async () => {
      const tools = [{ type: "function" as const, function: weather }];
      const asked = { role: "user" as const, content: callsWeather };
      const first = await client.chat.completions.create({ model, messages: [asked], tools });
      const message = first.choices[0]?.message;
      const call = message?.tool_calls?.[0];
      expect(first.choices[0]?.finish_reason).toBe("tool_calls");
      expect(call).toMatchObject({ type: "function", function: { name: "get_weather" } });
      if (message === undefined || call?.type !== "function") throw new Error("no tool was called");
      expect(JSON.parse(call.function.arguments)).toEqual({ city: "Rome" });

      const streamed = await client.chat.completions.stream({ model, messages: [asked], tools }).finalChatCompletion();
      expect(streamed.choices[0]?.finish_reason).toBe("tool_calls");
      expect(streamed.choices[0]?.message.tool_calls?.[0]).toMatchObject({ function: call.function });

      const second = await client.chat.completions.create({
        model,
        messages: [asked, message, { role: "tool", tool_call_id: call.id, content: "22 degrees and sunny" }],
        tools,
      });
      expect(second.choices[0]).toMatchObject({ finish_reason: "stop" });
      expect(second.choices[0]?.message.content).toContain("22 degrees and sunny");
    });

    it("reads an answer as JSON of a schema", async () => {
      const content = `SIM${JSON.stringify({ json: { name: "Ada" } })}`;
      const answer = await client.chat.completions.create({
        model,
        messages: [{ role: "user", content }],
        response_format: {
          type: "json_schema",
          json_schema: {
            name: "person",
            strict: true,
            schema: {
              type: "object",
              properties: { name: { type: "string" } },
              required: ["name"],
              additionalProperties: false,
            },
          },
        },
      });
      expect(JSON.parse(answer.choices[0]?.message.content ?? "")).toEqual({ name: "Ada" });
    });

    it("answers on responses, and takes its own output back", async () => {
      const first = await client.responses.create({ model, input: "My name is Ada.", instructions: "Be brief." });
      expect(first).toMatchObject({ object: "response", status: "completed", model, error: null });
      expect(first.output_text).toContain("My name is Ada.");
      expect(first.usage?.total_tokens).toBeGreaterThan(0);
      const second = await client.responses.create({
        model,
        input: [{ role: "user", content: "My name is Ada." }, ...replay(first), { role: "user", content: "And mine?" }],
      });
      expect(second.output_text).toContain("And mine?");
    });

    it("answers on responses in a stream", async () => {
      const stream = await client.responses.create({
        model,
        input: `SIM${JSON.stringify({ text: "one two three", reasoning: "thinking about it" })}`,
        reasoning: { effort: "high", summary: "auto" },
        stream: true,
      });
      let text = "";
      const numbers: number[] = [];
      const types: string[] = [];
      for await (const event of stream) {
        types.push(event.type);
        if ("sequence_number" in event) numbers.push(event.sequence_number);
        if (event.type === "response.output_text.delta") text += event.delta;
        if (event.type === "response.completed") {
          expect(event.response.output.map(({ type }) => type)).toEqual(["reasoning", "message"]);
        }
      }
      expect(text).toBe("one two three");
      expect([types[0], types.at(-1)]).toEqual(["response.created", "response.completed"]);
      expect(numbers).toEqual(numbers.map((_, index) => index));
    });

    it("goes round with a tool on responses", async () => {
      const tools = [{ type: "function" as const, strict: false, ...weather }];
      const input = [{ role: "user" as const, content: callsWeather }];
      const first = await client.responses.create({ model, input, tools });
      const call = first.output.find((item) => item.type === "function_call");
      if (call?.type !== "function_call") throw new Error("no tool was called");
      expect(JSON.parse(call.arguments)).toEqual({ city: "Rome" });
      const output = { type: "function_call_output" as const, call_id: call.call_id, output: "22 degrees" };
      const second = await client.responses.create({ model, input: [...input, ...replay(first), output], tools });
      expect(second.output_text).toContain("22 degrees");
    });

    it("hears of an unknown model, plain and streamed, on both routes", async () => {
      const messages = [{ role: "user" as const, content: "x" }];
      const unknown = { status: 404, code: "model_not_found", param: "model" };
      for (const stream of [false, true]) {
        const chat = client.chat.completions.create({ model: "gpt-none", messages, stream });
        await expect(chat).rejects.toMatchObject(unknown);
        await expect(chat).rejects.toBeInstanceOf(OpenAI.NotFoundError);
        await expect(client.responses.create({ model: "gpt-none", input: "x", stream })).rejects.toMatchObject(unknown);
      }
    });

    it("hears of a failure in the midst of a stream", async () => {
      const prompt = `SIM${JSON.stringify({ text: "one two three four", reasoning: false, fault: { cut: 6 } })}`;
      const stream = await client.chat.completions.create({
        model,
        messages: [{ role: "user", content: prompt }],
        stream: true,
      });
      const read = async () => {
        for await (const _chunk of stream);
      };
      await expect(read()).rejects.toMatchObject({ code: "stream_interrupted" });
    });

    it("aborts, and the backend's request is gone with it", async () => {
      const { simulator } = house;
      const prompt = `SIM${JSON.stringify({ words: 1000, delayMs: 5 })}`;
      const stream = await client.chat.completions.create({
        model,
        messages: [{ role: "user", content: prompt }],
        stream: true,
      });
      const gone = simulator.waitFor("disconnect");
      let chunks = 0;
      for await (const _chunk of stream) if (++chunks === 5) stream.controller.abort();
      expect(chunks).toBeLessThan(1000);
      await gone;
      await simulator.idle();
      expect(simulator.activeResponses).toBe(0);

      const answer = await client.chat.completions.create({ model, messages: [{ role: "user", content: "next" }] });
      expect(answer.choices[0]?.message.content).toContain("next");
    });
  });
});
