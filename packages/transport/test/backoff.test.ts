import { backoffDelay, delay, parseRetryAfter } from "@codex/transport";
import { describe, expect, it } from "vitest";

describe("backoffDelay", () => {
  const middle = { random: () => 0.5 };

  it("doubles from 200 ms", () => {
    expect([1, 2, 3].map((attempt) => backoffDelay(attempt, undefined, middle))).toEqual([200, 400, 800]);
  });

  it("stays within 10 % either way", () => {
    expect(backoffDelay(1, undefined, { random: () => 0 })).toBeCloseTo(180);
    expect(backoffDelay(1, undefined, { random: () => 0.999 })).toBeCloseTo(220, 0);
  });

  it("waits as long as the server asks, up to 10 s", () => {
    expect(backoffDelay(1, 3000, middle)).toBe(3000);
    expect(backoffDelay(3, 10, middle)).toBe(800);
    expect(backoffDelay(1, 10_001, middle)).toBeUndefined();
  });
});

describe("parseRetryAfter", () => {
  const now = Date.parse("2026-11-20T10:00:00Z");
  it.each([
    ["7", 7000],
    ["1.5", 1500],
    ["0", 0],
    ["Fri, 20 Nov 2026 10:00:30 GMT", 30_000],
    ["Fri, 20 Nov 2026 09:00:00 GMT", 0],
    ["-3", undefined],
    ["soon", undefined],
    ["", undefined],
    [undefined, undefined],
  ])("%s", (value, expected) => {
    expect(parseRetryAfter(value, now)).toBe(expected);
  });
});

describe("delay", () => {
  it("ends early with the signal's reason", async () => {
    const controller = new AbortController();
    const waiting = delay(60_000, controller.signal);
    controller.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    await expect(delay(60_000, controller.signal)).rejects.toThrow("enough");
  });

  it("resolves in time and leaves no listener", async () => {
    const { signal } = new AbortController();
    await expect(delay(1, signal)).resolves.toBeUndefined();
  });
});
