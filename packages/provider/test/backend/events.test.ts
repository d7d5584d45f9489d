import { describe, expect, it } from "vitest";
import { eventsOfPlainAnswer, readResponseEvents, toResponseEvent } from "../../src/backend/events.js";
import { foldResponse } from "../../src/canonical/fold.js";

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

describe("eventsOfPlainAnswer", () => {
  it("is the stream that the answer stands for", async () => {
    const answer = {
      object: "response",
      id: "r",
      status: "completed",
      output: [{ type: "message", id: "m", content: [] }],
      usage: { total_tokens: 3 },
    };
    const events = eventsOfPlainAnswer(JSON.stringify(answer));
    expect(events && (await foldResponse(events))).toEqual(answer);
  });

  it("is nothing for other JSON", () => {
    for (const text of ["{}", "[]", "null", "", '{"object":"list"}']) expect(eventsOfPlainAnswer(text)).toBeUndefined();
  });
});
