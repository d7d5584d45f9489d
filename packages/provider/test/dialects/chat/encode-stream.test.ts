import { CodexError, UpstreamError } from "@codex/errors";
import { describe, expect, it } from "vitest";
import { createEvent, ResponseEvent } from "../../../src/canonical/events.js";
import { chatDialect } from "../../../src/dialects/index.js";
import { createContext, playStream, readWire } from "../play.js";
import { failed, madeUpStreams, message, stream } from "../streams.js";
import { foldChunks } from "./fold-chunks.js";

const reply = chatDialect.parseRequest(
  { model: "gpt-6-sol", messages: [{ role: "user", content: "Hi" }], stream: true },
  createContext(),
).reply;
const text = madeUpStreams.text ?? [];
const cut = text.slice(0, 6);

describe("the chat encoder", () => {
  it("copies a delta's own escapes, byte by byte", () => {
    const raw =
      '{"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"\\u00e4\\/\\ud83c\\udf88"}';
    const encoder = chatDialect.createEncoder(reply);
    expect(encoder.event(new ResponseEvent("response.output_text.delta", raw))).toContain(
      '{"content":"\\u00e4\\/\\ud83c\\udf88"}',
    );
  });

  it("sends no usage chunk and no usage field when none was asked for", () => {
    const chunks = readWire(playStream(chatDialect, text, reply));
    expect(chunks.every((chunk) => !("usage" in chunk) && (chunk.choices as unknown[]).length === 1)).toBe(true);
  });

  it("ends a finished stream with [DONE]", () => {
    expect(playStream(chatDialect, text, reply).endsWith('"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n')).toBe(true);
  });

  it("says that the answer is not whole when the events just end", () => {
    const wire = playStream(chatDialect, cut, reply);
    expect(readWire(wire).at(-1)).toMatchObject({ error: { code: "stream_interrupted", type: "server_error" } });
    expect(wire).not.toContain("[DONE]");
  });

  it("writes an error in-band once, and nothing after it", () => {
    const encoder = chatDialect.createEncoder(reply);
    for (const event of cut) encoder.event(event);
    const error = new UpstreamError("usage_limit_reached", "No more today.", { resetsAt: 1790000999 });
    expect(readWire(encoder.error(error))).toEqual([
      {
        error: {
          message: "No more today.",
          type: "usage_limit_reached",
          param: null,
          code: "insufficient_quota",
          resets_at: 1790000999,
        },
      },
    ]);
    expect(encoder.error(error) + encoder.end() + text.map((event) => encoder.event(event)).join("")).toBe("");
  });

  it("writes no error after the answer is complete", () => {
    const encoder = chatDialect.createEncoder(reply);
    for (const event of text) encoder.event(event);
    expect(encoder.error(new CodexError("internal", "late"))).toBe("");
    expect(encoder.end()).toBe("data: [DONE]\n\n");
  });

  it("turns a failure event into the in-band error, once", () => {
    const error = { code: "server_error", message: "It broke." };
    const events = [...cut, createEvent({ type: "error", error }), ...stream([], failed("server_error", "It broke."))];
    const errors = readWire(playStream(chatDialect, events, reply)).filter((chunk) => "error" in chunk);
    expect(errors).toEqual([
      {
        error: {
          message: "It broke.",
          type: "server_error",
          param: null,
          code: "upstream_rejected",
          upstream: "server_error",
        },
      },
    ]);
  });

  it("keeps alive with a comment", () => {
    expect(chatDialect.createEncoder(reply).keepAlive()).toMatch(/^: .*\n\n$/);
  });

  it("still begins with a role when the backend sends no response.created", () => {
    const chunks = readWire(playStream(chatDialect, text.slice(2), reply));
    expect(chunks[0]).toMatchObject({ id: "chatcmpl-0", choices: [{ delta: { role: "assistant" } }] });
  });

  it("waits for response.created with the first chunk when metadata comes before it", () => {
    const early = createEvent({ type: "codex.rate_limits", plan_type: "plus" });
    const chunks = readWire(playStream(chatDialect, [early, ...text], reply));
    expect(new Set(chunks.map((chunk) => chunk.id))).toEqual(new Set(["chatcmpl-made0up0001"]));
  });

  it("reads a response.created of another shape", () => {
    const created = createEvent({ type: "response.created", response: { created_at: 17.5, id: "other" } });
    expect(readWire(chatDialect.createEncoder(reply).event(created))[0]).toMatchObject({
      id: "chatcmpl-other",
      created: 17,
    });
  });

  it.each([
    ["without output_index", ["output_index"]],
    ["without content_index and output_index", ["content_index", "output_index"]],
    ["without item ids", ["item_id"]],
  ])("knows the place of an event %s", (_name, keys) => {
    const events = stream([...message(0, ["One", " two"]), ...message(1, ["Three"])]).map((event) => {
      const data = { ...event.data };
      for (const key of keys) delete data[key];
      return createEvent(data);
    });
    expect(foldChunks(readWire(playStream(chatDialect, events, reply))).content).toBe("One two\n\nThree");
  });

  it("takes response.done, the old name, for the end", () => {
    const events = text.map((event) =>
      event.type === "response.completed" ? createEvent({ ...event.data, type: "response.done" }) : event,
    );
    expect(playStream(chatDialect, events, reply)).toContain('"finish_reason":"stop"');
  });
});
