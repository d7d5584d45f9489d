import { CodexError } from "@codex/errors";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createEvent, type ResponseEvent } from "../src/canonical/events.js";
import type { StreamEncoder } from "../src/dialects/dialect.js";
import { streamText } from "../src/stream-text.js";

const encoder: StreamEncoder = {
  event: (event) => (event.type === "silent" ? "" : `<${event.type}>`),
  keepAlive: () => "<alive>",
  error: (error) => `<error ${error.code}>`,
  end: () => "<end>",
};

const events = (...types: string[]) => types.map((type) => createEvent({ type }));
async function* from(...batches: (ResponseEvent[] | Error)[]): AsyncGenerator<ResponseEvent[]> {
  for (const batch of batches) {
    if (batch instanceof Error) throw batch;
    yield batch;
  }
}

async function read(source: AsyncIterable<ResponseEvent[]>, finish = vi.fn()) {
  const pieces: string[] = [];
  for await (const piece of streamText(source, encoder, { finish })) pieces.push(piece);
  return { pieces, finish };
}

describe("streamText", () => {
  it("makes one piece of a batch, the end together with the last event", async () => {
    const usage = { input_tokens: 1, output_tokens: 2, total_tokens: 3 };
    const last = createEvent({ type: "response.completed", response: { usage } });
    const { pieces, finish } = await read(from(events("a", "b"), events("silent"), [...events("c"), last]));
    expect(pieces).toEqual(["<a><b>", "<c><response.completed><end>"]);
    expect(finish).toHaveBeenCalledExactlyOnceWith({ usage });
  });

  it("begins with a sign of life when it was committed to before any event", async () => {
    expect((await read(from([], events("a")))).pieces).toEqual(["<alive>", "<a>", "<end>"]);
  });

  it("ends a source that just ends", async () => {
    expect((await read(from(events("a")))).pieces).toEqual(["<a>", "<end>"]);
  });

  it("puts a failure into the stream, once, and ends it", async () => {
    const { pieces, finish } = await read(from(events("a"), new CodexError("upstream_overloaded", "busy")));
    expect(pieces).toEqual(["<a>", "<error upstream_overloaded><end>"]);
    expect(finish).toHaveBeenCalledExactlyOnceWith({ error: expect.objectContaining({ code: "upstream_overloaded" }) });
  });

  it("frees the source when the reader stops", async () => {
    const freed = vi.fn();
    async function* source() {
      try {
        for (;;) yield events("a");
      } finally {
        freed();
      }
    }
    const finish = vi.fn();
    for await (const _piece of streamText(source(), encoder, { finish })) break;
    await vi.waitFor(() => expect(freed).toHaveBeenCalledOnce());
    expect(finish).toHaveBeenCalledExactlyOnceWith({ error: expect.objectContaining({ code: "aborted" }) });
  });

  describe("in silence", () => {
    beforeEach(() => vi.useFakeTimers());
    afterEach(() => vi.useRealTimers());

    it("gives signs of life and loses nothing of the read under way", async () => {
      let answer!: (batch: ResponseEvent[]) => void;
      async function* source() {
        yield await new Promise<ResponseEvent[]>((resolve) => {
          answer = resolve;
        });
      }
      const text = streamText(source(), encoder, { finish: vi.fn() });
      const first = text.next();
      await vi.advanceTimersByTimeAsync(15_000);
      expect((await first).value).toBe("<alive>");
      const second = text.next();
      await vi.advanceTimersByTimeAsync(14_999);
      answer(events("a"));
      expect((await second).value).toBe("<a>");
    });

    it("keeps no timer after the end", async () => {
      for await (const _piece of streamText(from(events("a")), encoder, { finish: vi.fn() }));
      expect(vi.getTimerCount()).toBe(0);
    });
  });
});
