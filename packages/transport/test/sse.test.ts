import { createSseParser, readEvents } from "@codex/transport";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytes, cutsChangeNothing, parse, toEvent } from "./sse-properties.js";

describe("createSseParser", () => {
  it("reads the backend's usual framing", () => {
    expect(parse('event: response.created\ndata: {"type":"response.created"}\n\n')).toEqual([
      { event: "response.created", data: '{"type":"response.created"}' },
    ]);
  });

  it.each([
    ["data without an event line", "data: x\n\n", [{ event: undefined, data: "x" }]],
    ["no space after the colon", "event:a\ndata:x\n\n", [{ event: "a", data: "x" }]],
    ["only one space is taken", "data:  x\n\n", [{ event: undefined, data: " x" }]],
    ["data before event", "data: x\nevent: a\n\n", [{ event: "a", data: "x" }]],
    ["several data lines", "event: a\ndata: x\ndata: y\n\n", [{ event: "a", data: "x\ny" }]],
    ["a field without a colon", "event: a\ndata\n\n", [{ event: "a", data: "" }]],
    ["comments", ": ping\n\n:\n\ndata: x\n\n", [{ event: undefined, data: "x" }]],
    ["an event without data", "event: a\n\ndata: x\n\n", [{ event: undefined, data: "x" }]],
    ["id and retry", "id: 7\nretry: 10\ndata: x\n\n", [{ event: undefined, data: "x" }]],
    [
      "more blank lines than needed",
      "\n\n\ndata: x\n\n\n\ndata: y\n\n",
      [
        { event: undefined, data: "x" },
        { event: undefined, data: "y" },
      ],
    ],
    ["CR LF", "event: a\r\ndata: x\r\n\r\n", [{ event: "a", data: "x" }]],
    ["CR alone", "event: a\rdata: x\r\r", [{ event: "a", data: "x" }]],
    ["a byte order mark", "\ufeffdata: x\n\n", [{ event: undefined, data: "x" }]],
    ["a second byte order mark is text", "data: \ufeffx\n\n", [{ event: undefined, data: "\ufeffx" }]],
    ["an event that the end cuts off", "data: x\n\ndata: y\n", [{ event: undefined, data: "x" }]],
  ])("copes with %s", (_name, text, expected) => {
    expect(parse(text)).toEqual(expected);
  });

  it("gives all events of one read in one batch", () => {
    const parser = createSseParser(toEvent);
    expect(parser.push([bytes("data: 1\n\nda"), bytes("ta: 2\n\ndata: 3\n\n")])).toHaveLength(3);
  });

  it("gives the same events wherever the bytes are cut", () => {
    const stream = bytes(
      '\ufeffevent: a\ndata: {"t":"grüße 🚀"}\n\n: c\r\n\r\nevent: b\r\ndata: 日本\r\n\r\ndata: one\ndata: two\n\ndata: ende\r\r',
    );
    const whole = parse(stream);
    expect(whole).toHaveLength(4);
    for (let cut = 0; cut <= stream.length; cut++) {
      expect(parse(stream.subarray(0, cut), stream.subarray(cut)), `cut at ${cut}`).toEqual(whole);
    }
    expect(parse(...Array.from(stream, (_, i) => stream.subarray(i, i + 1)))).toEqual(whole);
  });

  it("gives the same events for any stream and any cuts", () => {
    fc.assert(cutsChangeNothing, { numRuns: 10_000 });
  });

  it("reads runs of one type, interrupted by anything", () => {
    const run =
      "event: a\ndata: 1\n\nevent: a\ndata: 2\n\nevent: a\ndata: 3\ndata: 4\n\nevent: a\n\nevent: ab\ndata: 5\n\n";
    expect(parse(run).map(({ event, data }) => `${event}=${data}`)).toEqual(["a=1", "a=2", "a=3\n4", "ab=5"]);
  });

  it("leaves out what the maker does not want", () => {
    const parser = createSseParser((_event, data) => (data === "no" ? undefined : data.length));
    expect(parser.push([bytes("data: yes\n\ndata: no\n\nevent: a\ndata: no\n\nevent: a\ndata: no\n\n")])).toEqual([3]);
  });

  it("does not take an event without end", () => {
    const parser = createSseParser(toEvent, 1000);
    expect(() => {
      for (let i = 0; i < 20; i++) parser.push([bytes(`data: ${"x".repeat(100)}`)]);
    }).toThrowError(expect.objectContaining({ code: "stream_interrupted", retryable: false }));
  });

  it("joins a large event in time proportional to its size", () => {
    const parser = createSseParser(toEvent);
    const piece = bytes("x".repeat(16 * 1024));
    parser.push([bytes("data: ")]);
    const started = performance.now();
    for (let i = 0; i < 1024; i++) parser.push([piece]);
    const [event] = parser.push([bytes("\n\n")]);
    expect(event?.data).toHaveLength(16 * 1024 * 1024);
    // Joined anew for each piece it would take over ten seconds.
    expect(performance.now() - started).toBeLessThan(3000);
  });
});

describe("readEvents", () => {
  it("yields a batch a read and nothing for a read without a whole event", async () => {
    async function* body() {
      yield [bytes("data: 1\n\ndata: 2\n\nda")];
      yield [bytes("ta: ")];
      yield [bytes("3\n\n")];
    }
    const batches: string[][] = [];
    for await (const batch of readEvents(body())) batches.push(batch.map((event) => event.data));
    expect(batches).toEqual([["1", "2"], ["3"]]);
  });
});
