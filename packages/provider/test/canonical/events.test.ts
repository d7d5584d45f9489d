import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createEvent, isFailure, isTerminal, ResponseEvent } from "../../src/canonical/events.js";

const deltaType = "response.output_text.delta";

describe("ResponseEvent", () => {
  it("copies the delta as the literal that it is on the wire", () => {
    const raw = `{"type":"${deltaType}","content_index":0,"delta":"a\\"b\\\\ \\u00e4","item_id":"m"}`;
    expect(new ResponseEvent(deltaType, raw).deltaLiteral).toBe('"a\\"b\\\\ \\u00e4"');
  });

  it.each([
    ["first key", '{"delta":"x","type":"t"}'],
    ["last key", '{"type":"t","delta":"x"}'],
    ["white space", '{ "type": "t", "delta": "x" }'],
    ["escaped key", '{"type":"t","del\\u0074a":"x"}'],
    ["an object before it with a delta of its own", '{"type":"t","part":{"delta":"no"},"delta":"x"}'],
    ["a string before it that looks like a delta", '{"type":"t","text":",\\"delta\\":\\"no\\"","delta":"x"}'],
    ["a string before it that holds a brace", '{"type":"t","text":"{","delta":"x"}'],
    ["a string before it that ends in a comma", '{"type":"t","text":",","delta":"x"}'],
    ["a string before it that ends in a backslash", '{"type":"t","text":"\\\\","delta":"x"}'],
  ])("reads the delta of an event with %s", (_name, raw) => {
    expect(new ResponseEvent("t", raw).deltaLiteral).toBe('"x"');
  });

  it.each([
    ["no delta", '{"type":"t"}'],
    ["null", '{"type":"t","delta":null}'],
    ["an object", '{"type":"t","delta":{"delta":"no"}}'],
    ["an object after which another object has one", '{"type":"t","a":1,"part":{"delta":"no"}}'],
  ])("has an empty literal for %s", (_name, raw) => {
    expect(new ResponseEvent("t", raw).deltaLiteral).toBe('""');
  });

  it("gives by scanning what JSON.parse gives, for any event", () => {
    const value = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.jsonValue(),
      fc.constantFrom('"delta":"', '\\"', "{", ',"delta":"x"'),
    );
    const record = fc.dictionary(fc.constantFrom("a", "text", "part", "item", "obfuscation"), value);
    const layouts = fc.constantFrom<[number | undefined]>([undefined], [1]);
    fc.assert(
      fc.property(record, record, fc.string({ unit: "binary" }), layouts, (before, after, delta, [indent]) => {
        const raw = JSON.stringify({ type: "t", ...before, delta, ...after }, null, indent);
        const event = new ResponseEvent("t", raw);
        expect(JSON.parse(event.deltaLiteral)).toBe((JSON.parse(raw) as { delta: string }).delta);
      }),
      { numRuns: 2000 },
    );
  });

  it("parses once", () => {
    const event = new ResponseEvent("t", '{"type":"t","n":1}');
    expect(event.data).toBe(event.data);
    expect(event.data).toEqual({ type: "t", n: 1 });
  });

  it.each(["{", "[]", "1", "null", ""])("says so when %j is no event", (raw) => {
    expect(() => new ResponseEvent("t", raw).data).toThrowError(
      expect.objectContaining({ code: "stream_interrupted" }),
    );
  });

  it("is made of data for transforms", () => {
    const event = createEvent({ type: deltaType, delta: 'x"' });
    expect(JSON.parse(event.raw)).toEqual(event.data);
    expect(event.deltaLiteral).toBe('"x\\""');
  });
});

describe("types", () => {
  it("tells success, failure and the rest apart", () => {
    expect(["response.completed", "response.incomplete", "response.done"].every(isTerminal)).toBe(true);
    expect(["response.failed", "error"].every(isFailure)).toBe(true);
    expect(isTerminal("response.failed") || isTerminal(deltaType) || isFailure("response.completed")).toBe(false);
  });
});
