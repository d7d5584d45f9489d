import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { createLineReader } from "../src/lines.js";

const never = new AbortController().signal;

describe("a line reader", () => {
  it("gives line by line, however they arrive, and then nothing", async () => {
    const stream = new PassThrough();
    const lines = createLineReader(stream);
    stream.write("one\ntw");
    expect(await lines.next(never)).toBe("one");
    const second = lines.next(never);
    stream.write("o\r\nthree");
    expect(await second).toBe("two");
    stream.end();
    expect(await lines.next(never)).toBe("three");
    expect(await lines.next(never)).toBeUndefined();
    expect(await lines.next(never)).toBeUndefined();
  });

  it("reads only while a line is waited for", async () => {
    const stream = new PassThrough();
    const lines = createLineReader(stream);
    expect(stream.readableFlowing).toBeNull();
    const next = lines.next(never);
    expect(stream.isPaused()).toBe(false);
    stream.write("x\n");
    await next;
    expect(stream.isPaused()).toBe(true);
  });

  it("stops waiting when its signal says so", async () => {
    const stream = new PassThrough();
    const lines = createLineReader(stream);
    const controller = new AbortController();
    const next = lines.next(controller.signal);
    controller.abort();
    expect(await next).toBeUndefined();
    expect(stream.isPaused()).toBe(true);
    expect(await lines.next(controller.signal)).toBeUndefined();
  });
});
