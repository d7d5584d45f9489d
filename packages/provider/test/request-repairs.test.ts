import { chatDialect, type Dialect, responsesDialect } from "@codex/provider";
import { describe, expect, it } from "vitest";
import { openClient, script } from "./open-client.js";

type Fields = Record<string, unknown>;

const strict = { "x-codex-strict": "1" };
const long = "k".repeat(65);

describe("keys that are too long", () => {
  it.each<[string, Dialect, Fields]>([
    [
      "chat",
      chatDialect,
      {
        messages: [
          { role: "system", content: "Be brief." },
          { role: "user", content: "Hi" },
        ],
      },
    ],
    ["responses", responsesDialect, { input: "Hi", instructions: "Be brief." }],
  ])("%s: are hashed, the same way every time, and reported", async (_name, dialect, body) => {
    const { send, responses } = await openClient();
    const asked = { model: "gpt-6-sol", ...body };
    const seen = await send(dialect, { ...asked, prompt_cache_key: long });
    await send(dialect, { ...asked, prompt_cache_key: long });
    await send(dialect, { ...asked, prompt_cache_key: long.slice(1) });
    const keys = responses().map((request) => (request.body as Fields).prompt_cache_key as string);
    expect(seen.headers["x-codex-adjusted"]).toContain('"prompt_cache_key";action=mapped');
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(keys).toEqual([keys[0], keys[0], long.slice(1)]);
    const refused = await send(dialect, { ...asked, prompt_cache_key: long }, { headers: strict });
    expect(refused).toMatchObject({ status: 400, json: { error: { param: "prompt_cache_key" } } });
  });

  it("and so is a session", async () => {
    const { send, responses } = await openClient();
    const body = { model: "gpt-6-sol", instructions: "Be brief.", input: "Hi" };
    const seen = await send(responsesDialect, body, { headers: { "x-codex-session": long } });
    await send(responsesDialect, body, { headers: { "x-codex-session": "mine" } });
    expect(seen.headers["x-codex-adjusted"]).toContain('"x-codex-session";action=mapped');
    const [first, second] = responses().map((request) => request.headers["session-id"]);
    expect(first).toMatch(/^[0-9a-f-]{36}$/);
    expect(second).toBe("mine");
  });
});

it.each<[string, Dialect, Fields]>([
  [
    "chat",
    chatDialect,
    {
      messages: [
        { role: "user", content: "Hi" },
        { role: "assistant", tool_calls: [{ id: "c1", type: "function", function: { name: "f", arguments: "{}" } }] },
        { role: "tool", content: "42" },
      ],
    },
  ],
  [
    "responses",
    responsesDialect,
    {
      input: [
        { role: "user", content: "Hi" },
        { type: "function_call", call_id: "c1", name: "f", arguments: "{}" },
        { type: "function_call_output", output: "42" },
      ],
    },
  ],
])("%s: a tool's output without an id answers the open call", async (_name, dialect, body) => {
  const { send, responses } = await openClient({}, { profile: "strict" });
  const seen = await send(dialect, { model: "gpt-6-sol", ...body });
  expect(seen.status).toBe(200);
  expect(seen.headers["x-codex-adjusted"]).toContain("action=mapped");
  const [sent] = responses();
  expect((sent?.body as { input?: Fields[] } | undefined)?.input?.at(-1)).toMatchObject({
    type: "function_call_output",
    call_id: "c1",
    output: "42",
  });
});

describe("the Response object", () => {
  const dropped = {
    ...{ temperature: 0.2, top_p: 0.3, top_logprobs: 2, truncation: "auto", max_tool_calls: 3 },
    ...{ safety_identifier: "me", prompt_cache_retention: "24h", user: "me" },
  };

  it.each([false, true])("does not echo settings that did not hold (stream: %s)", async (stream) => {
    const { send } = await openClient();
    const kept = { instructions: "Be brief.", max_output_tokens: 500, metadata: { a: "b" } };
    const seen = await send(responsesDialect, { model: "gpt-6-sol", input: "Hi", stream, ...kept, ...dropped });
    const events = seen.events.flatMap(({ response }) => (response === undefined ? [] : [response as Fields]));
    const answers = stream ? events : [seen.json as Fields];
    expect(answers.length).toBeGreaterThan(0);
    for (const answer of answers) {
      expect(answer).toMatchObject(kept);
      expect(answer).toMatchObject({ temperature: 1, top_p: 1, top_logprobs: 0, truncation: "disabled" });
      expect(answer).toMatchObject({ max_tool_calls: null, user: null });
      expect(answer.prompt_cache_retention).not.toBe("24h");
      expect(answer.safety_identifier).not.toBe("me");
    }
  });

  it.each([false, true])(
    "says when an answer was complete that a stop sequence has ended (stream: %s)",
    async (stream) => {
      const { send } = await openClient();
      const before = Math.floor(Date.now() / 1000);
      const asked = { model: "gpt-6-sol", input: script({ text: "one END two" }), stop: "END", stream };
      const seen = await send(responsesDialect, asked);
      const answer = stream ? (seen.events.at(-1)?.response as Fields) : (seen.json as Fields);
      expect(answer).toMatchObject({ status: "completed", output_text: "one " });
      expect(answer.completed_at).toBeGreaterThanOrEqual(before);
      const cut = await send(responsesDialect, { ...asked, stop: undefined, max_output_tokens: 1 });
      const incomplete = stream ? (cut.events.at(-1)?.response as Fields) : (cut.json as Fields);
      expect(incomplete).toMatchObject({ status: "incomplete", completed_at: null });
    },
  );
});
