import { chatDialect, responsesDialect } from "@codex/provider";
import type { ReceivedRequest } from "@codex/simulator";
import { describe, expect, it } from "vitest";
import { openClient, script } from "../open-client.js";

/** The shape of what the Codex CLI sends for its newer models, with words of our own. */

const text = (role: string, ...words: string[]) => ({
  type: "message",
  id: `msg_${role}`,
  role,
  content: words.map((word) => ({ type: "input_text", text: word })),
  internal_chat_message_metadata_passthrough: { turn_id: "turn-1", content_item_kinds: words.map(() => "made.up") },
});
const strictSchema = {
  type: "object",
  properties: { a: { type: "string" } },
  required: ["a"],
  additionalProperties: false,
};
const functionTool = { type: "function", name: "wait", description: "Waits.", strict: true, parameters: strictSchema };
const execTool = {
  type: "custom",
  name: "exec",
  description: "Runs code.",
  format: { type: "grammar", syntax: "lark", definition: "start: /.+/" },
};
const toolItem = {
  type: "additional_tools",
  id: "at_1",
  role: "developer",
  tools: [
    { type: "namespace", name: "functions", description: "", tools: [execTool, functionTool] },
    { type: "namespace", name: "clock", description: "Time.", tools: [{ ...functionTool, name: "now" }] },
  ],
};
const base = text("developer", "You work in a made-up workspace.");
const more = text("developer", "<skills>None.</skills>", "<permissions>All.</permissions>");
const cliBody = (prompt: string, fields: object = {}) => ({
  model: "gpt-6.2-sol",
  stream: true,
  input: [toolItem, base, more, text("user", "<environment/>"), text("user", prompt)],
  tool_choice: "auto",
  parallel_tool_calls: false,
  reasoning: { effort: "low", context: "all_turns" },
  store: false,
  include: ["reasoning.encrypted_content"],
  prompt_cache_key: "01a204e2-53b8-7cc2-a584-c964bb199d70",
  text: { verbosity: "low" },
  client_metadata: { thread_id: "thread-1", "x-codex-window-id": "thread-1:0" },
  ...fields,
});
const liteHeader = "x-openai-internal-codex-responses-lite";
const spoken = { [liteHeader]: "true", originator: "codex_exec" };
const demanding = { questions: { responsesLite: "required" } } as const;

interface Sent {
  instructions?: string;
  input: Record<string, unknown>[];
  tools?: { name?: string; type: string }[];
  parallel_tool_calls: boolean;
  reasoning: Record<string, unknown>;
}
const bodyOf = (request: ReceivedRequest | undefined) => (request?.body ?? {}) as Sent;
const withoutIds = (items: Record<string, unknown>[]) => items.map(({ id: _id, ...item }) => item);

describe("a caller that speaks responses-lite", () => {
  it.each(["auto", "on", "off"] as const)("is sent on as it spoke, at once, with mode %s", async (mode) => {
    const { send, responses } = await openClient({ mode }, demanding);
    const body = cliBody(script({ text: "As you wish." }));
    const reply = await send(responsesDialect, body, { headers: spoken });
    expect(reply.text).toContain("As you wish.");
    expect(reply.headers["x-codex-adjusted"]).toBeUndefined();
    const [request, ...others] = responses();
    expect(others).toEqual([]);
    expect(request?.headers[liteHeader]).toBe("true");
    const sent = bodyOf(request);
    expect(sent.input).toEqual(withoutIds(body.input));
    expect(sent.instructions ?? "").toBe("");
    expect(sent.tools).toBeUndefined();
    expect(sent.parallel_tool_calls).toBe(false);
    expect(sent.reasoning).toEqual({ effort: "low", context: "all_turns" });
  });

  it.each([
    ["the header is lost on the way", cliBody("hi"), {}],
    ["its context is left out", cliBody("hi", { reasoning: { effort: "low" } }), spoken],
    [
      "its tools and instructions stand where others have them",
      {
        ...cliBody("hi", { instructions: "You work in a made-up workspace.", tools: toolItem.tools }),
        input: [text("user", "hi")],
      },
      spoken,
    ],
    ["it asks for parallel calls", cliBody("hi", { parallel_tool_calls: true }), spoken],
  ])("gets header and shape together where %s", async (_name, body, headers) => {
    const { send, responses } = await openClient({}, demanding);
    expect((await send(responsesDialect, body, { headers })).status).toBe(200);
    expect(responses()).toHaveLength(1);
    expect(responses()[0]?.headers[liteHeader]).toBe("true");
    const { input, instructions, parallel_tool_calls, reasoning } = bodyOf(responses()[0]);
    expect(input.map((item) => item.type)[0]).toBe("additional_tools");
    expect(input.filter((item) => item.type === "additional_tools")).toHaveLength(1);
    expect(input[0]?.tools).toEqual(toolItem.tools);
    expect(JSON.stringify(input[1])).toContain("You work in a made-up workspace.");
    expect([instructions ?? "", parallel_tool_calls, reasoning.context]).toEqual(["", false, "all_turns"]);
  });

  it("is told that calls come one at a time where it asks for parallel ones, and refused with that under strict", async () => {
    const { send, responses } = await openClient({}, demanding);
    const body = cliBody("hi", { parallel_tool_calls: true });
    const told = await send(responsesDialect, body, { headers: spoken });
    expect(told.headers["x-codex-adjusted"]).toContain('"parallel_tool_calls";action=clamped');
    const strict = await send(responsesDialect, body, { headers: { ...spoken, "x-codex-strict": "1" } });
    expect(strict.status).toBe(400);
    expect(responses()).toHaveLength(1);
  });

  it("keeps a later change of its tools where it is", async () => {
    const { send, responses } = await openClient({}, demanding);
    const later = { type: "additional_tools", role: "developer", tools: [{ ...functionTool, name: "later" }] };
    const body = cliBody("hi");
    const input = [...body.input, later, text("user", "and now?")];
    expect((await send(responsesDialect, { ...body, input }, { headers: spoken })).status).toBe(200);
    expect(bodyOf(responses()[0]).input).toEqual(withoutIds(input));
  });

  it("that brings no instructions gets ours behind its tools", async () => {
    const { send, responses } = await openClient({}, demanding);
    const body = cliBody("hi", { input: [toolItem, text("user", "hi")] });
    expect((await send(responsesDialect, body, { headers: spoken })).status).toBe(200);
    const { input } = bodyOf(responses()[0]);
    expect(input.map((item) => item.role ?? item.type)).toEqual(["developer", "developer", "user"]);
    expect(input[0]?.type).toBe("additional_tools");
  });

  it("is understood by a backend that refuses the shape: its tools and instructions are sent as others have them", async () => {
    const { send, responses } = await openClient({}, { questions: { responsesLite: "refused" } });
    const body = cliBody(script({ text: "Plain then." }));
    expect((await send(responsesDialect, body, { headers: spoken })).text).toContain("Plain then.");
    expect((await send(responsesDialect, body, { headers: spoken })).status).toBe(200);
    expect(responses().map((request) => request.headers[liteHeader])).toEqual(["true", undefined, undefined]);
    const sent = bodyOf(responses()[1]);
    expect(sent.tools).toEqual(toolItem.tools);
    expect(sent.input).toEqual(withoutIds(body.input.slice(1)));
  });

  it("is not sent in the shape to a model that is known not to speak it", async () => {
    const { send, responses } = await openClient({}, demanding);
    const body = cliBody("hi", { model: "gpt-5.5" });
    expect((await send(responsesDialect, body, { headers: spoken })).status).toBe(200);
    expect(responses()).toHaveLength(1);
    expect(responses()[0]?.headers[liteHeader]).toBeUndefined();
    const sent = bodyOf(responses()[0]);
    expect(sent.tools).toEqual(toolItem.tools);
    expect(sent.instructions).toContain("You work in a made-up workspace.");
    expect(sent.input.map((item) => item.role)).toEqual(["user", "user"]);
  });

  it("can choose one of its tools", async () => {
    const { send, responses } = await openClient({}, demanding);
    const body = cliBody("hi", { tool_choice: { type: "function", name: "wait" } });
    expect((await send(responsesDialect, body, { headers: spoken })).status).toBe(200);
    expect(responses()[0]?.body).toMatchObject({ tool_choice: { type: "function", name: "wait" } });
  });
});

describe("a caller that does not", () => {
  it("is sent without header and shape, where neither is demanded", async () => {
    const { send, responses } = await openClient();
    const tools = [{ type: "function", function: { name: "f", parameters: strictSchema } }];
    const messages = [{ role: "user", content: "hi" }];
    expect((await send(chatDialect, { model: "gpt-6.2-sol", messages, tools })).status).toBe(200);
    expect(responses()[0]?.headers[liteHeader]).toBeUndefined();
    expect(bodyOf(responses()[0]).tools).toHaveLength(1);
  });

  it("with a hosted tool is not sent in the shape, which has no place for it", async () => {
    const { send, responses } = await openClient();
    const body = cliBody("hi", { tools: [{ type: "web_search" }] });
    expect((await send(responsesDialect, body, { headers: spoken })).status).toBe(200);
    expect(responses()[0]?.headers[liteHeader]).toBeUndefined();
    expect(bodyOf(responses()[0]).tools?.map(({ type }) => type)).toEqual(["namespace", "namespace", "web_search"]);
  });
});
