import { describe, expect, it } from "vitest";
import { createEvent, type ResponseEvent } from "../../../src/canonical/events.js";
import type { Dialect } from "../../../src/dialects/dialect.js";
import { chatDialect, responsesDialect } from "../../../src/dialects/index.js";
import { createContext, playFinal, playStream } from "../play.js";
import { call, stream } from "../streams.js";

const long = `mcp.server/${"x".repeat(80)}`;
const odd = "wetter für heute";
const taken = "wetter_f_r_heute";
const names = [long, odd, taken];

const bodies: [string, Dialect, object][] = [
  [
    "chat",
    chatDialect,
    {
      model: "m",
      messages: [
        { role: "user", content: "x" },
        { role: "assistant", tool_calls: [{ id: "c", type: "function", function: { name: odd, arguments: "{}" } }] },
        { role: "tool", tool_call_id: "c", content: "x" },
      ],
      tools: names.map((name) => ({ type: "function", function: { name } })),
      tool_choice: { type: "function", function: { name: odd } },
    },
  ],
  [
    "responses",
    responsesDialect,
    {
      model: "m",
      input: [
        { role: "user", content: "x" },
        { type: "function_call", call_id: "c", name: odd, arguments: "{}" },
        { type: "function_call_output", call_id: "c", output: "x" },
      ],
      tools: names.map((name) => ({ type: "function", name })),
      tool_choice: { type: "allowed_tools", mode: "auto", tools: [{ type: "function", name: odd }] },
    },
  ],
];

/** An answer that calls every tool by the name that was sent. */
function answer(sent: unknown[]): ResponseEvent[] {
  return stream(
    sent.flatMap((name, index) => {
      const { begin, pieces, end } = call(index, String(name), ["{}"]);
      return [...begin, ...pieces, ...end];
    }),
  ).map((event) =>
    event.type === "response.function_call_arguments.done" ? createEvent({ ...event.data, name: sent[0] }) : event,
  );
}

describe.each(bodies)("tool names in %s", (_name, dialect, body) => {
  const context = createContext();
  const { request, reply } = dialect.parseRequest(body, context);
  const sent = (request.tools ?? []).map((tool) => tool.name);

  it("sends names that fit, each of its own, and says so", () => {
    expect(sent).toEqual([`mcp_server_${"x".repeat(53)}`, "wetter_f_r_heute_2", taken]);
    expect(request.input[1]).toMatchObject({ name: "wetter_f_r_heute_2" });
    expect(JSON.stringify(request.tool_choice)).toContain('"wetter_f_r_heute_2"');
    expect(context.adjustments).toMatchObject([
      { field: "tools[0].name", action: "mapped" },
      { field: "tools[1].name", action: "mapped", detail: "sent as wetter_f_r_heute_2" },
    ]);
  });

  it("answers with the caller's names, streamed and plain", () => {
    const events = answer(sent);
    for (const wire of [playStream(dialect, events, reply), JSON.stringify(playFinal(dialect, events, reply))]) {
      for (const name of names) expect(wire).toContain(JSON.stringify(name));
      expect(wire).not.toContain("wetter_f_r_heute_2");
      expect(wire).not.toContain("mcp_server_");
    }
  });
});

it("leaves a request alone whose names all fit", () => {
  const body = { model: "m", input: "x", tools: [{ type: "function", name: "a-b_C9" }] };
  const { reply, request } = responsesDialect.parseRequest(body, createContext());
  expect(request.tools).toBe(reply.request?.tools);
  expect(reply).not.toHaveProperty("toolNames");
});

it("renames inside namespaces and inside the input, namespaces themselves included", () => {
  const inner = { type: "function", name: odd };
  const body = {
    model: "m",
    input: [
      { type: "additional_tools", role: "developer", tools: [{ type: "custom", name: odd }] },
      { type: "function_call", call_id: "c", name: odd, namespace: "mcp.server", arguments: "{}" },
    ],
    tools: [{ type: "namespace", name: "mcp.server", tools: [inner] }],
  };
  const { request, reply } = responsesDialect.parseRequest(body, createContext());
  expect(request.tools).toMatchObject([{ name: "mcp_server", tools: [{ name: taken }] }]);
  expect(request.input).toMatchObject([{ tools: [{ name: taken }] }, { name: taken, namespace: "mcp_server" }]);
  const called = { type: "function_call", call_id: "d", name: taken, namespace: "mcp_server", arguments: "{}" };
  const done = { type: "response.output_item.done", output_index: 0, item: called };
  expect(playFinal(responsesDialect, stream([done]), reply)).toMatchObject({
    output: [{ name: odd, namespace: "mcp.server" }],
  });
});
