import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { holdUntilOutput } from "../../src/backend/hold.js";
import { createEvent, type ResponseEvent } from "../../src/canonical/events.js";
import { defaultTimeLimits } from "../../src/time-limits.js";

const events = (...types: string[]) =>
  types.map((type) => createEvent(type.endsWith(".delta") ? { type, delta: "a" } : { type }));

/** A source whose reads are answered from outside. */
function controlled() {
  const reads: { resolve: (r: IteratorResult<ResponseEvent[]>) => void; reject: (e: unknown) => void }[] = [];
  let returned = false;
  const source: AsyncIterator<ResponseEvent[]> = {
    next: () => new Promise((resolve, reject) => reads.push({ resolve, reject })),
    return: async () => {
      returned = true;
      return { value: undefined, done: true };
    },
  };
  const answer = (...types: string[]) => reads.shift()?.resolve({ value: events(...types), done: false });
  const fail = (error: unknown) => reads.shift()?.reject(error);
  return { source, answer, fail, wasReturned: () => returned };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
const typesOf = (result: IteratorResult<ResponseEvent[]>) => (result.value as ResponseEvent[]).map((e) => e.type);

beforeEach(() => vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => vi.useRealTimers());

describe("holdUntilOutput", () => {
  it("waits for the first event with output and gives all that was held", async () => {
    const { source, answer } = controlled();
    const settled = vi.fn();
    const holding = holdUntilOutput(source).then((held) => {
      settled();
      return held;
    });
    answer("response.created", "codex.rate_limits");
    await turn();
    answer("response.in_progress", "response.metadata");
    await turn();
    expect(settled).not.toHaveBeenCalled();
    answer("response.output_item.added", "response.content_part.added", "keepalive");
    await turn();
    expect(settled).not.toHaveBeenCalled();
    answer("response.output_text.delta");
    const held = await holding;
    expect([await held.next(), await held.next(), await held.next(), await held.next()].map(typesOf)).toEqual([
      ["response.created", "codex.rate_limits"],
      ["response.in_progress", "response.metadata"],
      ["response.output_item.added", "response.content_part.added", "keepalive"],
      ["response.output_text.delta"],
    ]);
    const next = held.next();
    answer("response.output_text.delta");
    expect(typesOf(await next)).toEqual(["response.output_text.delta"]);
  });

  it("throws a failure that comes before it", async () => {
    const { source, answer, fail } = controlled();
    const holding = holdUntilOutput(source);
    answer("response.created");
    await turn();
    fail(new Error("overloaded"));
    await expect(holding).rejects.toThrow("overloaded");
  });

  it("commits when the patience is over, and loses nothing of the read under way", async () => {
    const { source, answer } = controlled();
    const holding = holdUntilOutput(source);
    answer("response.created");
    await turn();
    vi.advanceTimersByTime(11_999);
    await turn();
    vi.advanceTimersByTime(1);
    const held = await holding;
    expect(typesOf(await held.next())).toEqual(["response.created"]);
    const next = held.next();
    answer("response.output_text.delta");
    expect(typesOf(await next)).toEqual(["response.output_text.delta"]);
  });

  it("meets a failure after the patience when the stream is read", async () => {
    const { source, fail } = controlled();
    const holding = holdUntilOutput(source, { ...defaultTimeLimits, patienceMs: 10 });
    vi.advanceTimersByTime(10);
    const held = await holding;
    expect(await held.next()).toEqual({ value: [], done: false });
    fail(new Error("late"));
    await turn();
    await expect(held.next()).rejects.toThrow("late");
  });

  it("gives an answer without output, and an empty stream, as they are", async () => {
    const { source, answer } = controlled();
    const holding = holdUntilOutput(source);
    answer("response.completed");
    expect(typesOf(await (await holding).next())).toEqual(["response.completed"]);
    async function* empty(): AsyncGenerator<ResponseEvent[], void> {}
    expect(await (await holdUntilOutput(empty())).next()).toEqual({ value: undefined, done: true });
  });

  it("passes a consumer's end on to the source", async () => {
    const { source, answer, wasReturned } = controlled();
    const holding = holdUntilOutput(source);
    answer("response.output_text.delta");
    await (await holding).return?.();
    expect(wasReturned()).toBe(true);
  });

  it("keeps no timer once the answer has begun, nor without patience to lose", async () => {
    const { source, answer } = controlled();
    const holding = holdUntilOutput(source, { ...defaultTimeLimits, patienceMs: Number.POSITIVE_INFINITY });
    answer("response.created");
    await turn();
    expect(vi.getTimerCount()).toBe(0);
    answer("response.output_text.delta");
    await holding;
  });

  it("gives up when no first event comes, and frees the source", async () => {
    const { source, wasReturned } = controlled();
    const holding = holdUntilOutput(source, { patienceMs: Number.POSITIVE_INFINITY, firstEventMs: 60_000 });
    const failed = expect(holding).rejects.toMatchObject({ code: "upstream_timeout", status: 504 });
    await vi.advanceTimersByTimeAsync(59_999);
    expect(wasReturned()).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await failed;
    expect(wasReturned()).toBe(true);
  });

  it("gives up after the patience too, in the stream", async () => {
    const { source } = controlled();
    const holding = holdUntilOutput(source, { patienceMs: 10, firstEventMs: 50 });
    await vi.advanceTimersByTimeAsync(10);
    const held = await holding;
    expect(await held.next()).toEqual({ value: [], done: false });
    const failed = expect(held.next()).rejects.toMatchObject({ code: "upstream_timeout" });
    await vi.advanceTimersByTimeAsync(40);
    await failed;
  });
});
