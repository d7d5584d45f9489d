import type OpenAI6 from "openai";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { sdks } from "./sdks.js";
import { ask, chatBody, type House, responsesBody, startHouse } from "./start-house.js";

const model = "gpt-6-sol";
const user = (content: string) => [{ role: "user" as const, content }];
const instructed = (content: string) => [{ role: "system" as const, content: "Be brief." }, ...user(content)];
interface Sent {
  model: string;
  reasoning: { effort: string; summary?: string };
  text?: { verbosity?: string };
  service_tier?: string;
  prompt_cache_key: string;
}

let house: House;
beforeAll(async () => {
  house = await startHouse();
  house.simulator.questions.promptCache = "by-key";
});
afterAll(() => house.close());
const lastRequest = () => house.simulator.requests.at(-1) as { body: Sent; headers: Record<string, string> };

describe.each(sdks)("openai %s", (version, OpenAI) => {
  let client: OpenAI6;
  beforeAll(() => {
    client = new OpenAI({ baseURL: `${house.proxy.url}/v1`, apiKey: "sk-made-up", maxRetries: 0 });
  });

  it("finds the second turn of a conversation in the prompt cache", async () => {
    const long = `Version ${version}. ${"Remember this sentence well. ".repeat(200)}`;
    const first = [{ role: "system" as const, content: long }, ...user("What is it?")];
    const one = await client.chat.completions.create({ model, messages: first });
    expect(one.usage?.prompt_tokens_details?.cached_tokens).toBe(0);
    const key = lastRequest().body.prompt_cache_key;
    expect(key).toMatch(/^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    const answer = { role: "assistant" as const, content: one.choices[0]?.message.content ?? "" };
    const two = await client.chat.completions.create({ model, messages: [...first, answer, ...user("And now?")] });
    expect(two.usage?.prompt_tokens_details?.cached_tokens).toBeGreaterThan(1000);
    const { body, headers } = lastRequest();
    expect([body.prompt_cache_key, headers["session-id"], headers["thread-id"]]).toEqual([key, key, key]);

    // Another beginning, another person, and a key of the caller's own each have a cache of their own.
    for (const [messages, more] of [
      [[{ role: "system", content: `${long}!` }, ...user("What is it?")], {}],
      [first, { user: "somebody else" }],
      [first, { prompt_cache_key: "my key" }],
    ] as const) {
      const other = await client.chat.completions.create({ model, messages: [...messages], ...more });
      expect(other.usage?.prompt_tokens_details?.cached_tokens).toBe(0);
      expect(lastRequest().body.prompt_cache_key).not.toBe(key);
    }
    expect(lastRequest().body.prompt_cache_key).toBe("my key");
    // What may not stand in a header goes there as a hash.
    expect(lastRequest().headers["session-id"]).toMatch(/^[\da-f-]{36}$/);
    const again = await client.responses.create({
      model,
      instructions: long,
      input: [...user("What is it?"), answer, ...user("Again?")],
      prompt_cache_key: "my key",
    });
    expect(again.usage?.input_tokens_details.cached_tokens).toBeGreaterThan(1000);
  });

  it("takes the session from its header", async () => {
    const headers = { "x-codex-session": "my-session" };
    await client.chat.completions.create({ model, messages: user("x") }, { headers });
    expect(lastRequest().headers).toMatchObject({ "session-id": "my-session", "thread-id": "my-session" });
  });

  it("asks for the tier, on both routes; fast is priority", async () => {
    for (const [tier, sent, note] of [
      ["priority", "priority", null],
      ["fast", "priority", '"service_tier";action=mapped;detail="priority"'],
      ["auto", undefined, null],
      ["default", undefined, null],
      ["flex", undefined, '"service_tier";action=dropped;detail="the model has no such tier"'],
    ] as const) {
      const service_tier = tier as "auto";
      for (const asked of [
        client.chat.completions.create({ model, messages: instructed("x"), service_tier }),
        client.responses.create({ model, instructions: "Be brief.", input: "x", service_tier }),
      ]) {
        const { response } = await asked.withResponse();
        const { body, headers } = lastRequest();
        expect([body.service_tier, response.headers.get("x-codex-adjusted")]).toEqual([sent, note]);
        expect(headers["x-codex-routing-hint"]).toBe(sent ? `model=${model};tier=${sent}` : `model=${model}`);
      }
    }
  });

  it("asks for verbosity and a summary, on both routes", async () => {
    await client.chat.completions.create({ model, messages: user("x"), verbosity: "high" });
    expect(lastRequest().body).toMatchObject({ text: { verbosity: "high" }, reasoning: { summary: "auto" } });
    await client.responses.create({
      model,
      input: "x",
      text: { verbosity: "low" },
      reasoning: { summary: "detailed" },
    });
    expect(lastRequest().body).toMatchObject({ text: { verbosity: "low" }, reasoning: { summary: "detailed" } });
    const { response } = await client.chat.completions
      .create({ model, messages: instructed("x"), verbosity: "shrill" as "low" })
      .withResponse();
    expect(lastRequest().body.text).toBeUndefined();
    expect(response.headers.get("x-codex-adjusted")).toBe(
      '"verbosity";action=dropped;detail="the model has no shrill"',
    );
  });

  it("takes the effort from the header, else the field, else the name, else the model", async () => {
    for (const [name, fields, header, effort] of [
      [model, {}, undefined, "medium"],
      [`${model}-high`, {}, undefined, "high"],
      [`${model}-high`, { reasoning_effort: "low" }, undefined, "low"],
      [`codex/${model}-high`, { reasoning_effort: "low" }, "xhigh", "xhigh"],
      [model, { reasoning_effort: "none" }, undefined, "low"],
      [`${model}-ultra`, {}, undefined, "max"],
    ] as const) {
      const headers = { "x-codex-effort": header };
      const asked = { model: name, messages: instructed("x"), ...fields };
      const { data, response } = await client.chat.completions.create(asked, { headers }).withResponse();
      expect([lastRequest().body.model, lastRequest().body.reasoning.effort, data.model]).toEqual([
        model,
        effort,
        name,
      ]);
      const adjusted = response.headers.get("x-codex-adjusted");
      expect(adjusted).toBe("reasoning_effort" in fields && fields.reasoning_effort === "none" ? adjusted : null);
    }
  });
});

const tool = { type: "function", function: { name: "look", parameters: { type: "object", properties: {} } } };
const png =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const pdf = "data:application/pdf;base64,JVBERi0xLjQK";
const parts = (part: object) => [{ role: "user", content: [{ type: "text", text: "x" }, part] }];

/** Each adjustment that there is, as the fields that ask for it, and the field that it is told of. */
const adjusted: [string, "chat" | "responses" | "completions", object, string][] = [
  ["temperature", "chat", { temperature: 0.1 }, "temperature"],
  ["top_p", "chat", { top_p: 0.1 }, "top_p"],
  ["penalties", "chat", { presence_penalty: 1 }, "presence_penalty"],
  ["seed", "chat", { seed: 1 }, "seed"],
  ["logprobs", "chat", { logprobs: true }, "logprobs"],
  ["logit_bias", "chat", { logit_bias: { 5: 1 } }, "logit_bias"],
  ["unknown fields", "chat", { made_up: 1 }, "made_up"],
  ["stop", "chat", { stop: "END" }, "stop"],
  ["max_tokens", "chat", { max_tokens: 9 }, "max_tokens"],
  ["max_completion_tokens", "chat", { max_completion_tokens: 9 }, "max_completion_tokens"],
  ["n", "chat", { n: 2 }, "n"],
  ["an effort that the model lacks", "chat", { reasoning_effort: "none" }, "reasoning_effort"],
  ["a tier that the model lacks", "chat", { service_tier: "flex" }, "service_tier"],
  ["the word JSON", "chat", { response_format: { type: "json_object" } }, "response_format"],
  ["a budget of reasoning", "chat", { reasoning: { max_tokens: 500 } }, "reasoning.max_tokens"],
  ["an effort beside another", "chat", { reasoning_effort: "high", reasoning: { effort: "low" } }, "reasoning.effort"],
  ["reasoning off and on", "chat", { reasoning_effort: "high", reasoning: { enabled: false } }, "reasoning.enabled"],
  ["reasoning off, with the nearest effort", "chat", { reasoning: { enabled: false } }, "reasoning_effort"],
  ["a key of reasoning", "chat", { reasoning: { speed: 1 } }, "reasoning.speed"],
  ["a key of web_search_options", "chat", { web_search_options: { filters: { a: 1 } } }, "web_search_options.filters"],
  [
    "a key of a location",
    "chat",
    { web_search_options: { user_location: { type: "approximate", approximate: { city: "Ulm" }, city: "Rome" } } },
    "web_search_options.user_location.city",
  ],
  [
    "a key of a response format",
    "chat",
    { response_format: { type: "json_object", schema: { type: "object" } } },
    "response_format.schema",
  ],
  [
    "a key of a nested schema",
    "chat",
    { response_format: { type: "json_schema", json_schema: { name: "a", schema: { type: "object" }, examples: [1] } } },
    "response_format.json_schema.examples",
  ],
  [
    "a key of an outer tool",
    "chat",
    { tools: [{ ...tool, cache_control: { type: "ephemeral" } }] },
    "tools[].cache_control",
  ],
  ["a key of an outer custom tool", "chat", { tools: [{ type: "custom", custom: { name: "a" }, x: 1 }] }, "tools[].x"],
  ["functions beside tools", "chat", { tools: [tool], functions: [{ name: "other" }] }, "functions"],
  [
    "function_call beside tool_choice",
    "chat",
    { tools: [tool], tool_choice: "auto", function_call: "none" },
    "function_call",
  ],
  [
    "a key of a choice",
    "chat",
    { tools: [tool], tool_choice: { type: "function", function: { name: "look", x: 1 } } },
    "tool_choice.function.x",
  ],
  [
    "a key of an image",
    "chat",
    { messages: parts({ type: "image_url", image_url: { url: png, format: "image/png" } }) },
    "content[].image_url.format",
  ],
  [
    "a key of a file",
    "chat",
    { messages: parts({ type: "file", file: { file_data: pdf, filename: "a.pdf", format: "pdf" } }) },
    "content[].file.format",
  ],
  [
    "the id of a file that is there",
    "chat",
    { messages: parts({ type: "file", file: { file_data: pdf, file_id: "f" } }) },
    "content[].file.file_id",
  ],
  ["a retired model", "chat", { model: "gpt-5.1-codex" }, "model"],
  ["temperature", "responses", { temperature: 0.1 }, "temperature"],
  ["truncation", "responses", { truncation: "auto" }, "truncation"],
  ["top_logprobs", "responses", { top_logprobs: 2 }, "top_logprobs"],
  ["stop, which is not of this API", "responses", { stop: "END" }, "stop"],
  ["max_output_tokens", "responses", { max_output_tokens: 9 }, "max_output_tokens"],
  ["fast", "responses", { service_tier: "fast" }, "service_tier"],
  ["a prompt to continue", "completions", {}, "prompt"],
];

it.each(adjusted)("tells %s on %s, and refuses it in strict mode", async (_name, route, fields, param) => {
  const path = { chat: "chat/completions", responses: "responses", completions: "completions" }[route];
  const base = { chat: chatBody("x"), responses: responsesBody("x"), completions: { model, prompt: "x" } }[route];
  const url = `${house.proxy.url}/v1/${path}`;
  const before = house.simulator.stats.responses;
  for (const stream of [false, true]) {
    const body = { ...base, ...fields, stream };
    const told = await ask(url, { body });
    expect([told.status, told.headers["x-codex-adjusted"]]).toEqual([
      200,
      expect.stringContaining(`"${param}";action=`),
    ]);
    const sent = house.simulator.stats.responses;
    const refused = await ask(url, { body, headers: { "x-codex-strict": "1" } });
    expect(refused.status).toBe(400);
    expect(refused.json.error).toMatchObject({ type: "invalid_request_error", code: "request_invalid", param });
    expect(refused.json.error.message).toMatch(/^Strict mode: /);
    expect(house.simulator.stats.responses).toBe(sent);
  }
  expect(house.simulator.stats.responses).toBeGreaterThan(before);
});

it("takes what asks for nothing new, in strict mode as well", async () => {
  const url = `${house.proxy.url}/v1/chat/completions`;
  for (const fields of [
    { reasoning: { enabled: true, exclude: false, max_tokens: null } },
    { reasoning: null, web_search_options: null, functions: [], function_call: null },
    {
      tools: [{ ...tool, strict: null, cache_control: null }],
      tool_choice: { type: "function", function: tool.function },
    },
  ]) {
    const refused = await ask(url, { body: { ...chatBody("x"), ...fields }, headers: { "x-codex-strict": "1" } });
    const isChoice = "tool_choice" in fields;
    expect([refused.status, refused.json.error?.param]).toEqual(
      isChoice ? [400, "tool_choice.function.parameters"] : [200, undefined],
    );
  }
});

describe("where reasoning goes", () => {
  const prompt = `SIM${JSON.stringify({ reasoning: ["First.", "Then."], text: "Four." })}`;
  let styled: House | undefined;
  afterEach(() => styled?.close());

  it.each([
    ["field", { content: "Four.", reasoning_content: "First.\n\nThen." }],
    ["think", { content: "<think>\nFirst.\n\nThen.\n</think>\n\nFour.", reasoning_content: undefined }],
    ["none", { content: "Four.", reasoning_content: undefined }],
  ] as const)("%s, plain, streamed, and back in the next turn", async (reasoning, expected) => {
    styled = await startHouse({ client: { reasoning } });
    const url = `${styled.proxy.url}/v1/chat/completions`;
    const { message } = (await ask(url, { body: chatBody(prompt) })).json.choices[0];
    expect([message.content, message.reasoning_content]).toEqual([expected.content, expected.reasoning_content]);
    const { text } = await ask(url, { body: chatBody(prompt, { stream: true }) });
    const deltas = text
      .split("\n")
      .filter((line) => line.startsWith("data: {"))
      .map((line) => JSON.parse(line.slice(6)).choices[0].delta);
    const joined = (field: string) => deltas.map((delta) => delta[field] ?? "").join("");
    expect([joined("content"), joined("reasoning_content")]).toEqual([
      expected.content,
      expected.reasoning_content ?? "",
    ]);
    const messages = [...user(prompt), { role: "assistant", content: message.content }, ...user("And?")];
    await ask(url, { body: { model, messages } });
    const sent = styled.simulator.requests.at(-1) as { body: { input: { role: string; content: object[] }[] } };
    const { input } = sent.body;
    expect(input.find(({ role }) => role === "assistant")?.content).toEqual([{ type: "output_text", text: "Four." }]);
  });
});
