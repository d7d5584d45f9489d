import { describe, expect, it } from "vitest";
import { chatDialect } from "../../../src/dialects/index.js";
import { createContext } from "../play.js";

type Fields = Record<string, unknown>;

const user = { role: "user", content: "Hi" };

function parse(fields: Fields) {
  const context = createContext();
  const parsed = chatDialect.parseRequest({ model: "gpt-6-sol", messages: [user], ...fields }, context);
  return { ...parsed, adjustments: context.adjustments };
}

function items(...messages: unknown[]) {
  return parse({ messages }).request.input;
}

const image = "data:image/png;base64,AAAA";

describe("chat messages", () => {
  it("keeps system and developer messages where they are, with their roles", () => {
    expect(
      items({ role: "system", content: "A" }, user, { role: "developer", content: [{ type: "text", text: "B" }] }),
    ).toEqual([
      { type: "message", role: "system", content: [{ type: "input_text", text: "A" }] },
      { type: "message", role: "user", content: [{ type: "input_text", text: "Hi" }] },
      { type: "message", role: "developer", content: [{ type: "input_text", text: "B" }] },
    ]);
  });

  it.each([
    ["text", { type: "text", text: "x" }, { type: "input_text", text: "x" }],
    [
      "an image with detail",
      { type: "image_url", image_url: { url: image, detail: "low" } },
      { type: "input_image", image_url: image, detail: "low" },
    ],
    [
      "an image as a string",
      { type: "image_url", image_url: "https://a.example/b.png" },
      { type: "input_image", image_url: "https://a.example/b.png" },
    ],
    [
      "a file's data",
      { type: "file", file: { file_data: "data:application/pdf;base64,AA", filename: "a.pdf" } },
      { type: "input_file", file_data: "data:application/pdf;base64,AA", filename: "a.pdf" },
    ],
    [
      "a file's address",
      { type: "file", file: { file_url: "https://a.example/b.pdf" } },
      { type: "input_file", file_url: "https://a.example/b.pdf" },
    ],
    [
      "a PDF as bare base64",
      { type: "file", file: { file_data: "JVBERi0xLjQK", filename: "a.pdf" } },
      { type: "input_file", file_data: "data:application/pdf;base64,JVBERi0xLjQK", filename: "a.pdf" },
    ],
    ["a part of the other API", { type: "input_text", text: "x" }, { type: "input_text", text: "x" }],
  ])("takes %s", (_name, part, expected) => {
    expect(items({ role: "user", content: [part] })).toEqual([{ type: "message", role: "user", content: [expected] }]);
  });

  it("takes an assistant's parts and refusal", () => {
    const content = [
      { type: "text", text: "a" },
      { type: "refusal", refusal: "b" },
    ];
    expect(items({ role: "assistant", content }, { role: "assistant", content: null, refusal: "no" })).toEqual([
      {
        type: "message",
        role: "assistant",
        content: [
          { type: "output_text", text: "a" },
          { type: "refusal", refusal: "b" },
        ],
      },
      { type: "message", role: "assistant", content: [{ type: "refusal", refusal: "no" }] },
    ]);
  });

  it("leaves an assistant message that says nothing out", () => {
    expect(items(user, { role: "assistant", content: "", tool_calls: [] })).toHaveLength(1);
  });

  it("takes tool calls of both kinds, and their results as text or parts", () => {
    const calls = [
      { id: "call_1", type: "function", function: { name: "look", arguments: '{"a":1}' } },
      { id: "call_2", type: "custom", custom: { name: "sql", input: "SELECT 1" } },
    ];
    const parts = [
      { type: "text", text: "seen" },
      { type: "image_url", image_url: { url: image } },
    ];
    expect(
      items(
        { role: "assistant", content: "Looking.", tool_calls: calls },
        { role: "tool", tool_call_id: "call_1", content: parts },
        { role: "tool", tool_call_id: "call_2", content: "1" },
      ),
    ).toEqual([
      { type: "message", role: "assistant", content: [{ type: "output_text", text: "Looking." }] },
      { type: "function_call", call_id: "call_1", name: "look", arguments: '{"a":1}' },
      { type: "custom_tool_call", call_id: "call_2", name: "sql", input: "SELECT 1" },
      {
        type: "function_call_output",
        call_id: "call_1",
        output: [
          { type: "input_text", text: "seen" },
          { type: "input_image", image_url: image },
        ],
      },
      { type: "custom_tool_call_output", call_id: "call_2", output: "1" },
    ]);
  });

  it.each([
    ["an object", { temperature: 3 }, '{"temperature":3}'],
    ["an empty object", {}, "{}"],
    ["an object with a type of its own", { type: "weather" }, '{"type":"weather"}'],
    ["a list of objects", [{ id: 1 }, { id: 2 }], '[{"id":1},{"id":2}]'],
    ["a number", 7, "7"],
    ["a boolean", false, "false"],
  ])("sends a tool's result that is %s as JSON, and tells it", (_name, content, output) => {
    const call = { id: "call_1", type: "function", function: { name: "look", arguments: "{}" } };
    const results = [
      { role: "tool", tool_call_id: "call_1", content },
      { role: "function", name: "look", content },
    ];
    for (const result of results) {
      const { request, adjustments } = parse({
        messages: [{ role: "assistant", content: null, tool_calls: [call] }, result],
      });
      expect(request.input[1]).toMatchObject({ type: "function_call_output", output });
      expect(adjustments).toContainEqual(expect.objectContaining({ field: "messages[].content", action: "mapped" }));
    }
  });

  it("takes a tool's result that is one part without a list, and refuses a part that can't be sent", () => {
    const call = { role: "assistant", tool_calls: [{ id: "c", function: { name: "f", arguments: "{}" } }] };
    const part = { type: "text", text: "x" };
    expect(items(call, { role: "tool", tool_call_id: "c", content: part })[1]).toMatchObject({
      output: [{ type: "input_text", text: "x" }],
    });
    expect(() => items(call, { role: "tool", tool_call_id: "c", content: [{ type: "input_audio" }] })).toThrowError(
      /no audio/,
    );
  });

  it("gives legacy function calls and their results a common id", () => {
    const call = { role: "assistant", content: null, function_call: { name: "look", arguments: "{}" } };
    const [first, second, third, fourth] = items(call, { role: "function", name: "look", content: "a" }, call, {
      role: "function",
      name: "look",
      content: "b",
    });
    expect(first).toMatchObject({ type: "function_call", name: "look", call_id: second?.call_id });
    expect(third).toMatchObject({ type: "function_call", call_id: fourth?.call_id });
    expect(third?.call_id).not.toBe(first?.call_id);
  });

  it("takes back the encrypted reasoning that our answers carry, before what was said", () => {
    const reasoning_details = [
      { type: "reasoning.encrypted", format: "openai-responses-v1", data: "gAAA", id: "rs_1", index: 0 },
      { type: "reasoning.text", text: "of another gateway" },
    ];
    const { request, adjustments } = parse({
      messages: [{ role: "assistant", content: "4", reasoning_details, reasoning_content: "sum", annotations: [] }],
    });
    expect(request.input).toMatchObject([
      { type: "reasoning", id: "rs_1", summary: [], encrypted_content: "gAAA" },
      { type: "message", role: "assistant" },
    ]);
    expect(adjustments).toEqual([]);
  });

  const detail = { type: "reasoning.encrypted", format: "openai-responses-v1", data: "gAAA", id: "rs_1" };
  const look = { id: "c1", type: "function", function: { name: "look", arguments: "{}" } };
  it.each<[string, Fields]>([
    // LiteLLM 1.110 moves what it does not know, and sends it back like that.
    ["provider_specific_fields", { content: null, provider_specific_fields: { reasoning_details: [detail] } }],
    // @openai/agents 0.20 copies the fields of the whole message into its only part, tool calls included.
    [
      "the parts of a message",
      {
        content: [
          {
            ...{ type: "text", text: "Let me look.", role: "assistant", refusal: null, annotations: [] },
            ...{ reasoning_content: "thinking", reasoning_details: [detail], tool_calls: [look] },
          },
        ],
      },
    ],
    [
      "both, and its tool calls",
      { reasoning_details: [detail], tool_calls: [{ ...look, reasoning_details: [detail] }] },
    ],
  ])("takes encrypted reasoning back once from %s, without a word", (_name, message) => {
    const { request, adjustments } = parse({
      messages: [
        user,
        { role: "assistant", tool_calls: [look], ...message },
        { role: "tool", tool_call_id: "c1", content: "x", name: "look" },
      ],
    });
    const kinds = request.input.map((item) => item.type);
    expect(request.input[1]).toEqual({ type: "reasoning", id: "rs_1", summary: [], encrypted_content: "gAAA" });
    expect(kinds.filter((kind) => kind === "reasoning")).toHaveLength(1);
    expect(kinds.slice(-2)).toEqual(["function_call", "function_call_output"]);
    expect(adjustments).toEqual([]);
  });

  it.each<[string, Fields, string]>([
    ["reasoning in plain words", { content: "4", reasoning_content: "thinking" }, "messages[].reasoning_content"],
    ["reasoning of other gateways", { content: "4", reasoning: "thinking" }, "messages[].reasoning"],
    ["an answer without content", { content: "" }, "messages"],
    ["an answer of nothing", { content: null, tool_calls: [] }, "messages"],
    ["annotations", { content: "4", annotations: [{ type: "url_citation" }] }, "messages[].annotations"],
    [
      "what a gateway has moved",
      { content: "4", provider_specific_fields: { citations: ["x"] } },
      "messages[].provider_specific_fields.citations",
    ],
    ["a key of a call", { tool_calls: [{ ...look, extra: 1 }] }, "messages[].tool_calls[].extra"],
    [
      "a key of what is called",
      { tool_calls: [{ ...look, function: { name: "look", arguments: "{}", extra: 1 } }] },
      "messages[].tool_calls[].function.extra",
    ],
    [
      "a key of a custom call",
      { tool_calls: [{ id: "c", type: "custom", custom: { name: "sql", input: "x", extra: 1 } }] },
      "messages[].tool_calls[].custom.extra",
    ],
    [
      "a key of a legacy call",
      { function_call: { name: "look", arguments: "{}", extra: 1 } },
      "messages[].function_call.extra",
    ],
  ])("says that it dropped %s of an earlier answer", (_name, message, field) => {
    const { adjustments } = parse({ messages: [user, { role: "assistant", ...message }, user] });
    expect(adjustments).toMatchObject([{ field, action: "dropped" }]);
  });

  it("says what a message of another role can't carry", () => {
    const { adjustments } = parse({
      messages: [
        { ...user, refusal: "no" },
        { role: "assistant", tool_calls: [look] },
        { role: "tool", tool_call_id: "c1", content: "x", name: "other", is_error: true },
      ],
    });
    expect(adjustments.map(({ field }) => field)).toEqual([
      "messages[].refusal",
      "messages[].is_error",
      "messages[].name",
    ]);
  });

  it("takes the images of our answers back as what they were, and says what is none", () => {
    const images = [
      { type: "image_url", index: 0, image_url: { url: "data:image/webp;base64,UklGRg==" } },
      { type: "image_url", image_url: { url: "https://a.example/b.png" } },
    ];
    const { request, adjustments } = parse({ messages: [{ role: "assistant", content: "Here.", images }] });
    expect(request.input).toMatchObject([
      { type: "message", role: "assistant" },
      { type: "image_generation_call", status: "completed", result: "UklGRg==" },
    ]);
    expect(adjustments).toMatchObject([{ field: "messages[].images", action: "dropped" }]);
  });

  it("says which keys of parts it dropped, but not those of its own answers and of the SDK", () => {
    const text = { type: "text", text: "x" };
    const { adjustments } = parse({
      messages: [
        { role: "user", content: [{ ...text, cache_control: { type: "ephemeral" } }] },
        { role: "assistant", content: [{ ...text, annotations: [], logprobs: [], parsed: {} }], parsed: { a: 1 } },
      ],
    });
    expect(adjustments).toMatchObject([{ field: "content[].cache_control", action: "dropped" }]);
  });

  it("writes a speaker's name before what was said, and says so", () => {
    const { request, adjustments } = parse({ messages: [{ ...user, name: "ann" }] });
    expect(request.input[0]).toMatchObject({ content: [{ type: "input_text", text: "ann: Hi" }] });
    expect(adjustments).toMatchObject([{ field: "messages[].name", action: "mapped" }]);
  });

  it("says which keys of messages it dropped", () => {
    const { adjustments } = parse({
      messages: [
        { ...user, weight: 1 },
        { ...user, weight: 0 },
      ],
    });
    expect(adjustments).toEqual([{ field: "messages[].weight", action: "dropped", detail: expect.any(String) }]);
  });
});

describe("chat tools", () => {
  const parameters = { type: "object", properties: { a: { type: "string" } } };

  it("flattens function and custom tools, and always says whether they are strict", () => {
    const { request, adjustments } = parse({
      tools: [
        { type: "function", function: { name: "a", description: "d", parameters } },
        { type: "function", function: { name: "b", parameters, strict: true } },
        { type: "function", function: { name: "c" } },
        {
          type: "custom",
          custom: { name: "d", format: { type: "grammar", grammar: { syntax: "lark", definition: "x" } } },
        },
        { type: "web_search", search_context_size: "low" },
        { type: "namespace", name: "n", tools: [{ type: "function", name: "inner" }] },
        { type: "web_search_preview" },
      ],
    });
    expect(request.tools).toEqual([
      { type: "function", name: "a", description: "d", parameters, strict: false },
      { type: "function", name: "b", parameters, strict: true },
      { type: "function", name: "c", parameters: { type: "object", properties: {} }, strict: false },
      { type: "custom", name: "d", format: { type: "grammar", syntax: "lark", definition: "x" } },
      { type: "web_search", search_context_size: "low" },
      {
        type: "namespace",
        name: "n",
        tools: [{ type: "function", name: "inner", parameters: { type: "object", properties: {} }, strict: false }],
      },
      { type: "web_search" },
    ]);
    expect(adjustments).toMatchObject([{ field: "tools[6].type", action: "mapped", detail: "web_search" }]);
  });

  const tools = [
    { type: "function", function: { name: "a" } },
    { type: "custom", custom: { name: "b" } },
  ];

  it.each([
    ["auto", "auto"],
    ["required", "required"],
    [
      { type: "function", function: { name: "a" } },
      { type: "function", name: "a" },
    ],
    [
      { type: "custom", custom: { name: "b" } },
      { type: "custom", name: "b" },
    ],
    [
      { type: "function", name: "a" },
      { type: "function", name: "a" },
    ],
    [{ type: "web_search" }, { type: "web_search" }],
    [{ type: "web_search_preview_2025_03_11" }, { type: "web_search" }],
    [
      {
        type: "allowed_tools",
        allowed_tools: { mode: "required", tools: [{ type: "function", function: { name: "a" } }] },
      },
      { type: "allowed_tools", mode: "required", tools: [{ type: "function", name: "a" }] },
    ],
  ])("takes tool_choice %j", (choice, expected) => {
    expect(parse({ tools, tool_choice: choice }).request.tool_choice).toEqual(expected);
  });

  it.each(["auto", "none", null])("leaves tool_choice %j out when there are no tools", (choice) => {
    expect(parse({ tool_choice: choice, tools: [] }).request).not.toHaveProperty("tool_choice");
  });

  it("takes legacy functions, and answers in their words", () => {
    const { request, reply } = parse({ functions: [{ name: "a", parameters }], function_call: { name: "a" } });
    expect(request).toMatchObject({
      tools: [{ type: "function", name: "a", parameters, strict: false }],
      tool_choice: { type: "function", name: "a" },
      parallel_tool_calls: false,
    });
    expect(reply.legacyFunctions).toBe(true);
  });

  it("makes a tool of web_search_options, even of empty ones", () => {
    const options = {
      search_context_size: "high",
      user_location: { type: "approximate", approximate: { city: "Ulm" } },
    };
    const { request, adjustments } = parse({ web_search_options: options });
    expect(request.tools).toEqual([
      { type: "web_search", search_context_size: "high", user_location: { type: "approximate", city: "Ulm" } },
    ]);
    expect(adjustments).toMatchObject([{ field: "web_search_options", action: "mapped" }]);
    expect(parse({ web_search_options: {} }).request.tools).toEqual([{ type: "web_search" }]);
  });
});

describe("chat fields", () => {
  it("maps what the Responses API has elsewhere", () => {
    const { request, stream, reply, adjustments } = parse({
      stream: true,
      stream_options: { include_usage: true },
      reasoning_effort: "high",
      verbosity: "low",
      service_tier: "priority",
      prompt_cache_key: "k",
      parallel_tool_calls: false,
      user: "me",
    });
    expect(request).toMatchObject({
      model: "gpt-6-sol",
      reasoning: { effort: "high" },
      text: { verbosity: "low" },
      service_tier: "priority",
      prompt_cache_key: "k",
      parallel_tool_calls: false,
      user: "me",
    });
    expect({ stream, includeUsage: reply.includeUsage, adjustments }).toEqual({
      stream: true,
      includeUsage: true,
      adjustments: [],
    });
  });

  it("takes the reasoning object of other gateways", () => {
    const reasoning = { effort: "low", summary: "detailed" };
    expect(parse({ reasoning }).request.reasoning).toEqual(reasoning);
  });

  it("takes a JSON schema flat", () => {
    const schema = { type: "object", properties: {} };
    const format = { type: "json_schema", json_schema: { name: "n", description: "d", schema, strict: true } };
    expect(parse({ response_format: format }).request.text).toEqual({
      format: { type: "json_schema", name: "n", description: "d", schema, strict: true },
    });
  });

  it("adds the word JSON for json_object where the input lacks it, and says so", () => {
    const response_format = { type: "json_object" };
    const messages = [{ role: "system", content: "Answer in JSON." }, user];
    const { request, adjustments } = parse({ response_format, messages });
    expect(request.text).toEqual({ format: { type: "json_object" } });
    expect(request.input.at(-1)).toMatchObject({
      role: "developer",
      content: [{ text: expect.stringContaining("JSON") }],
    });
    expect(adjustments).toMatchObject([{ field: "response_format", action: "mapped" }]);
    const asked = parse({ response_format, messages: [{ role: "user", content: "Some json, please" }] });
    expect(asked.request.input).toHaveLength(1);
    expect(asked.adjustments).toEqual([]);
  });

  it("drops and names what the backend has no setting for", () => {
    const fields = {
      temperature: 0.2,
      top_p: 0.5,
      seed: 1,
    };
    const more = { logprobs: true, presence_penalty: 1, logit_bias: { "1": 2 }, metadata: { a: "b" }, madeUp: 1 };
    const { request, adjustments } = parse({ ...fields, ...more });
    const names = [...Object.keys(fields), ...Object.keys(more)];
    expect(adjustments.map((entry) => `${entry.action} ${entry.field}`)).toEqual(
      names.map((name) => `dropped ${name}`),
    );
    expect(Object.keys(request)).toEqual(["model", "input", "reasoning"]);
  });

  it("reads where the answer is to end, and how many are wanted", () => {
    const fields = { stop: ["x"], max_completion_tokens: 20, max_tokens: 10, n: 3 };
    const { request, requests, end, adjustments, reply } = parse(fields);
    expect(end).toEqual({ stop: ["x"], maxTokens: 10 });
    expect(requests).toEqual([request, request, request]);
    expect([reply.choices, Object.keys(request)]).toEqual([3, ["model", "input", "reasoning"]]);
    expect(adjustments.map((entry) => `${entry.action} ${entry.field}`)).toEqual(
      Object.keys(fields).map((name) => `emulated ${name}`),
    );
    const cursor = parse({ messages: undefined, input: "x", max_output_tokens: 7, stop: "END", n: 2 });
    expect(cursor.end).toEqual({ stop: ["END"], maxTokens: 7 });
    for (const field of ["max_output_tokens", "stop", "n"]) expect(cursor.request).not.toHaveProperty(field);
    const nothing = parse({ stop: null, max_tokens: null, max_completion_tokens: null, n: null });
    expect([nothing.end, nothing.requests, nothing.adjustments]).toEqual([undefined, undefined, []]);
  });

  it("says nothing where dropping changes nothing", () => {
    const defaults = { temperature: 1, top_p: 1, n: 1, presence_penalty: 0, frequency_penalty: 0, logprobs: false };
    const unset = { stop: null, metadata: {}, tools: [], functions: [], user: "", logit_bias: {}, reasoning: null };
    const { request, adjustments } = parse({ ...defaults, ...unset, store: false, modalities: ["text"] });
    expect(adjustments).toEqual([]);
    expect(Object.keys(request)).toEqual(["model", "input", "reasoning"]);
  });

  it("tells of fields under the names that they have in chat", () => {
    const { spell = String } = (() => {
      const context = createContext();
      chatDialect.parseRequest({ model: "m", messages: [user] }, context);
      return context;
    })();
    const names = ["input", "input[3].name", "reasoning.effort", "text.verbosity", "text.format.schema", "model"];
    expect(names.map(spell)).toEqual([
      ...["messages", "messages", "reasoning_effort", "verbosity", "response_format", "model"],
    ]);
  });

  it("says which stream options it drops", () => {
    const of = (stream_options: object) => parse({ stream: true, stream_options }).adjustments;
    expect(of({ include_usage: true, include_obfuscation: false })).toEqual([]);
    expect(of({ include_obfuscation: true, odd: 1 })).toMatchObject([
      { field: "stream_options.include_obfuscation", action: "dropped" },
      { field: "stream_options.odd", action: "dropped" },
    ]);
  });

  it("finds chat's settings in a Responses body on the chat route", () => {
    const schema = { type: "object", properties: {} };
    const body = {
      model: "m",
      input: "Hi",
      reasoning_effort: "low",
      verbosity: "high",
      max_tokens: 5,
      response_format: { type: "json_schema", json_schema: { name: "n", schema } },
      tools: [{ type: "function", function: { name: "a" } }],
    };
    const { request, end } = chatDialect.parseRequest(body, createContext());
    expect(end).toEqual({ maxTokens: 5 });
    expect(request).toMatchObject({
      reasoning: { effort: "low", summary: "auto" },
      text: { verbosity: "high", format: { type: "json_schema", name: "n", schema } },
      tools: [{ type: "function", name: "a", strict: false }],
    });
    for (const name of ["reasoning_effort", "verbosity", "response_format", "max_tokens"])
      expect(request).not.toHaveProperty(name);
    const own = { ...body, reasoning: { effort: "high", summary: "detailed" }, text: { verbosity: "low" } };
    expect(chatDialect.parseRequest(own, createContext()).request).toMatchObject({
      reasoning: { effort: "high", summary: "detailed" },
      text: { verbosity: "low" },
    });
  });

  it("reads a Responses body on the chat route, and still answers in chat chunks", () => {
    const body = {
      model: "m",
      input: [{ role: "user", content: "Hi" }],
      stream: true,
      stream_options: { include_usage: true },
    };
    const { request, reply, stream } = chatDialect.parseRequest(body, createContext());
    expect(request.input).toEqual([{ type: "message", role: "user", content: [{ type: "input_text", text: "Hi" }] }]);
    expect([stream, reply.includeUsage]).toEqual([true, true]);
  });
});

describe("invalid chat requests", () => {
  const tool = { type: "function", function: { name: "a" } };
  it.each<[string, unknown, string | undefined]>([
    ["a list", [], undefined],
    ["a string", "x", undefined],
    ["null", null, undefined],
    ["no model", { messages: [user] }, "model"],
    ["a model that is a number", { model: 4, messages: [user] }, "model"],
    ["no messages", { model: "m" }, "messages"],
    ["empty messages", { model: "m", messages: [] }, "messages"],
    ["messages that are a string", { model: "m", messages: "Hi" }, "messages"],
    ["a message that is a string", { model: "m", messages: ["Hi"] }, "messages[0]"],
    ["an unknown role", { model: "m", messages: [user, user, { role: "wizard", content: "x" }] }, "messages[2].role"],
    ["no role", { model: "m", messages: [{ content: "x" }] }, "messages[0].role"],
    ["no content", { model: "m", messages: [{ role: "user" }] }, "messages[0].content"],
    ["content that is a number", { model: "m", messages: [{ role: "user", content: 4 }] }, "messages[0].content"],
    [
      "audio input",
      { model: "m", messages: [{ role: "user", content: [{ type: "input_audio", input_audio: {} }] }] },
      "messages[0].content[0]",
    ],
    [
      "an unknown part",
      { model: "m", messages: [{ role: "user", content: [{ type: "video_url" }] }] },
      "messages[0].content[0].type",
    ],
    [
      "an image without a source",
      { model: "m", messages: [{ role: "user", content: [{ type: "image_url" }] }] },
      "messages[0].content[0].image_url",
    ],
    [
      "an image that is no address",
      {
        model: "m",
        messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "iVBORw0KGgo=" } }] }],
      },
      "messages[0].content[0].image_url.url",
    ],
    [
      "a file's id",
      { model: "m", messages: [{ role: "user", content: [{ type: "file", file: { file_id: "file_1" } }] }] },
      "messages[0].content[0].file.file_id",
    ],
    [
      "an image of an assistant",
      { model: "m", messages: [{ role: "assistant", content: [{ type: "image_url", image_url: { url: image } }] }] },
      "messages[0].content[0].type",
    ],
    [
      "a refusal of a user",
      { model: "m", messages: [{ role: "user", content: [{ type: "refusal", refusal: "no" }] }] },
      "messages[0].content[0].type",
    ],
    [
      "audio of an earlier answer",
      { model: "m", messages: [{ role: "assistant", audio: { id: "audio_1" } }] },
      "messages[0].audio",
    ],
    [
      "a Responses body on the chat route whose reasoning is a string",
      { model: "m", input: "x", reasoning: "high" },
      "reasoning",
    ],
    [
      "audio output",
      { model: "m", messages: [user], modalities: ["text", "audio"], audio: { voice: "x" } },
      "modalities",
    ],
    [
      "a call without a name",
      { model: "m", messages: [{ role: "assistant", tool_calls: [{ id: "c", type: "function", function: {} }] }] },
      "messages[0].tool_calls[0].function.name",
    ],
    [
      "a tool without a name",
      { model: "m", messages: [user], tools: [tool, { type: "function", function: {} }] },
      "tools[1].function.name",
    ],
    ["a tool without a type", { model: "m", messages: [user], tools: [{}] }, "tools[0].type"],
    ["tools that are an object", { model: "m", messages: [user], tools: { a: 1 } }, "tools"],
    ["a forced choice without tools", { model: "m", messages: [user], tool_choice: "required" }, "tool_choice"],
    ["an unknown tool_choice", { model: "m", messages: [user], tools: [tool], tool_choice: "maybe" }, "tool_choice"],
    ["stream that is a string", { model: "m", messages: [user], stream: "yes" }, "stream"],
    [
      "an unknown response_format",
      { model: "m", messages: [user], response_format: { type: "xml" } },
      "response_format.type",
    ],
    [
      "a schema without a schema",
      { model: "m", messages: [user], response_format: { type: "json_schema", json_schema: { name: "n" } } },
      "response_format.json_schema.schema",
    ],
  ])("refuses %s", (_name, body, param) => {
    expect(() => chatDialect.parseRequest(body, createContext())).toThrow(
      expect.objectContaining({ code: "request_invalid", status: 400, param }),
    );
  });
});
