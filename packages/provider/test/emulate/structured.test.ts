import { chatDialect, responsesDialect } from "@codex/provider";
import { describe, expect, it } from "vitest";
import { chatText, openClient, type Seen, script } from "../open-client.js";

const person = {
  type: "object",
  properties: { name: { type: "string" } },
  required: ["name"],
  additionalProperties: false,
};
/** The simulator fits schemas, patterns aside. */
const unmet = { ...person, properties: { name: { type: "string", pattern: "^z+$" } } };
const good = script({ json: { name: "Ada" }, usage: { input_tokens: 10, output_tokens: 5 } });
const bad = script({ text: '{"name":7}', reasoning: false, usage: { input_tokens: 10, output_tokens: 5 } });

const format = (schema: object, more: object = {}) => ({
  response_format: { type: "json_schema", json_schema: { name: "person", schema, strict: true, ...more } },
});
const chat = (content: string, more: object = {}) => ({
  model: "gpt-6-sol",
  messages: [{ role: "user", content }],
  ...format(person),
  ...more,
});
const responses = (input: string, schema: object = person, more: object = {}) => ({
  model: "gpt-6-sol",
  input,
  text: { format: { type: "json_schema", name: "person", schema, strict: true } },
  ...more,
});
const errorOf = (seen: Seen) => (seen.json as { error: Record<string, unknown> }).error;

describe("a plain answer", () => {
  it("that fits is given as it came, at the price of one request", async () => {
    const { send, responses: sent } = await openClient();
    const seen = await send(chatDialect, chat(good));
    expect(seen.json).toMatchObject({ choices: [{ message: { content: '{"name":"Ada"}' } }] });
    expect(seen.headers["x-codex-adjusted"]).toBe(
      '"instructions";action=added;detail="our short default, as there were none"',
    );
    expect(sent()).toHaveLength(1);
    expect(sent()[0]?.body).toMatchObject({ text: { format: { strict: true, schema: person } } });
  });

  it.each([
    ["chat", chatDialect, chat(bad), '"response_format"'],
    ["responses", responsesDialect, responses(bad), '"text.format"'],
  ] as const)("that does not is mended in one more turn, on %s", async (_name, dialect, body, field) => {
    const { send, responses: sent } = await openClient();
    const seen = await send(dialect, body);
    expect(seen.status).toBe(200);
    expect(seen.text).toContain('{\\"name\\":\\"sample\\"}');
    expect(seen.headers["x-codex-adjusted"]).toContain(`${field};action=emulated`);
    // Both turns have been paid for.
    expect(seen.outcome.usage?.output_tokens).toBeGreaterThan(5);
    const [first, second, ...more] = sent().map((request) => request.body as { input: object[] });
    expect(more).toEqual([]);
    expect(second?.input.slice(0, first?.input.length)).toEqual(first?.input);
    expect(second?.input.slice(-2)).toMatchObject([
      { role: "assistant", content: [{ text: '{"name":7}' }] },
      { role: "user", content: [{ text: expect.stringContaining("/name must be string") }] },
    ]);
  });

  it("that does not fit in two turns is an error that says what does not match", async () => {
    const { send, responses: sent } = await openClient();
    const seen = await send(chatDialect, chat(bad, format(unmet)));
    expect([seen.status, sent().length]).toEqual([502, 2]);
    expect(errorOf(seen)).toMatchObject({ code: "upstream_rejected", type: "server_error", param: "response_format" });
    expect(errorOf(seen).message).toContain('/name must match pattern "^z+$"');
    expect(seen.headers["x-should-retry"]).toBeUndefined();
    const other = await send(responsesDialect, responses(bad, unmet));
    expect(errorOf(other)).toMatchObject({ code: "upstream_rejected", param: "text.format" });
  });

  it("is not mended in strict mode, where two turns are not what was asked for", async () => {
    const { send, responses: sent } = await openClient({ strict: true });
    expect((await send(chatDialect, chat(good))).status).toBe(200);
    const seen = await send(chatDialect, chat(bad));
    expect([seen.status, errorOf(seen).code, sent().length]).toEqual([502, "upstream_rejected", 2]);
  });

  it("of json_object is an object", async () => {
    const { send, responses: sent } = await openClient();
    const asks = (marker: object) =>
      chat(`JSON, please. ${script(marker)}`, { response_format: { type: "json_object" } });
    expect((await send(chatDialect, asks({ json: { a: 1 } }))).status).toBe(200);
    expect(sent()).toHaveLength(1);
    for (const text of ["[1]", "Sure! {}", "", "7"]) expect((await send(chatDialect, asks({ text }))).status).toBe(200);
    expect(sent()).toHaveLength(9);
  });

  it("is left alone when it is a refusal, a call, or cut short", async () => {
    const { send, responses: sent } = await openClient();
    const refused = await send(chatDialect, chat(script({ refusal: "No." })));
    expect(refused.json).toMatchObject({ choices: [{ message: { refusal: "No." } }] });
    const tools = [{ type: "function", function: { name: "look", parameters: { type: "object" } } }];
    const called = await send(chatDialect, chat(script({ tools: [{ name: "look" }] }), { tools }));
    expect(called.json).toMatchObject({ choices: [{ finish_reason: "tool_calls" }] });
    const cut = await send(
      chatDialect,
      chat(script({ text: "{ cut off by the backend", fault: { incomplete: "max_output_tokens" } })),
    );
    expect(cut.json).toMatchObject({ choices: [{ finish_reason: "length" }] });
    const capped = await send(chatDialect, chat(good, { max_tokens: 3 }));
    expect(capped.json).toMatchObject({ choices: [{ finish_reason: "length" }] });
    const stopped = await send(chatDialect, chat(good, { stop: "Ada" }));
    expect(stopped.json).toMatchObject({ choices: [{ finish_reason: "stop", message: { content: '{"name":"' } }] });
    expect(sent()).toHaveLength(5);
  });

  it("is checked for each of several choices", async () => {
    const { send, responses: sent } = await openClient();
    const seen = await send(chatDialect, chat(bad, { n: 3 }));
    const { choices } = seen.json as { choices: { message: { content: string } }[] };
    expect(choices.map(({ message }) => message.content)).toEqual(Array(3).fill('{"name":"sample"}'));
    expect(sent()).toHaveLength(6);
  });

  it("has nothing but the JSON in its content", async () => {
    const { send } = await openClient({ reasoning: "think" });
    const prompt = script({ commentary: "I am looking.", reasoning: "Hm.", json: { name: "Ada" } });
    const seen = await send(chatDialect, chat(prompt));
    expect(seen.json).toMatchObject({
      choices: [{ message: { content: '{"name":"Ada"}', reasoning_content: "Hm.\n\nI am looking." } }],
    });
  });
});

describe("a streamed answer", () => {
  it("that fits is as it was", async () => {
    const { send } = await openClient();
    const seen = await send(chatDialect, chat(good, { stream: true }));
    expect([chatText(seen), seen.events.at(-1)]).toEqual(['{"name":"Ada"}', { done: true }]);
  });

  it.each([
    ["chat", chatDialect, chat(bad, { stream: true }), "response_format"],
    ["responses", responsesDialect, responses(bad, person, { stream: true }), "text.format"],
  ] as const)("that does not fit says so at its end, in-band, on %s", async (_name, dialect, body, param) => {
    const { send, responses: sent } = await openClient();
    const seen = await send(dialect, body);
    expect([seen.status, sent().length]).toEqual([200, 1]);
    const error = seen.events.find((event) => event.error !== undefined)?.error;
    expect(error).toMatchObject({
      code: "upstream_rejected",
      param,
      message: expect.stringContaining("/name must be string"),
    });
    expect(seen.text).toContain("name");
    expect(seen.events.some((event) => event.done === true || event.type === "response.completed")).toBe(false);
    expect(seen.outcome).toMatchObject({ status: 200, error: { code: "upstream_rejected", retryable: true } });
  });

  it("of several choices fails when one of them does", async () => {
    const { send } = await openClient();
    const seen = await send(chatDialect, chat(bad, { stream: true, n: 2 }));
    expect(seen.events.at(-1)).toMatchObject({ error: { code: "upstream_rejected" } });
  });
});

describe("a schema", () => {
  it("that is invalid is a 400 with its param, before anything is sent", async () => {
    const { send, responses: sent } = await openClient();
    for (const schema of [{ type: "strng" }, { $ref: "https://example.com/x" }, { type: "string", pattern: "(" }]) {
      for (const stream of [false, true]) {
        const asked = await send(chatDialect, chat(good, { ...format(schema, { strict: false }), stream }));
        expect([asked.status, errorOf(asked).param]).toEqual([400, "response_format"]);
        const text = { format: { type: "json_schema", name: "x", schema } };
        const other = await send(responsesDialect, { model: "gpt-6-sol", input: good, text, stream });
        expect([other.status, errorOf(other).param]).toEqual([400, "text.format.schema"]);
      }
    }
    expect(sent()).toEqual([]);
  });

  it("that strict mode would refuse is sent without it, and the answer is checked", async () => {
    const { send, responses: sent } = await openClient();
    const open = {
      type: "object",
      properties: { name: { type: "string" }, age: { type: "number" } },
      required: ["name"],
    };
    const seen = await send(chatDialect, chat(bad, format(open)));
    expect(seen.status).toBe(200);
    expect(seen.headers["x-codex-adjusted"]).toContain('"response_format";action=mapped;detail="strict mode');
    expect(sent().map(({ body }) => (body as { text: object }).text)).toMatchObject([
      { format: { strict: false, schema: open } },
      { format: { strict: false } },
    ]);
    const strict = await send(chatDialect, chat(good, format(open)), { headers: { "x-codex-strict": "1" } });
    expect([strict.status, errorOf(strict).param]).toEqual([400, "response_format"]);
  });

  it("that is too large to be checked is passed on, which is told", async () => {
    const { send, responses: sent } = await openClient();
    const large = { ...person, description: "x".repeat(300_000) };
    const seen = await send(chatDialect, chat(bad, format(large)));
    expect([seen.status, sent().length]).toEqual([200, 1]);
    expect(seen.headers["x-codex-adjusted"]).toContain(
      '"response_format";action=dropped;detail="the answer is not checked: the schema is too large',
    );
  });
});
