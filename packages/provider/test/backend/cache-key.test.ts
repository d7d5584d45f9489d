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

describe("conversationKey of a long text", () => {
  const photo = (letters: string) => ({
    type: "message",
    role: "user",
    content: [{ type: "input_image", image_url: `data:image/png;base64,${letters}` }],
  });

  it("differs by its beginning, its end and its length, wherever it stands", () => {
    const long = "x".repeat(200_000);
    for (const item of [user, photo, (text: string) => ({ type: "message", role: "user", content: text })]) {
      const keys = [long, `y${long}`, `${long}y`, `${long}x`].map((text) =>
        conversationKey("a", [item(text)], undefined),
      );
      expect(new Set(keys).size).toBe(4);
      expect(conversationKey("a", [item(long)], undefined)).toBe(keys[0]);
    }
  });
});

describe("sessionIdFor", () => {
  it("keeps what a header can hold and hashes the rest", () => {
    expect(sessionIdFor("thread-1:0")).toBe("thread-1:0");
    for (const key of ["a b", "ä", "x\r\ny", "x".repeat(65), ""]) expect(sessionIdFor(key)).toMatch(uuid);
  });
});
