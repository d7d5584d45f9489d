import { describe, expect, it } from "vitest";
import { readResponseEvents, toResponseEvent } from "../../src/backend/events.js";

const frame = (data: object & { type: string }) => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;

async function* bytes(...reads: string[]) {
  for (const read of reads) yield [Buffer.from(read)];
}

async function collect(...reads: string[]) {
  const seen: string[] = [];
  const codex: string[] = [];
  let error: unknown;
  try {
    const options = { now: () => 0, onCodexEvent: (event: { type: string }) => codex.push(event.type) };
    for await (const batch of readResponseEvents(bytes(...reads), options))
      seen.push(batch.map((e) => e.type).join("+"));
  } catch (thrown) {
    error = thrown;
  }
  return { seen, codex, error };
}

const created = { type: "response.created", response: { id: "r" } };
const delta = { type: "response.output_text.delta", delta: "x" };
const completed = { type: "response.completed", response: { id: "r" } };

describe("readResponseEvents", () => {
  it("gives a batch a read and ends at the terminal event", async () => {
    const { seen, error } = await collect(
      frame(created) + frame(delta),
      frame(delta) + frame(completed) + frame(delta),
      frame(delta),
    );
    expect(seen).toEqual([
      "response.created+response.output_text.delta",
      "response.output_text.delta+response.completed",
    ]);
    expect(error).toBeUndefined();
  });

  it("throws what a failure event tells, after the events before it", async () => {
    const failed = { type: "response.failed", response: { error: { code: "server_is_overloaded", message: "busy" } } };
    const { seen, error } = await collect(frame(created) + frame(delta) + frame(failed));
    expect(seen).toEqual(["response.created+response.output_text.delta"]);
    expect(error).toMatchObject({ code: "upstream_overloaded" });
  });

  it("knows a stream that was cut off", async () => {
    expect((await collect(frame(created), frame(delta).slice(0, -5))).error).toMatchObject({
      code: "stream_interrupted",
    });
    expect((await collect()).error).toMatchObject({ code: "stream_interrupted" });
  });

  it.each([
    ["without its blank line", frame(completed).slice(0, -2)],
    ["without the second line feed", frame(completed).slice(0, -1)],
    ["with CR LF and no blank line", frame(completed).slice(0, -2).replaceAll("\n", "\r\n")],
    ["with CR LF and half a blank line", frame(completed).slice(0, -1).replaceAll("\n", "\r\n")],
    ["without an event line", frame(completed).slice(frame(completed).indexOf("data:"), -2)],
  ])("counts a terminal event %s at a clean end of the body", async (_name, end) => {
    for (const at of [0, 5, end.length - 3, end.length]) {
      const { seen, error } = await collect(frame(created) + frame(delta), end.slice(0, at), end.slice(at));
      expect(error).toBeUndefined();
      expect(seen.join("+")).toBe("response.created+response.output_text.delta+response.completed");
    }
  });

  it("doesn't count an end that was cut, one that is no end, or one before a broken connection", async () => {
    for (const end of [frame(completed).slice(0, -3), frame(completed).slice(0, -9), frame(delta).slice(0, -2)]) {
      expect((await collect(frame(created), end)).error).toMatchObject({ code: "stream_interrupted" });
    }
    async function* broken() {
      yield [Buffer.from(frame(completed).slice(0, -2))];
      throw new Error("reset");
    }
    await expect(readResponseEvents(broken(), { now: () => 0 }).next()).rejects.toThrow("reset");
  });

  it("takes a failure without its blank line as the failure that it is", async () => {
    const failed = { type: "response.failed", response: { error: { code: "slow_down", message: "busy" } } };
    expect((await collect(frame(created), frame(failed).slice(0, -2))).error).toMatchObject({
      code: "upstream_overloaded",
    });
  });

  it.each(["response.completed", "response.done", "response.incomplete"])(
    "takes %s whose response has failed or was cancelled for a failure",
    async (type) => {
      const error = { code: "server_is_overloaded", message: "busy" };
      const failed = await collect(frame(created), frame({ type, response: { status: "failed", error } } as never));
      expect(failed.seen).toEqual(["response.created"]);
      expect(failed.error).toMatchObject({ code: "upstream_overloaded" });
      const bare = await collect(frame({ type, response: { status: "failed" } } as never));
      expect(bare.error).toMatchObject({ code: "upstream_rejected", message: expect.stringContaining("as failed") });
      const cancelled = await collect(frame({ type, response: { status: "cancelled", error: null } } as never));
      expect(cancelled.error).toMatchObject({
        code: "upstream_rejected",
        message: expect.stringContaining("as cancelled"),
      });
      const incomplete = await collect(frame({ type, response: { status: "incomplete" } } as never));
      expect(incomplete).toMatchObject({ seen: [type], error: undefined });
    },
  );

  it("tells of the backend's own events and passes them", async () => {
    const { seen, codex } = await collect(frame({ type: "codex.rate_limits" }) + frame(completed));
    expect(codex).toEqual(["codex.rate_limits"]);
    expect(seen).toEqual(["codex.rate_limits+response.completed"]);
  });

  it("skips [DONE] and text that is no event", async () => {
    const { seen, error } = await collect(
      "data: [DONE]\n\n",
      "data: hello\n\n",
      'data: {"broken\n\n',
      frame(completed),
    );
    expect(seen).toEqual(["response.completed"]);
    expect(error).toBeUndefined();
  });
});

describe("toResponseEvent", () => {
  it.each([
    ["the type first", '{"type":"a.b","x":1}'],
    ["the type later", '{"x":1,"type":"a.b"}'],
    ["white space", '{ "type" : "a.b", "x": 1 }'],
    ["an escaped type", '{"type":"a\\u002eb","x":1}'],
    ["several lines", '{"type":"a.b",\n"x":1}'],
  ])("reads an event with %s, whatever the event line says", (_name, data) => {
    const event = toResponseEvent("something.else", data);
    expect(event).toMatchObject({ type: "a.b" });
    expect(event?.data).toEqual({ type: "a.b", x: 1 });
    expect(event?.raw).not.toContain("\n");
  });

  it("does not lose a damaged event of the response", () => {
    for (const data of ['{"type":"response.output_text.delta","delta":"x', '{"x":', "delta"]) {
      expect(() => toResponseEvent("response.output_text.delta", data)).toThrowError(
        expect.objectContaining({ code: "stream_interrupted" }),
      );
    }
  });

  it("has no event for an object without a type", () => {
    expect(toResponseEvent(undefined, '{"x":1}')).toBeUndefined();
  });
});
