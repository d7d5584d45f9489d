import { describe, expect, it } from "vitest";
import { conversationKey, sessionIdFor } from "../../src/backend/cache-key.js";

const user = (text: string) => ({ type: "message", role: "user", content: [{ type: "input_text", text }] });
const assistant = (text: string) => ({ type: "message", role: "assistant", content: [{ type: "output_text", text }] });
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe("conversationKey", () => {
  it("stays the same from turn to turn", () => {
    const first = conversationKey("be brief", [user("hi")], undefined);
    expect(first).toMatch(uuid);
    expect(conversationKey("be brief", [user("hi"), assistant("hello"), user("and?")], undefined)).toBe(first);
  });

  it("differs by instructions, first message and user", () => {
    const keys = [
      conversationKey("a", [user("hi")], undefined),
      conversationKey("b", [user("hi")], undefined),
      conversationKey("a", [user("ho")], undefined),
      conversationKey("a", [user("hi")], "me"),
      conversationKey("ahi", [], undefined),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe("sessionIdFor", () => {
  it("keeps what a header can hold and hashes the rest", () => {
    expect(sessionIdFor("thread-1:0")).toBe("thread-1:0");
    for (const key of ["a b", "ä", "x\r\ny", "x".repeat(65), ""]) expect(sessionIdFor(key)).toMatch(uuid);
  });
});
