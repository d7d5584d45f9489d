import { describe, expect, it } from "vitest";
import { cleanInput, hoistSystem } from "../../src/backend/input.js";
import type { RequestContext } from "../../src/canonical/context.js";
import type { InputItem, MessageItem } from "../../src/canonical/request.js";

const context = (): RequestContext => ({ headers: {}, signal: new AbortController().signal, adjustments: [] });
const message = (role: MessageItem["role"], ...texts: string[]): MessageItem => ({
  type: "message",
  role,
  content: texts.map((text) => ({ type: "input_text", text })),
});
const call = (call_id: string): InputItem => ({ type: "function_call", call_id, name: "f", arguments: "{}" });
const output = (call_id: string, value: unknown = "ok"): InputItem => ({
  type: "function_call_output",
  call_id,
  output: value,
});

describe("cleanInput", () => {
  it("sends no ids, which the backend would look for in vain", () => {
    const ctx = context();
    expect(cleanInput([{ ...message("user", "hi"), id: "msg_1" }], ctx)).toEqual([message("user", "hi")]);
    expect(ctx.adjustments).toEqual([]);
  });

  it("sends system messages as developer messages, in place", () => {
    const input = [message("user", "a"), message("system", "late"), message("user", "b")];
    expect(cleanInput(input, context())).toEqual([
      message("user", "a"),
      message("developer", "late"),
      message("user", "b"),
    ]);
    expect(input[1]).toEqual(message("system", "late"));
  });

  it("drops references and reasoning that the backend can't read, and says so", () => {
    const ctx = context();
    const kept = { type: "reasoning", summary: [], encrypted_content: "x" };
    const input = [
      { type: "item_reference", id: "msg_1" },
      { type: "reasoning", summary: [] },
      { ...kept, id: "rs_1" },
      message("user", "hi"),
    ];
    expect(cleanInput(input, ctx)).toEqual([kept, message("user", "hi")]);
    expect(ctx.adjustments.map((a) => [a.field, a.action])).toEqual([
      ["input[0]", "dropped"],
      ["input[1]", "dropped"],
    ]);
  });

  it("leaves paired tool items alone, in any order of parallel calls", () => {
    const ctx = context();
    const input = [call("a"), call("b"), output("b"), output("a")];
    expect(cleanInput(input, ctx)).toEqual(input);
    expect(ctx.adjustments).toEqual([]);
  });

  it("adds the output that a call lacks, right behind it", () => {
    const ctx = context();
    const custom = { type: "custom_tool_call", call_id: "c", name: "g", input: "x" };
    const cleaned = cleanInput([call("a"), custom, message("user", "go on")], ctx);
    expect(cleaned.map((item) => item.type)).toEqual([
      "function_call",
      "function_call_output",
      "custom_tool_call",
      "custom_tool_call_output",
      "message",
    ]);
    expect(cleaned[1]).toMatchObject({ call_id: "a", output: expect.stringContaining("no output") });
    expect(ctx.adjustments).toMatchObject([
      { field: "input", action: "mapped", detail: expect.stringContaining("empty") },
    ]);
  });

  it("keeps the content of an output that lacks its call", () => {
    const ctx = context();
    const image = { type: "input_image", image_url: "https://x.test/a.png" };
    const cleaned = cleanInput([output("a", "42"), output("b", [image])], ctx) as MessageItem[];
    expect(cleaned.map((item) => item.role)).toEqual(["user", "user"]);
    expect(cleaned[0]?.content.map((part) => part.text).join(" ")).toContain("42");
    expect(cleaned[1]?.content[1]).toEqual(image);
    expect(ctx.adjustments).toMatchObject([{ field: "input", action: "mapped" }]);
  });

  it("takes an output that comes before its call, is of another kind or comes twice for one alone", () => {
    const custom = { type: "custom_tool_call_output", call_id: "b", output: "x" };
    const ctx = context();
    const types = (items: InputItem[]) =>
      cleanInput(items, ctx).map((item) => item.type.replace("function_call", "fc"));
    expect(types([output("a"), call("a")])).toEqual(["message", "fc", "fc_output"]);
    expect(types([call("b"), custom])).toEqual(["fc", "fc_output", "message"]);
    expect(types([call("c"), output("c"), output("c")])).toEqual(["fc", "fc_output", "message"]);
    expect(ctx.adjustments.map((a) => a.detail?.split(" ").slice(0, 3).join(" "))).toEqual([
      "tool output without",
      "tool call without",
    ]);
  });

  it("gives an output without an id to the one call that waits, and else keeps its content", () => {
    const custom = { type: "custom_tool_call", call_id: "c", name: "g", input: "x" };
    const bare = { type: "function_call_output", output: "42" };
    const ctx = context();
    expect(cleanInput([call("a"), bare], ctx)).toEqual([call("a"), output("a", "42")]);
    expect(cleanInput([call("a"), output("a"), custom, bare], ctx).at(-1)).toEqual({
      type: "custom_tool_call_output",
      call_id: "c",
      output: "42",
    });
    expect(ctx.adjustments).toEqual([
      { field: "input", action: "mapped", detail: expect.stringContaining("open call") },
    ]);
    for (const calls of [[], [call("a"), call("b")]]) {
      const alone = context();
      const last = cleanInput([...calls, bare], alone).at(-1) as MessageItem;
      expect(last).toMatchObject({ type: "message", role: "user" });
      expect(last.content.map((part) => part.text).join(" ")).toContain("42");
      expect(alone.adjustments.map(({ detail }) => detail)).toContain(
        "tool output without its call, sent as a message",
      );
    }
  });

  it("cuts ids of calls that are too long, and numbers those that are in use", () => {
    const ctx = context();
    const long = `call_${"x".repeat(90)}`;
    const cleaned = cleanInput([call(long), output(long), call("a"), call("a"), output("a", 1), output("a", 2)], ctx);
    const ids = cleaned.map((item) => item.call_id);
    expect(ids[0]).toMatch(/^call_[0-9a-f]{40}$/);
    expect(ids).toEqual([ids[0], ids[0], "a", "a_2", "a", "a_2"]);
    expect(ctx.adjustments).toHaveLength(2);
    // The next turn must have the same ids, or nothing of it is in the cache.
    expect(cleanInput([call(long), output(long)], context())[0]?.call_id).toBe(ids[0]);
  });

  it("numbers calls of one id so that no two of them are open under one number", () => {
    const items = [call("a"), call("a"), output("a", 1), call("a"), output("a", 2), output("a", 3), call("a")];
    const ids = cleanInput(items, context()).map((item) => item.call_id);
    expect(ids).toEqual(["a", "a_2", "a", "a_3", "a_2", "a_3", "a", "a"]);
  });

  it("passes items of unknown types", () => {
    const items = [{ type: "something_new", call_id: "x", payload: 1 }];
    expect(cleanInput(items, context())).toEqual(items);
  });
});

describe("hoistSystem", () => {
  const user = message("user", "hi");

  it("takes the leading system and developer messages", () => {
    const hoisted = hoistSystem(undefined, [
      message("system", "a"),
      message("developer", "b", "c"),
      user,
      message("system", "late"),
    ]);
    expect(hoisted.messages).toEqual([
      { role: "system", content: "a" },
      { role: "developer", content: "b\nc" },
    ]);
    expect(hoisted.input).toEqual([user, message("system", "late")]);
  });

  it("takes the instructions when there are some, and leaves the messages", () => {
    const input = [message("system", "a"), user];
    expect(hoistSystem("given", input)).toEqual({ messages: [{ role: "system", content: "given" }], input });
    expect(hoistSystem("", input).messages).toEqual([{ role: "system", content: "a" }]);
  });

  it("leaves everything where there is nothing else to answer", () => {
    const input = [message("system", "a"), message("developer", "b")];
    expect(hoistSystem(undefined, input)).toEqual({ messages: [], input });
  });

  it("stops at a message that is not all text", () => {
    const picture: MessageItem = {
      type: "message",
      role: "developer",
      content: [{ type: "input_image", image_url: "x" }],
    };
    expect(hoistSystem(undefined, [picture, user])).toEqual({ messages: [], input: [picture, user] });
  });
});
