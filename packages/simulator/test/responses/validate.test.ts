import { describe, expect, test } from "vitest";
import { type Client, request, start, user } from "../client.js";

const schema = { type: "object", properties: { a: { type: "string" } }, required: ["a"], additionalProperties: false };
const tool = { type: "function", name: "look", strict: true, parameters: schema };

async function refusal(client: Client, fields: Record<string, unknown>, headers: Record<string, string> = {}) {
  const reply = await client.post(fields, headers);
  return { status: reply.status, body: await reply.text().then((text) => JSON.parse(text) as unknown) };
}

async function accepted(client: Client, fields: Record<string, unknown>, headers: Record<string, string> = {}) {
  const reply = await client.post(fields, headers);
  const text = await reply.text();
  expect([reply.status, reply.status === 200 ? "" : text]).toEqual([200, ""]);
}

const detail = (text: string) => ({ status: 400, body: { detail: text } });
const error = (message: string, param: string | null, code: string | null, status = 400) => ({
  status,
  body: { error: { message, type: "invalid_request_error", param, code } },
});

describe("the front end", () => {
  test.each([
    ["stream", { stream: undefined }, "Stream must be set to true"],
    ["stream", { stream: false }, "Stream must be set to true"],
    ["store", { store: undefined }, "Store must be set to false"],
    ["store", { store: true }, "Store must be set to false"],
    ["text input", { input: "hi" }, "Input must be a list"],
    ["no input", { input: undefined }, "Input must be a list"],
    ["system role", { input: [{ role: "system", content: "x" }] }, "System messages are not allowed"],
    ["no instructions", { instructions: undefined }, "Instructions are required"],
    ["null instructions", { instructions: null }, "Instructions are required"],
    ["max_output_tokens", { max_output_tokens: 5 }, "Unsupported parameter: max_output_tokens"],
    ["temperature", { temperature: 1 }, "Unsupported parameter: temperature"],
    ["previous_response_id", { previous_response_id: "r" }, "Unsupported parameter: previous_response_id"],
    ["generate", { generate: false }, "Unsupported parameter: generate"],
    ["stream_options", { stream_options: { include_usage: true } }, "Unsupported parameter: stream_options"],
    [
      "unknown model",
      { model: "gpt-9" },
      "The 'gpt-9' model is not supported when using Codex with a ChatGPT account.",
    ],
    [
      "retired model",
      { model: "gpt-5" },
      "The 'gpt-5' model is not supported when using Codex with a ChatGPT account.",
    ],
  ])("refuses %s on both profiles: %j", async (_, fields, text) => {
    for (const profile of ["genuine", "strict"] as const) {
      expect(await refusal(await start({ profile }), fields)).toEqual(detail(text));
    }
  });

  test("refuses what is no object", async () => {
    const client = await start();
    for (const body of ["{broken", "[1]", "null"]) {
      const reply = await fetch(`${client.sim.baseUrl}/responses`, { method: "POST", headers: client.headers(), body });
      expect(reply.status).toBe(400);
    }
  });

  test.each(["top_p", "user", "truncation", "metadata", "max_completion_tokens", "made_up"])(
    "takes %s on genuine and refuses it on strict, even when null",
    async (name) => {
      await accepted(await start({ profile: "genuine" }), { [name]: null });
      expect(await refusal(await start({ profile: "strict" }), { [name]: null })).toEqual(
        detail(`Unsupported parameter: ${name}`),
      );
    },
  );

  test("takes no instructions on genuine when a developer message opens the input", async () => {
    const client = await start({ profile: "genuine" });
    const developer = { type: "message", role: "developer", content: [{ type: "input_text", text: "Be brief." }] };
    await accepted(client, { instructions: undefined, input: [developer, user("hi")] });
    await accepted(client, {
      instructions: undefined,
      input: [{ type: "additional_tools", role: "developer", tools: [] }, developer, user("hi")],
    });
    expect(await refusal(client, { instructions: undefined, input: [user("hi"), developer] })).toEqual(
      detail("Instructions are required"),
    );
  });

  test("can insist on official instructions", async () => {
    const client = await start({ questions: { instructionsText: "official" } });
    expect(await refusal(client, { instructions: "mine" })).toEqual(detail("Instructions are not valid"));
    await accepted(client, { instructions: client.sim.prompts.get("prompt.md") });
  });

  test("looks at the version where the model asks for one", async () => {
    const strict = await start({ profile: "strict" });
    const notFound = { status: 404, body: { detail: "Model not found gpt-6-sol" } };
    expect(await refusal(strict, { model: "gpt-6-sol" }, { version: "0.154.9" })).toEqual(notFound);
    expect(await refusal(strict, { model: "gpt-6-sol" }, { version: "" })).toEqual(notFound);
    await accepted(strict, { model: "gpt-6-sol" }, { version: "0.155.0" });
    const { version: _version, ...headers } = strict.headers();
    const send = (client: Client) =>
      fetch(`${client.sim.baseUrl}/responses`, {
        method: "POST",
        headers,
        body: JSON.stringify(request({ model: "gpt-6-sol" })),
      });
    const unversioned = await send(strict);
    expect(unversioned.status).toBe(200);
    await unversioned.text();
    strict.sim.questions.versionHeader = "required";
    const gated = await send(strict);
    expect({ status: gated.status, body: await gated.json() }).toEqual(notFound);
    const genuine = await start({ profile: "genuine" });
    expect(await refusal(genuine, { model: "gpt-6-sol" }, { version: "0.1.0" })).toEqual(
      detail("The 'gpt-6-sol' model is not supported when using Codex with a ChatGPT account."),
    );
  });

  test("can word the refusal of a model in the newer way", async () => {
    const client = await start({ questions: { modelRefusal: "error" } });
    expect((await refusal(client, { model: "x" })).body).toMatchObject({ type: "error", status: 400 });
  });
});

describe("the model layer", () => {
  const quoted = "Supported values are: 'low', 'medium', 'high', and 'xhigh'.";

  test.each([
    [
      "effort",
      { reasoning: { effort: "none" } },
      error(
        `Unsupported value: 'none' is not supported with the 'gpt-5.5' model. ${quoted}`,
        "reasoning.effort",
        "unsupported_value",
      ),
    ],
    [
      "verbosity",
      { text: { verbosity: "huge" } },
      error(
        "Invalid value: 'huge'. Supported values are: 'low', 'medium', and 'high'.",
        "text.verbosity",
        "invalid_value",
      ),
    ],
    [
      "tool without a name",
      { tools: [{ type: "function", parameters: schema }] },
      error("Missing required parameter: 'tools[0].name'.", "tools[0].name", "missing_required_parameter"),
    ],
    [
      "tool name",
      { tools: [{ ...tool, name: "a.b" }] },
      error(
        "Invalid 'tools[0].name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.",
        "tools[0].name",
        "invalid_value",
      ),
    ],
    [
      "strict schema",
      { tools: [{ ...tool, parameters: { ...schema, required: [] } }] },
      error(
        "Invalid schema for function 'look': In context=(), 'required' is required to be supplied and to be an array including every key in properties. Missing 'a'.",
        "tools[0].parameters",
        "invalid_function_parameters",
      ),
    ],
    [
      "open schema",
      { tools: [{ ...tool, parameters: { type: "object", properties: {} } }] },
      error(
        "Invalid schema for function 'look': In context=(), 'additionalProperties' is required to be supplied and to be false.",
        "tools[0].parameters",
        "invalid_function_parameters",
      ),
    ],
    [
      "choice",
      { tools: [tool], tool_choice: { type: "function", name: "other" } },
      error("Tool choice 'other' not found in 'tools' parameter.", "tool_choice", null),
    ],
    [
      "json_object",
      { text: { format: { type: "json_object" } } },
      error(
        "Response input messages must contain the word 'json' in some form to use 'text.format' of type 'json_object'.",
        "input",
        null,
      ),
    ],
    [
      "format name",
      { text: { format: { type: "json_schema", schema } } },
      error("Missing required parameter: 'text.format.name'.", "text.format.name", "missing_required_parameter"),
    ],
    [
      "unanswered call",
      { input: [user("x"), { type: "function_call", call_id: "call_1", name: "look", arguments: "{}" }] },
      error("No tool output found for function call call_1.", "input", null),
    ],
    [
      "output without call",
      { input: [user("x"), { type: "function_call_output", call_id: "call_1", output: "y" }] },
      error("No tool call found for function call output with call_id call_1.", "input", null),
    ],
    [
      "arguments",
      { input: [{ type: "function_call", call_id: "c", name: "n", arguments: {} }] },
      error(
        "Invalid type for 'input[0].arguments': expected a string, but got an object instead.",
        "input[0].arguments",
        "invalid_type",
      ),
    ],
    [
      "part of the wrong role",
      { input: [{ role: "assistant", content: [{ type: "input_text", text: "x" }] }] },
      error(
        "Invalid value: 'input_text'. Supported values are: 'output_text', 'refusal'.",
        "input[0].content[0]",
        "invalid_value",
      ),
    ],
    [
      "image",
      { input: [{ role: "user", content: [{ type: "input_image", image_url: "data:image/png;base64,AAAA" }] }] },
      error("The image data you provided does not represent a valid image.", "input", "invalid_image"),
    ],
    [
      "item without type",
      { input: [{}] },
      error("Missing required parameter: 'input[0].type'.", "input[0].type", "missing_required_parameter"),
    ],
  ])("refuses a bad %s", async (_, fields, expected) => {
    const client = await start({ profile: "genuine" });
    expect(await refusal(client, fields as Record<string, unknown>)).toEqual(expected);
  });

  test("does not know the effort ultra, which is a mode of the client", async () => {
    const client = await start();
    expect((await refusal(client, { model: "gpt-6-astra", reasoning: { effort: "ultra" } })).status).toBe(400);
    await accepted(client, { model: "gpt-6-astra", reasoning: { effort: "max" } });
  });

  test.each(["tools[0].name", "a".repeat(65)])("checks the length of names too: %s", async (name) => {
    const client = await start();
    const { body } = await refusal(client, { tools: [{ ...tool, name }] });
    expect(body).toMatchObject({ error: { param: "tools[0].name" } });
  });

  test("holds a tool without `strict` to the rules only on strict", async () => {
    const loose = [{ type: "function", name: "look", parameters: { type: "object", properties: { a: {} } } }];
    await accepted(await start({ profile: "genuine" }), { tools: loose });
    expect((await refusal(await start({ profile: "strict" }), { tools: loose })).status).toBe(400);
    await accepted(await start({ profile: "strict" }), { tools: [{ ...loose[0], strict: false }] });
  });

  test("takes the service tiers that the profile knows", async () => {
    const tier = { service_tier: "flex" };
    await accepted(await start({ profile: "genuine" }), tier);
    expect((await refusal(await start({ profile: "strict" }), tier)).body).toMatchObject({
      error: { param: "service_tier" },
    });
    await accepted(await start({ profile: "strict" }), { service_tier: "priority" });
  });

  test("refuses ids on strict, and references everywhere", async () => {
    const withId = { input: [{ ...user("hi"), id: "msg_1" }] };
    await accepted(await start({ profile: "genuine" }), withId);
    const message =
      "Item with id 'msg_1' not found. Items are not persisted when `store` is set to false. Try again with `store` set to true, or remove this item from your input.";
    expect(await refusal(await start({ profile: "strict" }), withId)).toEqual(error(message, "input", null, 404));
    const reference = { input: [user("x"), { type: "item_reference", id: "msg_1" }] };
    expect((await refusal(await start({ profile: "genuine" }), reference)).status).toBe(404);
    expect(
      (await refusal(await start({ profile: "genuine" }), { input: [{ type: "item_reference" }] })).body,
    ).toMatchObject({
      error: { message: "Missing required parameter: 'input[0].id'." },
    });
  });

  test("knows its own encrypted reasoning again on strict", async () => {
    const client = await start({ profile: "strict" });
    const events = await client.events({ reasoning: { effort: "low" }, include: ["reasoning.encrypted_content"] });
    const item = events.find((event) => event.type === "response.output_item.done")?.item as Record<string, unknown>;
    const { encrypted_content } = item;
    const reasoning = { type: "reasoning", summary: [], encrypted_content };
    await accepted(client, { input: [user("a"), reasoning, user("b")] });
    const broken = { ...reasoning, encrypted_content: `${String(encrypted_content).slice(0, -4)}AAAA` };
    expect((await refusal(client, { input: [user("a"), broken] })).body).toMatchObject({
      error: { code: "invalid_encrypted_content" },
    });
  });

  test("misses the reasoning that a call came with, where ids are taken", async () => {
    const client = await start({ questions: { itemIds: "accept" } });
    const asked = {
      reasoning: { effort: "low" },
      include: ["reasoning.encrypted_content"],
      input: [user('SIM{"tools":[{"name":"look"}]}')],
    };
    const items = (await client.events(asked))
      .filter((event) => event.type === "response.output_item.done")
      .map((event) => event.item as Record<string, unknown>);
    const output = { type: "function_call_output", call_id: items[1]?.call_id, output: "x" };
    await accepted(client, { input: [user("x"), ...items, output] });
    expect((await refusal(client, { input: [user("x"), items[1], output] })).body).toMatchObject({
      error: { message: expect.stringContaining("without its required 'reasoning' item") },
    });
  });
});

describe("responses-lite", () => {
  const header = { "x-openai-internal-codex-responses-lite": "true" };
  const lite = { model: "gpt-6-sol", reasoning: { context: "all_turns" }, parallel_tool_calls: false };

  test("is free to choose, with its rules", async () => {
    const client = await start();
    await accepted(client, { model: "gpt-6-sol" });
    await accepted(client, lite, header);
    expect((await refusal(client, { model: "gpt-6-sol" }, header)).body).toMatchObject({
      error: { param: "reasoning.context", code: "unsupported_value" },
    });
    expect((await refusal(client, { ...lite, tools: [{ type: "web_search" }] }, header)).body).toEqual({
      error: {
        code: "unsupported_value",
        message:
          "X-OpenAI-Internal-Codex-Responses-Lite only supports function tools, custom tools, and client-executed tool search.",
        param: "tools",
        type: "invalid_request_error",
      },
    });
    expect((await refusal(client, { ...lite, model: "gpt-5.5" }, header)).status).toBe(400);
  });

  test("can be required, and can be refused", async () => {
    const required = await start({ questions: { responsesLite: "required" } });
    expect((await refusal(required, { model: "gpt-6-sol" })).body).toMatchObject({
      error: { message: expect.stringContaining("X-OpenAI-Internal-Codex-Responses-Lite") },
    });
    await accepted(required, lite, header);
    await accepted(required, { model: "gpt-5.5" });
    const refused = await start({ questions: { responsesLite: "refused" } });
    expect((await refusal(refused, lite, header)).status).toBe(400);
  });
});

test("headers can be required", async () => {
  const client = await start({ questions: { sessionHeader: "required" } });
  expect((await refusal(client, {})).status).toBe(400);
  await accepted(client, {}, { "session-id": "s" });
  const { "chatgpt-account-id": _, ...headers } = client.headers({ "session-id": "s" });
  const reply = await fetch(`${client.sim.baseUrl}/responses`, {
    method: "POST",
    headers,
    body: JSON.stringify(request()),
  });
  expect(reply.status).toBe(400);
});

test("genuine takes a request of the official client", async () => {
  const client = await start({ profile: "genuine" });
  const passthrough = { internal_chat_message_metadata_passthrough: { turn_id: "t" } };
  const part = (text: string) => [{ type: "input_text", text }];
  await accepted(client, {
    instructions: undefined,
    input: [
      { type: "message", id: "msg_1", role: "developer", content: part("Base."), ...passthrough },
      { type: "message", id: "msg_2", role: "user", content: part("hi"), ...passthrough },
      { type: "reasoning", id: "rs_1", summary: [], content: null, encrypted_content: "gAAA", ...passthrough },
      {
        type: "function_call",
        id: "fc_1",
        status: "completed",
        name: "exec_command",
        arguments: "{}",
        call_id: "call_1",
        ...passthrough,
      },
      { type: "function_call_output", id: "fco_1", call_id: "call_1", output: "done", ...passthrough },
      { type: "custom_tool_call", id: "ctc_1", name: "apply_patch", input: "x", call_id: "call_2", ...passthrough },
      { type: "custom_tool_call_output", call_id: "call_2", output: [{ type: "input_text", text: "ok" }] },
    ],
    tools: [
      { type: "function", name: "exec_command", strict: false, parameters: { type: "object", properties: {} } },
      {
        type: "namespace",
        name: "agents",
        description: "d",
        tools: [{ type: "function", name: "spawn", strict: false, parameters: { type: "object" } }],
      },
      { type: "custom", name: "apply_patch", format: { type: "grammar", syntax: "lark", definition: "start: /x/" } },
      { type: "web_search", external_web_access: false },
    ],
    tool_choice: "auto",
    parallel_tool_calls: true,
    reasoning: { effort: "low", summary: "auto" },
    include: ["reasoning.encrypted_content"],
    prompt_cache_key: "k",
    client_metadata: { session_id: "s" },
    text: { verbosity: "low" },
    stream_options: { reasoning_summary_delivery: "sequential_cutoff" },
    prompt_cache_options: { mode: "implicit" },
  });
});
