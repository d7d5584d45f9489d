import { describe, expect, it } from "vitest";
import { responsesDialect } from "../../../src/dialects/index.js";
import { createContext } from "../play.js";

type Fields = Record<string, unknown>;

function parse(fields: Fields) {
  const context = createContext();
  const parsed = responsesDialect.parseRequest({ model: "gpt-6-sol", input: "Hi", ...fields }, context);
  return { ...parsed, adjustments: context.adjustments };
}

function items(...input: unknown[]) {
  return parse({ input }).request.input;
}

describe("responses input", () => {
  it("makes a user message of a string", () => {
    expect(parse({}).request.input).toEqual([
      { type: "message", role: "user", content: [{ type: "input_text", text: "Hi" }] },
    ]);
  });

  it("takes items without a type and content strings as messages of their role", () => {
    expect(
      items({ role: "developer", content: "a" }, { role: "user", content: "b" }, { role: "assistant", content: "c" }),
    ).toEqual([
      { type: "message", role: "developer", content: [{ type: "input_text", text: "a" }] },
      { type: "message", role: "user", content: [{ type: "input_text", text: "b" }] },
      { type: "message", role: "assistant", content: [{ type: "output_text", text: "c" }] },
    ]);
  });

  it("takes the text parts that the OpenAI Agents SDK replays, and keeps an item's own fields", () => {
    const replayed = { id: "msg_1", type: "message", role: "assistant", status: "completed", phase: "final_answer" };
    expect(items({ ...replayed, content: [{ type: "text", text: "a" }] })).toEqual([
      { ...replayed, content: [{ type: "output_text", text: "a" }] },
    ]);
  });

  it("lets every other item through, known or not", () => {
    const input = [
      { type: "reasoning", id: "rs_1", summary: [], encrypted_content: "gAAA" },
      { type: "function_call", id: "fc_1", call_id: "c1", name: "look", arguments: "{}", namespace: "n" },
      { type: "function_call_output", call_id: "c1", output: "seen" },
      { type: "custom_tool_call_output", call_id: "c2", output: [{ type: "input_text", text: "x" }] },
      { type: "web_search_call", status: "completed", action: { type: "search" } },
      { type: "item_reference", id: "msg_1" },
      { type: "sparkle", sparkle: true },
    ];
    expect(items(...input)).toEqual(input);
  });
});

describe("a tool's output that is no text", () => {
  it.each([
    ["an object", { a: 1 }, '{"a":1}'],
    ["a list of objects", [{ a: 1 }], '[{"a":1}]'],
    ["a number", 0, "0"],
  ])("is sent as JSON where it is %s, and told", (_name, output, sent) => {
    for (const type of ["function_call_output", "custom_tool_call_output"]) {
      const { request, adjustments } = parse({ input: [{ type, call_id: "c", output }] });
      expect(request.input).toEqual([{ type, call_id: "c", output: sent }]);
      expect(adjustments).toEqual([
        { field: "input[].output", action: "mapped", detail: expect.stringContaining("JSON") },
      ]);
    }
  });
});

describe("responses input that SDKs have written out", () => {
  it("leaves out what is null, what was parsed, and the status of reasoning", () => {
    expect(
      items(
        { type: "reasoning", id: "rs_1", encrypted_content: "gAAA", status: "completed", content: null },
        {
          type: "function_call",
          call_id: "c",
          name: "look",
          arguments: '{"a":1}',
          parsed_arguments: { a: 1 },
          id: null,
        },
        { type: "web_search_call", id: "ws_1", status: "completed", action: null },
      ),
    ).toEqual([
      { type: "reasoning", id: "rs_1", summary: [], encrypted_content: "gAAA" },
      { type: "function_call", call_id: "c", name: "look", arguments: '{"a":1}' },
      { type: "web_search_call", id: "ws_1", status: "completed" },
    ]);
  });

  it("says whether functions are strict inside the input and inside namespaces too", () => {
    const tool = { type: "function", name: "a", parameters: { type: "object", properties: { b: { type: "string" } } } };
    const tools = [{ type: "namespace", name: "n", tools: [tool] }];
    const strict = [{ type: "namespace", name: "n", tools: [{ ...tool, strict: false }] }];
    expect(items({ type: "additional_tools", role: "developer", tools })).toEqual([
      { type: "additional_tools", role: "developer", tools: strict },
    ]);
    expect(parse({ tools }).request.tools).toEqual(strict);
  });
});

describe("responses fields", () => {
  it("keeps fields that it does not know, and those that the backend will refuse: that is judged later", () => {
    const fields = {
      temperature: 0.5,
      include: ["x"],
      made_up: { a: 1 },
      store: true,
      top_p: 0.1,
    };
    expect(parse(fields).request).toMatchObject(fields);
  });

  it("reads where the answer is to end, and still echoes it", () => {
    const { request, end, reply, adjustments } = parse({ max_output_tokens: 10 });
    expect(request).not.toHaveProperty("max_output_tokens");
    expect([end, reply.request?.max_output_tokens]).toEqual([{ maxTokens: 10 }, 10]);
    expect(adjustments).toMatchObject([{ field: "max_output_tokens", action: "emulated" }]);
    expect(() => parse({ max_output_tokens: 0 })).toThrow(expect.objectContaining({ param: "max_output_tokens" }));
  });

  it("takes null and empty for not set, as LlamaIndex sends them", () => {
    const unset = { previous_response_id: null, metadata: {}, truncation: null, user: "", include: [], tools: [] };
    const nested = {
      reasoning: { effort: null, summary: "" },
      text: { format: null, verbosity: "low" },
      instructions: "",
    };
    const { request } = parse({ ...unset, ...nested, tool_choice: "auto" });
    expect(request).toEqual({ model: "gpt-6-sol", input: request.input, text: { verbosity: "low" } });
  });

  it("is plain unless a stream is asked for", () => {
    expect(parse({}).stream).toBe(false);
    const { request, stream } = parse({
      stream: true,
      background: false,
    });
    expect(stream).toBe(true);
    expect(Object.keys(request)).toEqual(["model", "input"]);
  });

  it("always says whether a function is strict: as the schema allows, where the caller does not", () => {
    const open = { type: "object", properties: { a: { type: "string" } } };
    const closed = { ...open, required: ["a"], additionalProperties: false };
    const nested = { ...closed, properties: { a: { type: "array", items: open } } };
    const { request } = parse({
      tools: [
        { type: "function", name: "a", parameters: open },
        { type: "function", name: "b", parameters: closed },
        { type: "function", name: "c", parameters: nested },
        { type: "function", name: "d", parameters: open, strict: true },
        { type: "function", name: "e", parameters: closed, strict: false },
        { type: "function", function: { name: "f", parameters: closed } },
        { type: "function", name: "g", parameters: { anyOf: [closed] } },
        { type: "function", name: "h", parameters: { ...closed, properties: { a: { type: "array" } } } },
        { type: "function", name: "i", parameters: { ...closed, properties: { a: { type: "string", default: "" } } } },
      ],
    });
    expect(request.tools?.map((tool) => [tool.name, tool.strict])).toEqual([
      ["a", false],
      ["b", true],
      ["c", false],
      ["d", true],
      ["e", false],
      ["f", false],
      ["g", false],
      ["h", false],
      ["i", false],
    ]);
  });

  it("knows the summary of reasoning by its older name", () => {
    const { request, adjustments } = parse({ reasoning: { generate_summary: "concise", effort: "low" } });
    expect(request.reasoning).toEqual({ effort: "low", summary: "concise" });
    expect(adjustments).toMatchObject([{ field: "reasoning.generate_summary", action: "mapped" }]);
    expect(parse({ reasoning: { generate_summary: "concise", summary: "auto" } }).request.reasoning).toEqual({
      summary: "auto",
    });
  });

  it("adds the word JSON for json_object where the input lacks it", () => {
    const { request, adjustments } = parse({ text: { format: { type: "json_object" } } });
    expect(request.input).toHaveLength(2);
    expect(adjustments).toMatchObject([{ field: "text.format", action: "mapped" }]);
  });

  it("accepts a tool_choice that refers to tools inside the input", () => {
    const input = [{ type: "additional_tools", role: "developer", tools: [{ type: "function", name: "a" }] }];
    expect(parse({ input, tool_choice: "required" }).request.tool_choice).toBe("required");
  });
});

describe("invalid responses requests", () => {
  it.each<[string, unknown, string | undefined]>([
    ["a list", [], undefined],
    ["no model", { input: "Hi" }, "model"],
    ["no input", { model: "m" }, "input"],
    ["chat messages", { model: "m", messages: [{ role: "user", content: "Hi" }] }, "input"],
    ["input that is a number", { model: "m", input: 4 }, "input"],
    ["an item that is a string", { model: "m", input: ["Hi"] }, "input[0]"],
    ["an item that is nothing", { model: "m", input: [{ content: "x" }] }, "input[0].type"],
    ["an unknown role", { model: "m", input: [{ role: "tool", content: "x" }] }, "input[0].role"],
    [
      "a call without a name",
      { model: "m", input: [{ type: "function_call", call_id: "c", arguments: "{}" }] },
      "input[0].name",
    ],
    ["audio", { model: "m", input: [{ role: "user", content: [{ type: "input_audio" }] }] }, "input[0].content[0]"],
    [
      "an image's id",
      { model: "m", input: [{ role: "user", content: [{ type: "input_image", file_id: "file_1" }] }] },
      "input[0].content[0].file_id",
    ],
    [
      "a namespace whose tool has no name",
      { model: "m", input: "x", tools: [{ type: "namespace", name: "n", tools: [{ type: "function" }] }] },
      "tools[0].tools[0].name",
    ],
    ["a tool without a name", { model: "m", input: "x", tools: [{ type: "function" }] }, "tools[0].name"],
    ["a background response", { model: "m", input: "x", background: true }, "background"],
    ["an effort that is a number", { model: "m", input: "x", reasoning: { effort: 3 } }, "reasoning.effort"],
    ["a format without a type", { model: "m", input: "x", text: { format: { schema: {} } } }, "text.format.type"],
    ["include that holds numbers", { model: "m", input: "x", include: [1] }, "include[0]"],
    ["instructions that are a list", { model: "m", input: "x", instructions: ["a"] }, "instructions"],
  ])("refuses %s", (_name, body, param) => {
    expect(() => responsesDialect.parseRequest(body, createContext())).toThrow(
      expect.objectContaining({ code: "request_invalid", status: 400, param }),
    );
  });
});
