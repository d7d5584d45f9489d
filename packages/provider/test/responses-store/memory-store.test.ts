import { describe, expect, it } from "vitest";
import { createMemoryStore } from "../../src/responses-store/memory-store.js";
import type { StoredResponse, StoredTurn } from "../../src/responses-store/store.js";

const turn = (key: string, size = 1000): StoredTurn => ({ key, kind: "items", json: "x".repeat(size) });

function stored(id: string, turns: StoredTurn[] = [turn(`${id}:input`)], more: Partial<StoredResponse> = {}) {
  return { id, owner: "me", turns, response: "{}", itemIds: [`msg_${id}`], ...more };
}

describe("a memory store", () => {
  it("hands out to the owner alone, by the id of the response or of an item", () => {
    const store = createMemoryStore();
    const kept = stored("a");
    store.put(kept);
    expect(store.get("me", "a")).toEqual(kept);
    expect(store.findItem("me", "msg_a")).toEqual(kept);
    expect(store.get("you", "a")).toBeUndefined();
    expect(store.findItem("you", "msg_a")).toBeUndefined();
    expect(store.get("m", "ea")).toBeUndefined();
    expect(store.delete("you", "a")).toBe(false);
    expect(store.delete("me", "a")).toBe(true);
    expect([store.delete("me", "a"), store.size, store.bytes]).toEqual([false, 0, 0]);
    expect(store.findItem("me", "msg_a")).toBeUndefined();
  });

  it("counts a turn that several responses share once, and lets it go with the last of them", () => {
    const store = createMemoryStore();
    const shared = turn("a:input", 10_000);
    store.put(stored("a", [shared]));
    const one = store.bytes;
    store.put(stored("b", [shared, turn("b:input", 10)]));
    expect(store.bytes - one).toBeLessThan(1500);
    store.delete("me", "a");
    expect(store.bytes).toBeGreaterThan(10_000);
    store.delete("me", "b");
    expect(store.bytes).toBe(0);
  });

  it("makes room by what was used least recently", () => {
    const store = createMemoryStore({ maxBytes: 6500 });
    for (const id of ["a", "b", "c"]) store.put(stored(id));
    store.get("me", "a");
    store.findItem("me", "msg_b");
    store.put(stored("d"));
    expect(["a", "b", "c", "d"].map((id) => store.get("me", id) !== undefined)).toEqual([true, true, false, true]);
    expect(store.bytes).toBeLessThanOrEqual(6500);
  });

  it("does not give everything up for one that is too large", () => {
    const store = createMemoryStore({ maxBytes: 5000 });
    store.put(stored("a"));
    store.put(stored("b", [turn("b:input", 6000)]));
    expect([store.get("me", "a")?.id, store.get("me", "b")]).toEqual(["a", undefined]);
  });

  it("counts letters beyond ASCII twice", () => {
    const store = createMemoryStore();
    store.put(stored("a", [], { response: "ä".repeat(1000) }));
    expect(store.bytes).toBeGreaterThanOrEqual(2000);
  });

  it("forgets what is too old, whether it is asked for or not", () => {
    let time = 0;
    const store = createMemoryStore({ maxAgeMs: 100_000, now: () => time });
    store.put(stored("a"));
    store.put(stored("b"));
    time = 99_999;
    expect(store.get("me", "a")?.id).toBe("a");
    time = 100_000;
    expect(store.get("me", "a")).toBeUndefined();
    expect(store.delete("me", "a")).toBe(false);
    store.put(stored("c"));
    expect(store.size).toBe(1);
  });

  it("replaces a response of the same id", () => {
    const store = createMemoryStore();
    store.put(stored("a"));
    const { bytes } = store;
    store.put(stored("a"));
    expect([store.size, store.bytes]).toEqual([1, bytes]);
  });
});
