import { chatDialect, createMemoryStore, type Dialect, responsesDialect } from "@codex/provider";
import type { Fault } from "@codex/simulator";
import { describe, expect, it } from "vitest";
import { chatText, openClient, type Seen, script } from "../open-client.js";

/** An answer in a 200 that consists of these events. */
const stream = (...events: object[]): Fault => ({
  status: 200,
  headers: { "content-type": "text/event-stream" },
  body: events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(""),
});
const failed = (error: object, more: object = {}) => ({
  type: "response.failed",
  response: { status: "failed", error },
  ...more,
});
const errorOf = (seen: Seen) => (seen.json as { error: Record<string, unknown> }).error;

const chat = (content: string, more: object = {}) => ({
  model: "gpt-6-sol",
  messages: [{ role: "user", content }],
  ...more,
});
const responses = (input: unknown, more: object = {}) => ({ model: "gpt-6-sol", input, ...more });
const ways: [string, Dialect, (prompt: string) => object][] = [
  ["chat, plain", chatDialect, (prompt) => chat(prompt)],
  ["chat, streamed", chatDialect, (prompt) => chat(prompt, { stream: true })],
  ["responses, plain", responsesDialect, (prompt) => responses(prompt)],
  ["responses, streamed", responsesDialect, (prompt) => responses(prompt, { stream: true })],
];

const life = [
  { type: "response.created", response: { id: "resp_1", status: "in_progress" } },
  { type: "keepalive" },
  { type: "response.odd", text: "x" },
  { type: "response.output_item.added", output_index: 0, item: { type: "reasoning", id: "rs_1", summary: [] } },
  { type: "response.output_item.done", output_index: 0, item: { type: "reasoning", id: "rs_1", summary: [] } },
  { type: "response.output_item.added", output_index: 1, item: { type: "message", id: "msg_1", content: [] } },
  { type: "response.content_part.added", output_index: 1, content_index: 0, part: { type: "output_text", text: "" } },
  { type: "response.output_text.delta", output_index: 1, content_index: 0, delta: "" },
];
const piece = { type: "response.output_text.delta", output_index: 1, content_index: 0, delta: "One" };
const overloaded = failed({ code: "server_is_overloaded", message: "Busy" });

describe("signs of life are not output", () => {
  it.each(ways)("an overload after them is tried again: %s", async (_name, dialect, body) => {
    const { sim, send, responses: sent } = await openClient();
    sim.faults.next(stream(...life, overloaded), 2);
    const seen = await send(dialect, body(script({ text: "Hello", reasoning: false })));
    expect([seen.status, sent().length]).toEqual([200, 3]);
    expect(seen.text).toContain("Hello");
    expect(seen.text).not.toContain('"error":{');
  });

  it.each(ways)("a usage limit after them is a true 429: %s", async (_name, dialect, body) => {
    const { sim, send, responses: sent } = await openClient();
    sim.faults.always(stream(...life, failed({ code: "usage_limit_reached", message: "Used up" })));
    const seen = await send(dialect, body("hi"));
    expect([seen.status, seen.outcome.error?.code, sent().length]).toEqual([429, "usage_limit_reached", 1]);
  });
});

describe("a plain answer", () => {
  it("is taken back until it is whole", async () => {
    for (const more of [{}, { n: 2 }, { stop: ["zzz"] }, { response_format: { type: "json_object" } }]) {
      const { sim, send, responses: sent } = await openClient();
      sim.faults.next(stream(...life, piece, overloaded));
      const seen = await send(chatDialect, chat(script({ text: '{"a": 1}', reasoning: false }), more));
      expect([seen.status, sent().length]).toEqual([200, "n" in more ? 3 : 2]);
      expect(seen.text).not.toContain("One");
    }
  });

  it("is asked for once more after output, and then its failure is told", async () => {
    for (const fault of [stream(...life, piece, overloaded), { cut: 8 } as const]) {
      const { sim, send, responses: sent } = await openClient();
      sim.faults.always(fault);
      const seen = await send(chatDialect, chat(script({ text: "one two three four", reasoning: false })));
      expect(seen.status).toBeGreaterThanOrEqual(500);
      expect(sent()).toHaveLength(2);
      expect(seen.headers["x-should-retry"]).toBe("false");
    }
  });

  it("is not asked for again where what is left of the budget is over", async () => {
    let now = Date.now();
    const { sim, send, responses: sent } = await openClient({ now: () => now });
    sim.on("request", ({ path }) => {
      if (path.endsWith("/responses")) now += 31_000;
    });
    sim.faults.always(stream(...life, piece, overloaded));
    expect((await send(chatDialect, chat("hi"))).status).toBe(503);
    expect(sent()).toHaveLength(1);
  });

  it("streamed, an answer that has begun is never asked for again", async () => {
    const { sim, send, responses: sent } = await openClient();
    sim.faults.always(stream(...life, piece, overloaded));
    const seen = await send(chatDialect, chat("hi", { stream: true }));
    expect([seen.status, chatText(seen), sent().length]).toEqual([200, "One", 1]);
  });
});

describe("whose tries are spent", () => {
  it.each<[string, Fault | "overloaded" | "server_error"]>([
    ["503", "overloaded"],
    ["500", "server_error"],
    ["an overload inside a 200", stream(overloaded)],
    ["a reset", { cut: "before-headers", reset: true }],
  ])("the caller is told not to multiply them: %s", async (_name, fault) => {
    const { sim, send, responses: sent } = await openClient();
    sim.faults.always(fault);
    for (const [, dialect, body] of ways) {
      const seen = await send(dialect, body("hi"));
      expect(seen.headers["x-should-retry"]).toBe("false");
    }
    expect(sent()).toHaveLength(16);
  });

  it("a failure that was not tried again may be by the caller", async () => {
    const { sim, send } = await openClient();
    sim.faults.always({ status: 503, headers: { "retry-after": "20" }, body: { detail: "Busy" } });
    const seen = await send(chatDialect, chat("hi"));
    expect([seen.status, seen.headers["x-should-retry"], seen.headers["retry-after"]]).toEqual([503, undefined, "20"]);
  });
});

describe("a request that is at fault inside a 200", () => {
  it.each<[string, object]>([
    ["by its code", failed({ code: "invalid_function_parameters", message: "Schema: no." })],
    ["by its type", failed({ type: "invalid_request_error", message: "Schema: no." })],
    ["by its status", { type: "error", status_code: 400, error: { message: "Schema: no." } }],
    ["an event of its own", { type: "error", code: "invalid_value", message: "Schema: no.", param: "tools" }],
  ])("is a 400, asked once: %s", async (_name, event) => {
    const { sim, send, responses: sent } = await openClient();
    sim.faults.always(stream(...life, event));
    for (const [, dialect, body] of ways) {
      const seen = await send(dialect, body("hi"));
      expect([seen.status, errorOf(seen).message]).toEqual([400, "Schema: no."]);
      expect(seen.headers["x-should-retry"]).toBeUndefined();
    }
    expect(sent()).toHaveLength(ways.length);
  });
});

describe("encrypted reasoning", () => {
  const refusal = (message = "The encrypted content gAAA could not be verified.") => ({
    error: { code: "invalid_encrypted_content", type: "invalid_request_error", message },
  });
  const input = [
    { role: "user", content: "one" },
    { type: "reasoning", id: "rs_1", summary: [], encrypted_content: "gAAA-other" },
    { role: "assistant", content: "two" },
    { role: "user", content: "three" },
  ];
  const typesOf = (request: { body: unknown } | undefined) =>
    (request?.body as { input: { type: string }[] } | undefined)?.input.map(({ type }) => type);

  it.each<[string, Fault]>([
    ["a 400", { status: 400, body: refusal() }],
    ["words alone", { status: 400, body: { detail: "The encrypted content gAAA could not be verified. Reason: x." } }],
    ["inside a 200", stream(...life, failed(refusal().error))],
  ])("that the backend refuses is left out, told, and asked for once more: %s", async (_name, fault) => {
    for (const more of [{}, { stream: true }]) {
      const { sim, send, responses: sent } = await openClient();
      sim.faults.next(fault);
      const seen = await send(responsesDialect, responses(input, more));
      expect([seen.status, sent().length]).toEqual([200, 2]);
      expect(typesOf(sent()[0])).toContain("reasoning");
      expect(typesOf(sent()[1])).not.toContain("reasoning");
      expect(seen.headers["x-codex-adjusted"]).toContain("encrypted reasoning that the backend refused");
    }
  });

  it("of another account is left out before it is sent, after a new login", async () => {
    const responseStore = createMemoryStore();
    const first = await openClient({ responseStore }, { account: { accountId: "account-one" } });
    const second = await openClient({ responseStore }, { account: { accountId: "account-two" } });
    const asked = responses(script({ text: "one", reasoning: "Hm" }));
    const { id } = (await first.send(responsesDialect, asked)).json as { id: string };
    const streamed = await first.send(responsesDialect, { ...asked, stream: true });
    const { id: streamedId } = (streamed.events.at(-1) as { response: { id: string } }).response;
    for (const previous_response_id of [id, streamedId]) {
      const next = { ...responses("two", { instructions: "Be brief." }), previous_response_id };
      const same = await first.send(responsesDialect, next);
      expect(typesOf(first.responses().at(-1))).toContain("reasoning");
      expect(same.headers["x-codex-adjusted"]).toBeUndefined();
      const other = await second.send(responsesDialect, next);
      expect(other.status).toBe(200);
      expect(typesOf(second.responses().at(-1))).not.toContain("reasoning");
      expect(other.headers["x-codex-adjusted"]).toContain("encrypted reasoning of another account");
      const strict = await second.send(
        responsesDialect,
        { ...next, instructions: "x" },
        { headers: { "x-codex-strict": "1" } },
      );
      expect(strict.status).toBe(400);
    }
    expect(second.responses()).toHaveLength(2);
  });

  it("in strict mode the refusal is told; so is one of a request without any", async () => {
    const { sim, send, responses: sent } = await openClient();
    sim.faults.always({ status: 400, body: refusal() });
    const strict = await send(responsesDialect, responses(input, { instructions: "Be brief." }), {
      headers: { "x-codex-strict": "1" },
    });
    expect([strict.status, errorOf(strict).message, sent().length]).toEqual([400, refusal().error.message, 1]);
    expect((await send(responsesDialect, responses("hi"))).status).toBe(400);
    expect(sent()).toHaveLength(2);
  });
});

describe("a field of an item that the backend refuses", () => {
  const call = { type: "function_call", call_id: "c1", name: "f", namespace: "ns", arguments: "{}" };
  const input = [
    { role: "user", content: "one" },
    call,
    { type: "function_call_output", call_id: "c1", output: "1" },
    { role: "user", content: "two" },
  ];
  const refuse = (path: string): Fault => ({
    status: 400,
    body: { error: { message: `Unknown parameter: '${path}'.`, type: "invalid_request_error", param: path } },
  });

  it("is learned, dropped from then on, and told", async () => {
    const { sim, send, responses: sent } = await openClient();
    sim.faults.next(refuse("input[1].namespace"));
    for (let turn = 0; turn < 2; turn++) {
      const seen = await send(responsesDialect, responses(input));
      expect(seen.status).toBe(200);
      expect(seen.headers["x-codex-adjusted"]).toContain("namespace");
    }
    const sentInputs = sent().map(({ body }) => (body as { input: object[] }).input[1]);
    const { namespace: _namespace, ...without } = call;
    expect(sentInputs).toEqual([call, without, without]);
    const strict = await send(responsesDialect, responses(input, { instructions: "Be brief." }), {
      headers: { "x-codex-strict": "1" },
    });
    expect([strict.status, sent().length]).toEqual([400, 3]);
  });

  it.each(["input[1].arguments", "input[0].content[0].text", "input[9].namespace", "input[1]", "model"])(
    "is not dropped where it is content, or is not there: %s",
    async (path) => {
      const { sim, send, responses: sent } = await openClient();
      sim.faults.always(refuse(path));
      const seen = await send(responsesDialect, responses(input));
      expect([seen.status, sent().length]).toEqual([400, 1]);
    },
  );
});
