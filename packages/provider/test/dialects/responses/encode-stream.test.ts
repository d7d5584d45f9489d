import { CodexError, UpstreamError } from "@codex/errors";
import { describe, expect, it } from "vitest";
import { createEvent, ResponseEvent } from "../../../src/canonical/events.js";
import { responsesDialect } from "../../../src/dialects/index.js";
import { createContext, playStream, readWire } from "../play.js";
import { completed, failed, madeUpStreams, stream } from "../streams.js";
import { publicFields } from "./public-fields.js";

const tools = [{ type: "function", name: "look", parameters: { type: "object", properties: {} } }];
const { reply } = responsesDialect.parseRequest(
  { model: "sol", input: "Hi", tools, tool_choice: { type: "function", name: "look" }, top_p: 0.2, user: "me" },
  createContext(),
);
const text = madeUpStreams.text ?? [];
const cut = text.slice(0, 6);

describe("the responses encoder", () => {
  it("copies the text of an event that needs no change", () => {
    const delta = text[4] as ResponseEvent;
    const wire = playStream(responsesDialect, text, reply);
    expect(wire).toContain(`event: response.output_text.delta\ndata: ${delta.raw}\n\n`);
  });

  it("answers with the caller's own request, not with what the backend was asked", () => {
    const [created] = readWire(playStream(responsesDialect, text, reply)) as { response: Record<string, unknown> }[];
    expect(created?.response).toMatchObject({
      model: "sol",
      instructions: null,
      tools: [{ name: "look", strict: false }],
      tool_choice: { type: "function", name: "look" },
      top_p: 0.2,
      temperature: 1,
      user: "me",
      store: false,
      output: [],
      status: "in_progress",
    });
  });

  it("keeps the output that the backend completed with", () => {
    const item = { id: "msg_9", type: "message", role: "assistant", content: [] };
    const wire = playStream(responsesDialect, stream([], completed([item])), reply);
    expect(readWire(wire).at(-1)).toMatchObject({ response: { output: [item] } });
  });

  it("keeps what had come of an item that never got done", () => {
    const end = text.at(-1) as ResponseEvent;
    const wire = playStream(responsesDialect, [...cut, end], reply);
    const last = readWire(wire).at(-1) as { response: { output: { content: { text: string }[] }[] } };
    expect(last.response.output[0]?.content[0]?.text).toBe("Hello, ");
  });

  it("numbers events that have no number or another one", () => {
    const events = [
      new ResponseEvent("response.created", '{"type":"response.created","response":{"id":"resp_1"}}'),
      new ResponseEvent("a.b", '{"type":"a.b"}'),
      new ResponseEvent("a.b", '{"type":"a.b","sequence_number":77,"x":{"sequence_number":5}}'),
      new ResponseEvent("a.b", '{"type":"a.b","x":{"sequence_number":5},"sequence_number":77}'),
      new ResponseEvent("a.b", '{"type":"a.b","x":{"sequence_number":5},"y":"\\"sequence_number\\":9"}'),
      new ResponseEvent("a.b", '{"x":{"sequence_number":5},"sequence_number":7,"type":"a.b"}'),
      new ResponseEvent("a.b", '{"type":"a.b","sequence_number":null}'),
    ];
    const encoder = responsesDialect.createEncoder({ ...reply, speaksCodex: true });
    const data = readWire(events.map((event) => encoder.event(event)).join(""));
    expect(data.map((event) => event.sequence_number)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    for (const event of data) if ("x" in event) expect(event.x).toEqual({ sequence_number: 5 });
    expect(data[4]?.y).toBe('"sequence_number":9');
  });

  it("writes an error as the public API does, flat and nested, and lets the response fail", () => {
    const encoder = responsesDialect.createEncoder(reply);
    for (const event of cut) encoder.event(event);
    const wire = encoder.error(
      new UpstreamError("upstream_overloaded", "Too busy.", { upstreamCode: "server_is_overloaded" }),
    );
    const [error, failure] = readWire(wire) as Record<string, unknown>[];
    expect(error).toEqual({
      type: "error",
      code: "upstream_overloaded",
      message: "Too busy.",
      param: null,
      sequence_number: 6,
      error: {
        message: "Too busy.",
        type: "server_error",
        param: null,
        code: "upstream_overloaded",
        upstream: "server_is_overloaded",
      },
    });
    expect(failure).toMatchObject({
      type: "response.failed",
      sequence_number: 7,
      response: {
        id: "resp_made0up0001",
        status: "failed",
        error: { code: "server_is_overloaded", message: "Too busy." },
      },
    });
    expect(Object.keys(failure?.response as object)).toEqual(expect.arrayContaining(publicFields));
    expect(wire.startsWith("event: error\n")).toBe(true);
    expect(encoder.error(new CodexError("internal", "again")) + encoder.end()).toBe("");
  });

  it("writes only the error event when nothing had begun", () => {
    const wire = responsesDialect.createEncoder(reply).error(new CodexError("internal", "Sorry."));
    expect(readWire(wire)).toMatchObject([{ type: "error", code: "internal", sequence_number: 0 }]);
  });

  it("writes nothing after the response is complete, and no [DONE]", () => {
    const encoder = responsesDialect.createEncoder(reply);
    const wire = text.map((event) => encoder.event(event)).join("");
    expect(wire).not.toContain("[DONE]");
    expect(
      encoder.event(text[4] as ResponseEvent) + encoder.error(new CodexError("internal", "x")) + encoder.end(),
    ).toBe("");
  });

  it("says that the answer is not whole when the events just end", () => {
    const wire = playStream(responsesDialect, cut, reply);
    expect(readWire(wire).slice(-2)).toMatchObject([
      { type: "error", code: "stream_interrupted" },
      { type: "response.failed" },
    ]);
  });

  it("writes a failure that the backend tells of once", () => {
    const events = [
      ...cut,
      createEvent({ type: "error", message: "It broke." }),
      ...stream([], failed("x", "It broke.")),
    ];
    const types = readWire(playStream(responsesDialect, events, reply)).map((event) => event.type);
    expect(types.slice(6)).toEqual(["error", "response.failed"]);
  });

  it("keeps alive with a comment", () => {
    expect(responsesDialect.createEncoder(reply).keepAlive()).toMatch(/^: .*\n\n$/);
  });

  it("calls response.done by its new name", () => {
    const events = text.map((event) =>
      event.type === "response.completed" ? createEvent({ ...event.data, type: "response.done" }) : event,
    );
    expect(readWire(playStream(responsesDialect, events, reply)).at(-1)).toMatchObject({
      type: "response.completed",
      response: { status: "completed", output: [{ type: "message" }] },
    });
  });
});
