import { describe, expect, test } from "vitest";
import { finalResponse, outputOf, parseEvents, start, textOf, types, user } from "../client.js";

const parameters = {
  type: "object",
  properties: { city: { type: "string" }, days: { type: "integer", minimum: 1, maximum: 7 } },
  required: ["city", "days"],
  additionalProperties: false,
};
const weather = { type: "function", name: "get_weather", strict: true, parameters };
const called = { type: "function_call", call_id: "call_1", name: "get_weather", arguments: "{}" };
const answered = { type: "function_call_output", call_id: "call_1", output: "22 degrees" };

describe("a plain answer", () => {
  test("has the events of the Responses API in their order", async () => {
    const client = await start();
    const events = await client.say("hello there", { model: "gpt-6-sol" });
    expect([...new Set(types(events))]).toEqual([
      "codex.rate_limits",
      "response.created",
      "response.in_progress",
      "response.output_item.added",
      "response.content_part.added",
      "response.output_text.delta",
      "response.output_text.done",
      "response.content_part.done",
      "response.output_item.done",
      "response.completed",
    ]);
    const numbers = events.slice(1).map((event) => event.sequence_number);
    expect(numbers).toEqual(numbers.map((_, i) => i));
    expect(textOf(events)).toBe("This is the simulator, answering for gpt-6-sol. You said: hello there");
    const [message] = outputOf(events);
    expect(message).toMatchObject({
      type: "message",
      role: "assistant",
      status: "completed",
      phase: "final_answer",
      content: [{ type: "output_text", text: textOf(events), annotations: [], logprobs: [] }],
    });
  });

  test("has deltas with padding, of their item", async () => {
    const client = await start();
    const events = await client.say("hello");
    const deltas = events.filter((event) => event.type === "response.output_text.delta");
    const added = events.find((event) => event.type === "response.output_item.added");
    for (const delta of deltas) {
      expect(delta).toMatchObject({
        item_id: (added?.item as { id: string } | undefined)?.id,
        output_index: 0,
        content_index: 0,
        logprobs: [],
      });
      expect(delta.obfuscation).toMatch(/^\w{1,16}$/);
    }
  });

  test("carries a whole Response object, with usage at the end", async () => {
    const client = await start({ now: () => 1_800_000_000_500 });
    const events = await client.say("hello", { prompt_cache_key: "key", instructions: "Be kind." });
    const created = events.find((event) => event.type === "response.created")?.response as Record<string, unknown>;
    const completed = events.at(-1)?.response as Record<string, unknown>;
    expect(created).toMatchObject({
      object: "response",
      created_at: 1_800_000_000,
      status: "in_progress",
      model: "gpt-5.5",
      instructions: "Be kind.",
      prompt_cache_key: "key",
      usage: null,
      tools: [],
      metadata: {},
    });
    expect(completed.id).toBe(created.id);
    expect(Object.keys(completed)).toEqual(Object.keys(created));
    const { usage } = finalResponse(events);
    expect(usage.total_tokens).toBe(usage.input_tokens + usage.output_tokens);
    expect(usage.input_tokens).toBeGreaterThan(0);
  });

  test.each([
    ["strict", 0],
    ["genuine", 1],
  ] as const)("ends on %s with %i items in `output`", async (profile, count) => {
    const client = await start({ profile });
    expect(finalResponse(await client.say("hello")).output).toHaveLength(count);
  });

  test("is the same for the same request, another for another", async () => {
    const client = await start({ now: () => 1_800_000_000_000 });
    const text = async (prompt: string) => (await client.post({ input: [user(prompt)] })).text();
    expect(await text("one")).toBe(await text("one"));
    expect(await text("one")).not.toBe(await text("two"));
  });

  test("counts images, and what was said before as cached", async () => {
    const client = await start();
    const pixel =
      "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    const content = [
      { type: "input_text", text: "look" },
      { type: "input_image", image_url: pixel },
    ];
    expect(textOf(await client.events({ input: [{ role: "user", content }] }))).toContain("I see one image.");
    const long = "x".repeat(4000);
    const input = [user(long), { role: "assistant", content: [{ type: "output_text", text: "ok" }] }, user("next")];
    const { usage } = finalResponse(await client.events({ input }));
    expect(usage.input_tokens_details).toEqual({ cached_tokens: 896 });
  });

  test("has a header for the served model, the request and the turn", async () => {
    const client = await start();
    const reply = await client.post();
    expect(reply.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(reply.headers.get("openai-model")).toBe("gpt-5.5");
    expect(reply.headers.get("x-request-id")).toMatch(/^req_/);
    expect(reply.headers.get("x-codex-turn-state")).toMatch(/^ts_/);
    await reply.text();
  });
});

describe("reasoning", () => {
  test("comes when it is asked for, with its summary and its encrypted form", async () => {
    const client = await start();
    const asked = { reasoning: { effort: "high", summary: "auto" }, include: ["reasoning.encrypted_content"] };
    const events = await client.say("think", asked);
    const [reasoning, message] = outputOf(events);
    expect(reasoning).toMatchObject({ type: "reasoning", summary: [{ type: "summary_text" }] });
    expect(reasoning?.encrypted_content).toMatch(/^gAAAAAB/);
    expect(message?.type).toBe("message");
    const summary = events
      .filter((event) => event.type === "response.reasoning_summary_text.delta")
      .map((event) => event.delta)
      .join("");
    expect(reasoning?.summary).toEqual([{ type: "summary_text", text: summary }]);
    expect(types(events)).toContain("response.reasoning_summary_part.added");
    const { usage } = finalResponse(events);
    expect(usage.output_tokens_details.reasoning_tokens).toBeGreaterThan(0);
  });

  test("without a summary or the include has neither", async () => {
    const client = await start();
    const [reasoning] = outputOf(await client.say("think", { reasoning: { effort: "low" } }));
    expect(reasoning).toEqual({ id: expect.stringMatching(/^rs_/), type: "reasoning", summary: [] });
  });
});

describe("tools", () => {
  test.each([
    ["Please use a tool.", {}],
    ["What is the weather in Rome?", {}],
    ["hi", { tool_choice: "required" }],
    ["hi", { tool_choice: { type: "function", name: "get_weather" } }],
  ])("are called for %j %j, with arguments that satisfy the schema", async (prompt, fields) => {
    const client = await start();
    const events = await client.say(prompt, { tools: [weather], ...fields });
    const [call] = outputOf(events);
    expect(call).toMatchObject({ type: "function_call", name: "get_weather", status: "completed" });
    const city = prompt.includes("Rome") ? "Rome" : "Paris";
    expect(JSON.parse(String(call?.arguments))).toEqual({ city, days: 7 });
    const deltas = events.filter((event) => event.type === "response.function_call_arguments.delta");
    expect(deltas.length).toBeGreaterThan(1);
    expect(deltas.map((event) => event.delta).join("")).toBe(call?.arguments);
  });

  test.each([
    ["hi", {}],
    ["use a tool", { tool_choice: "none" }],
    ["use a tool", { tools: [] }],
  ])("are not called for %j %j", async (prompt, fields) => {
    const client = await start();
    expect(outputOf(await client.say(prompt, { tools: [weather], ...fields }))[0]?.type).toBe("message");
  });

  test("get an answer that holds what they put out", async () => {
    const client = await start();
    const events = await client.events({ tools: [weather], input: [user("use a tool"), called, answered] });
    expect(textOf(events)).toBe("The tool get_weather answered: 22 degrees");
  });

  test("of the kind custom take free text", async () => {
    const client = await start();
    const tools = [{ type: "custom", name: "write_sql", format: { type: "text" } }];
    const events = await client.say("use the tool write_sql", { tools });
    expect(outputOf(events)[0]).toMatchObject({ type: "custom_tool_call", name: "write_sql", input: "sample" });
    expect(types(events)).toContain("response.custom_tool_call_input.delta");
    expect(types(events)).toContain("response.custom_tool_call_input.done");
  });

  test("in a namespace are called with it", async () => {
    const client = await start();
    const tools = [{ type: "namespace", name: "space", tools: [weather] }];
    expect(outputOf(await client.say("use a tool", { tools }))[0]).toMatchObject({
      name: "get_weather",
      namespace: "space",
    });
  });

  test("that are hosted make images and searches", async () => {
    const client = await start();
    const image = await client.say("Draw a cat", { tools: [{ type: "image_generation" }] });
    expect(types(image)).toContain("response.image_generation_call.partial_image");
    const { result } = outputOf(image)[0] as { result: string };
    expect(Buffer.from(result, "base64").subarray(1, 4).toString()).toBe("PNG");
    const search = await client.say("Search for cats", { tools: [{ type: "web_search" }] });
    const [call, message] = outputOf(search);
    expect(call).toMatchObject({ type: "web_search_call", action: { type: "search", query: "Search for cats" } });
    expect(message?.content).toMatchObject([{ annotations: [{ type: "url_citation" }, { type: "url_citation" }] }]);
    expect(types(search)).toContain("response.output_text.annotation.added");
  });
});

describe("structured output", () => {
  test("satisfies the schema", async () => {
    const client = await start();
    const format = { type: "json_schema", name: "trip", strict: true, schema: parameters };
    expect(JSON.parse(textOf(await client.say("plan", { text: { format } })))).toEqual({ city: "Paris", days: 7 });
  });

  test("of the kind json_object is an object", async () => {
    const client = await start();
    const events = await client.say("say it in JSON", { text: { format: { type: "json_object" } } });
    expect(JSON.parse(textOf(events))).toEqual({ answer: "say it in JSON" });
  });
});

describe("an input that is too long", () => {
  test("fails inside the stream, before any output", async () => {
    const client = await start();
    const reply = await client.post({ input: [user("x".repeat(272_000 * 4 + 400))] });
    expect(reply.status).toBe(200);
    const events = parseEvents(await reply.text());
    expect(types(events)).not.toContain("response.output_item.added");
    expect(events.at(-1)).toMatchObject({
      type: "response.failed",
      response: { status: "failed", error: { code: "context_length_exceeded" } },
    });
  });
});

test("compaction is there on genuine, and not on strict", async () => {
  for (const [profile, status] of [
    ["genuine", 200],
    ["strict", 404],
  ] as const) {
    const client = await start({ profile });
    const reply = await fetch(`${client.sim.baseUrl}/responses/compact`, {
      method: "POST",
      headers: client.headers(),
      body: JSON.stringify({ model: "gpt-5.5", input: [user("a"), called, answered] }),
    });
    expect(reply.status).toBe(status);
    if (status === 200) {
      expect(await reply.json()).toMatchObject({ output: [user("a"), { type: "compaction" }] });
    }
  }
});
