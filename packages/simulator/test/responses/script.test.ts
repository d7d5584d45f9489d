import type { Script } from "@codex/simulator";
import { describe, expect, test } from "vitest";
import { findScript } from "../../src/responses/script.js";
import { type Client, outputOf, start, textOf, types, user } from "../client.js";

const say = (client: Client, script: Script, fields: Record<string, unknown> = {}) =>
  client.say(`Anything. SIM${JSON.stringify(script)} And more.`, fields);

describe("the marker", () => {
  test.each([
    ['before SIM{"text":"a } b \\" {"} after', { text: 'a } b " {' }],
    ['SIM{"next":{"text":"x"}}', { next: { text: "x" } }],
    ["SIM{}", {}],
    ["no marker, SIM alone, {braces}", undefined],
  ])("is read from %j", (text, script) => {
    expect(findScript(text).script).toEqual(script);
  });

  test("that cannot be read is said in the answer", async () => {
    const client = await start();
    expect(textOf(await client.say('SIM{"text":'))).toContain("does not end");
    expect(textOf(await client.say('SIM{"text" "x"}'))).toContain("is not JSON");
  });
});

describe("a script", () => {
  test("says text, in as many pieces as asked for", async () => {
    const client = await start();
    const events = await say(client, { text: "äöü 😀😀😀😀 end", deltas: 5 });
    expect(textOf(events)).toBe("äöü 😀😀😀😀 end");
    expect(types(events).filter((type) => type === "response.output_text.delta")).toHaveLength(5);
  });

  test("says nothing at all", async () => {
    const client = await start();
    const events = await say(client, { text: "" });
    expect(textOf(events)).toBe("");
    expect(outputOf(events)[0]).toMatchObject({ type: "message", content: [{ text: "" }] });
  });

  test("combines reasoning, commentary, several messages and several calls", async () => {
    const client = await start();
    const events = await say(client, {
      reasoning: ["one", "two"],
      commentary: "Looking.",
      text: ["First.", "Second."],
      tools: [
        { name: "a", arguments: { x: 1 } },
        { name: "b", input: "free" },
        { name: "c", arguments: "{not json" },
      ],
    });
    const output = outputOf(events);
    expect(output.map((item) => item.type)).toEqual([
      "reasoning",
      "message",
      "message",
      "message",
      "function_call",
      "custom_tool_call",
      "function_call",
    ]);
    expect(output[0]?.summary).toEqual([
      { type: "summary_text", text: "one" },
      { type: "summary_text", text: "two" },
    ]);
    expect(output.slice(1, 4).map((item) => item.phase)).toEqual(["commentary", "final_answer", "final_answer"]);
    expect(output[4]).toMatchObject({ name: "a", arguments: '{"x":1}' });
    expect(output[5]).toMatchObject({ name: "b", input: "free" });
    expect(output[6]).toMatchObject({ name: "c", arguments: "{not json" });
    expect(new Set(output.slice(4).map((item) => item.call_id)).size).toBe(3);
    const indexes = events.filter((event) => event.type === "response.output_item.added").map((e) => e.output_index);
    expect(indexes).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  test("refuses, searches, draws, sends JSON and leaves the phase out", async () => {
    const client = await start();
    const refused = await say(client, { refusal: "I will not." });
    expect(outputOf(refused)[0]).toMatchObject({ content: [{ type: "refusal", refusal: "I will not." }] });
    expect(types(refused)).toContain("response.refusal.delta");
    const search = await say(client, {
      search: { query: "q", results: [{ url: "https://a.example", title: "A" }] },
      text: "See A.",
    });
    expect(outputOf(search).map((item) => item.type)).toEqual(["web_search_call", "message"]);
    expect(JSON.stringify(outputOf(search)[1])).toContain('"type":"url_citation"');
    expect(outputOf(await say(client, { image: "a dog" }))[0]).toMatchObject({ revised_prompt: "a dog" });
    expect(textOf(await say(client, { json: { a: [1] } }))).toBe('{"a":[1]}');
    expect(outputOf(await say(client, { text: "x", phase: null }))[0]).not.toHaveProperty("phase");
  });

  test("leaves reasoning out although it is asked for", async () => {
    const client = await start();
    const output = outputOf(await say(client, { reasoning: false, text: "x" }, { reasoning: { effort: "low" } }));
    expect(output.map((item) => item.type)).toEqual(["message"]);
  });

  test("sets usage, output and the served model", async () => {
    const client = await start();
    const usage = { input_tokens: 100, cached_tokens: 50, output_tokens: 20, reasoning_tokens: 5 };
    const events = await say(client, { text: "x", usage, completedOutput: "full", servedModel: "gpt-other" });
    expect(events.at(-1)?.response).toMatchObject({
      model: "gpt-other",
      output: [{ type: "message" }],
      usage: {
        input_tokens: 100,
        input_tokens_details: { cached_tokens: 50 },
        output_tokens: 20,
        output_tokens_details: { reasoning_tokens: 5 },
        total_tokens: 120,
      },
    });
  });

  test("makes filler of so many words", async () => {
    const client = await start();
    expect(textOf(await say(client, { words: 200 })).split(" ")).toHaveLength(200);
  });

  test("goes on after each round of tool outputs, and then by itself", async () => {
    const client = await start();
    const call = (id: string) => ({ type: "function_call", call_id: id, name: "t", arguments: "{}" });
    const output = (id: string) => ({ type: "function_call_output", call_id: id, output: `out ${id}` });
    const script = { tools: [{ name: "t" }], next: { tools: [{ name: "t" }], next: { text: "done" } } };
    const prompt = user(`SIM${JSON.stringify(script)}`);
    const first = await client.events({ input: [prompt, call("1"), call("2"), output("1"), output("2")] });
    expect(outputOf(first)[0]).toMatchObject({ type: "function_call", name: "t" });
    const round = [prompt, call("1"), output("1"), call("2"), output("2")];
    expect(textOf(await client.events({ input: round }))).toBe("done");
    const after = await client.events({ input: [...round, call("3"), output("3")] });
    expect(textOf(after)).toContain("out 3");
  });

  test("sends any events that it is given", async () => {
    const client = await start();
    const script: Script = {
      events: [
        { type: "response.created" },
        { type: "response.output_text.delta", delta: "raw", output_index: 0, content_index: 0, item_id: "m" },
        { type: "made.up", value: 1 },
        { type: "response.completed", response: { output: [{ type: "made_up_item" }] } },
      ],
    };
    const events = await say(client, script);
    expect(types(events)).toEqual(["response.created", "response.output_text.delta", "made.up", "response.completed"]);
    expect(events[0]?.response).toMatchObject({ status: "in_progress", model: "gpt-5.5" });
    expect(events[3]?.response).toMatchObject({ status: "completed", output: [{ type: "made_up_item" }] });
    const raw = await client.post({ input: [user(`SIM${JSON.stringify({ events: [": hello\n\n", "data: x"] })}`)] });
    expect(await raw.text()).toBe(": hello\n\ndata: x");
  });

  test("waits between events", async () => {
    const client = await start();
    const before = performance.now();
    await say(client, { text: "a b c", delayMs: 5 });
    expect(performance.now() - before).toBeGreaterThan(50);
  });

  test("fails so many times, then succeeds", async () => {
    const client = await start();
    const fields = { input: [user('SIM{"text":"ok","fault":"overloaded","faultTimes":2}')] };
    const statuses = [];
    for (let i = 0; i < 3; i++) {
      const reply = await client.post(fields);
      statuses.push(reply.status);
      await reply.text();
    }
    expect(statuses).toEqual([503, 503, 200]);
  });

  test("counts failures by the last user message, whatever else is sent along", async () => {
    const client = await start({ questions: { encryptedContent: "accept" } });
    const asked = user('SIM{"text":"ok","fault":{"cut":6},"faultTimes":2}');
    const left = { type: "reasoning", summary: [], encrypted_content: "gAAAAAB-left" };
    const outcomes: boolean[] = [];
    for (const input of [[asked], [asked, left], [asked, left, left]]) {
      const text = await (await client.post({ input, prompt_cache_key: `try ${outcomes.length}` }))
        .text()
        .catch(() => "");
      outcomes.push(text.includes("response.completed"));
    }
    expect(outcomes).toEqual([false, false, true]);
    expect((await client.post({ input: [user('SIM{"text":"ok","fault":"overloaded","faultTimes":2}')] })).status).toBe(
      503,
    );
  });

  test("counts each round of tool outputs on its own", async () => {
    const client = await start();
    const fault = { fault: "overloaded", faultTimes: 1 };
    const marker = { ...fault, tools: [{ name: "look", arguments: {} }], next: { ...fault, text: "Seen." } };
    const asked = user(`SIM${JSON.stringify(marker)}`);
    const statusOf = async (input: unknown[]) => {
      const reply = await client.post({ input });
      await reply.text();
      return reply.status;
    };
    const call = { type: "function_call", call_id: "call_1", name: "look", arguments: "{}" };
    const answered = [asked, call, { type: "function_call_output", call_id: "call_1", output: "42" }];
    expect([await statusOf([asked]), await statusOf([asked])]).toEqual([503, 200]);
    expect([await statusOf(answered), await statusOf(answered)]).toEqual([503, 200]);
  });
});

describe("scripts for prompts without a marker", () => {
  test("are asked for anew after each round of tool outputs; a marker, or none, leaves it as it was", async () => {
    const client = await start({
      script: ({ prompt, toolOutputs }) => {
        if (prompt !== "Look.") return undefined;
        return toolOutputs.length === 0
          ? { tools: [{ name: "look", arguments: { id: 1 } }] }
          : { text: `${toolOutputs[0]?.name} saw ${toolOutputs[0]?.output}` };
      },
    });
    const first = outputOf(await client.say("Look."));
    expect(first).toMatchObject([{ type: "function_call", name: "look", arguments: '{"id":1}' }]);
    const { call_id, name, arguments: text } = first[0] as Record<string, unknown>;
    const input = [
      user("Look."),
      { type: "function_call", call_id, name, arguments: text },
      { type: "function_call_output", call_id, output: "a boat" },
    ];
    expect(textOf(await client.events({ input }))).toBe("look saw a boat");
    expect(textOf(await say(client, { text: "the marker's" }))).toBe("the marker's");
    expect(textOf(await client.say("Anything else."))).toContain("You said: Anything else.");
  });
});
