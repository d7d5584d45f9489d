import { readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import {
  chatDialect,
  completionsDialect,
  createEvent,
  type Dialect,
  exchange,
  responsesDialect,
} from "@codex/provider";
import type { FaultLike, Profile } from "@codex/simulator";
import { describe, expect, it } from "vitest";
import { chatText, openClient, script } from "./open-client.js";

const chat = (content: string, more: object = {}) => ({
  model: "gpt-6-sol",
  messages: [{ role: "user", content }],
  ...more,
});
const responses = (input: string, more: object = {}) => ({ model: "gpt-6-sol", input, ...more });
const streamed = { stream: true };

const dialects: [string, Dialect, (prompt: string, more?: object) => object][] = [
  ["chat", chatDialect, chat],
  ["responses", responsesDialect, responses],
];

interface ErrorBody {
  error: { message: string; type: string; param: string | null; code: string | null; resets_at?: number };
}

describe.each<Profile>(["strict", "genuine"])("a conversation on profile %s", (profile) => {
  it.each(dialects)("%s: answers plainly and as a stream, with the same text", async (_name, dialect, body) => {
    const { send } = await openClient({}, { profile });
    const prompt = script({
      text: "Grüße, 世界!",
      reasoning: "thinking",
      usage: { input_tokens: 7, output_tokens: 5 },
    });
    const plain = await send(dialect, body(prompt));
    expect(plain).toMatchObject({ status: 200, headers: { "content-type": "application/json" } });
    expect(plain.text).toContain("Grüße, 世界!");
    expect(plain.outcome).toMatchObject({ stream: false, status: 200, usage: { input_tokens: 7, output_tokens: 5 } });
    const stream = await send(dialect, body(prompt, streamed));
    expect(stream).toMatchObject({ status: 200, headers: { "content-type": "text/event-stream; charset=utf-8" } });
    expect(stream.outcome).toMatchObject({
      stream: true,
      model: "gpt-6-sol",
      backendModel: "gpt-6-sol",
      usage: { input_tokens: 7 },
    });
    if (dialect === chatDialect) expect(chatText(stream)).toBe("Grüße, 世界!");
    else expect(stream.events.at(-1)).toMatchObject({ type: "response.completed" });
  });

  it("carries a tool round trip, late system messages, images and effort", async () => {
    const { send, responses } = await openClient({}, { profile });
    const tools = [
      { type: "function", function: { name: "get_weather", parameters: { type: "object", properties: {} } } },
    ];
    const first = { role: "user", content: script({ tools: [{ name: "get_weather", arguments: { city: "Oslo" } }] }) };
    const asked = await send(chatDialect, {
      model: "codex/GPT-6-sol-high",
      messages: [{ role: "system", content: "Be brief." }, first],
      tools,
    });
    const { message } = (
      asked.json as { choices: { message: { tool_calls: { id: string; function: { arguments: string } }[] } }[] }
    ).choices[0] as never as { message: { tool_calls: { id: string; function: { arguments: string } }[] } };
    const call = message.tool_calls[0];
    expect(JSON.parse(call?.function.arguments ?? "")).toEqual({ city: "Oslo" });
    const picture =
      "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    const answered = await send(chatDialect, {
      model: "codex/GPT-6-sol-high",
      messages: [
        { role: "system", content: "Be brief." },
        first,
        message,
        { role: "tool", tool_call_id: call?.id, content: "minus three" },
        { role: "system", content: "Answer in English." },
        {
          role: "user",
          content: [
            { type: "text", text: "And this?" },
            { type: "image_url", image_url: { url: picture } },
          ],
        },
      ],
      tools,
    });
    expect(answered.status).toBe(200);
    const body = responses().at(-1)?.body as {
      model: string;
      instructions: string;
      input: Record<string, unknown>[];
      reasoning: object;
    };
    expect(body).toMatchObject({
      model: "gpt-6-sol",
      instructions: expect.stringContaining("Be brief."),
      reasoning: { effort: "high" },
      store: false,
      stream: true,
    });
    const kinds = body.input.map((item) => (item.role as string | undefined) ?? item.type);
    // The reasoning before the call comes back from the client and travels with it.
    expect(kinds).toEqual(["user", "reasoning", "function_call", "function_call_output", "developer", "user"]);
    expect(JSON.stringify(body.input)).toContain(picture);
  });

  it("gives both turns of a conversation one cache key and one session", async () => {
    const { send, responses } = await openClient({}, { profile });
    await send(chatDialect, chat("hello"));
    await send(chatDialect, {
      model: "gpt-6-sol",
      messages: [
        { role: "user", content: "hello" },
        { role: "assistant", content: "hi" },
        { role: "user", content: "more" },
      ],
    });
    await send(chatDialect, chat("hello", { prompt_cache_key: "mine" }));
    const sent = responses().map((r) => ({
      key: (r.body as { prompt_cache_key: string }).prompt_cache_key,
      session: r.headers["session-id"],
    }));
    expect(sent[1]).toEqual(sent[0]);
    expect(sent[0]?.session).toBe(sent[0]?.key);
    expect(sent[2]).toEqual({ key: "mine", session: "mine" });
  });
});

describe("before commit, a failure has its true status", () => {
  it.each<[string, FaultLike, number, string, RegExp, number]>([
    ["400", "context_length_exceeded", 400, "context_length_exceeded", /context window/, 1],
    ["401 that stays", "token_invalidated", 401, "auth_expired", /account still has access/, 2],
    ["402", "deactivated_workspace", 402, "payment_required", /workspace/, 1],
    ["Cloudflare's page", "cloudflare", 403, "forbidden", /Cloudflare/, 1],
    ["403", "forbidden", 403, "forbidden", /./, 1],
    ["404", "not_found", 404, "upstream_rejected", /./, 1],
    ["429 with the time of the reset", "usage_limit", 429, "usage_limit_reached", /available again at 20/, 1],
    ["a plan without Codex", "usage_not_included", 402, "payment_required", /plan/, 1],
    ["500", "server_error", 500, "upstream_rejected", /./, 4],
    ["503", "overloaded", 503, "upstream_overloaded", /Try again/, 4],
    ["overload inside a 200", "failed:server_is_overloaded", 503, "upstream_overloaded", /Try again/, 4],
    ["a stream that is cut before its first output", { cut: 2 }, 502, "stream_interrupted", /Try again/, 4],
    [
      "a connection that is reset",
      { cut: "before-headers", reset: true },
      502,
      "upstream_unreachable",
      /try again/i,
      4,
    ],
    [
      "a page of another network",
      { headers: { "content-type": "text/html" }, status: 200, body: "<html>Log in to the Wi-Fi</html>" },
      502,
      "upstream_unreachable",
      /web page/,
      1,
    ],
    [
      "a redirect",
      { status: 307, headers: { location: "https://login.example/in?token=secret" }, body: "" },
      502,
      "upstream_rejected",
      /answered 307, a redirect to https:\/\/login\.example, which/,
      1,
    ],
    [
      "a redirect to nowhere",
      { status: 304, body: "" },
      502,
      "upstream_rejected",
      /answered 304, a redirect, which/,
      1,
    ],
    [
      "other JSON with a 200",
      { status: 200, headers: { "content-type": "application/json" }, body: "{}" },
      502,
      "upstream_rejected",
      /answered 200 with a body \(application\/json\)/,
      1,
    ],
    [
      "an error as JSON with a 200",
      {
        status: 200,
        headers: { "content-type": "application/json" },
        body: '{"error":{"code":"cyber_policy","message":"Not this."}}',
      },
      400,
      "content_policy",
      /^Not this\./,
      1,
    ],
  ])("%s", async (_name, fault, status, code, words, attempts) => {
    for (const [, dialect, body] of dialects) {
      for (const more of [{}, streamed]) {
        const { sim, send, responses } = await openClient();
        sim.faults.always(fault);
        const seen = await send(dialect, body("hi", more));
        const { error } = seen.json as ErrorBody;
        expect(seen.status).toBe(status);
        expect(error.message).toMatch(words);
        expect(seen.headers["content-type"]).toBe("application/json");
        expect(seen.outcome).toMatchObject({ status, error: { code } });
        expect(responses()).toHaveLength(attempts);
        sim.faults.clear();
        expect((await send(dialect, body("hi", more))).status).toBe(200);
        if (status === 429) {
          expect(error.resets_at).toBeGreaterThan(Date.now() / 1000);
          expect(seen.headers).toMatchObject({ "x-should-retry": "false" });
          expect(seen.headers["retry-after"]).toBeUndefined();
        }
      }
    }
  });

  it.each<[string, FaultLike, number]>([
    ["503, three times", "overloaded", 3],
    ["a stream cut before its first output", { cut: 1 }, 1],
    [
      "a rate limit that names a short wait",
      { failed: { code: "rate_limit_exceeded", message: "Please try again in 20ms." } },
      2,
    ],
  ])("is retried and then not seen: %s", async (_name, fault, times) => {
    const { sim, send, responses } = await openClient();
    sim.faults.next(fault, times);
    expect(await send(chatDialect, chat("hi", streamed))).toMatchObject({ status: 200 });
    expect(responses()).toHaveLength(times + 1);
  });

  it("names a backend that can't be reached", async () => {
    const { send, sim } = await openClient();
    await send(chatDialect, chat("hi"));
    const { port } = sim;
    await sim.close();
    // Somebody else may take the port at once: hold it, and hang up on everyone.
    const holder = createServer((socket) => socket.resetAndDestroy()).listen(port, "127.0.0.1");
    try {
      expect(await send(chatDialect, chat("hi", streamed))).toMatchObject({
        status: 502,
        outcome: { error: { code: "upstream_unreachable" } },
      });
    } finally {
      holder.close();
    }
  });

  it("names the closest models of the account for an unknown one", async () => {
    const { send } = await openClient();
    const seen = await send(chatDialect, chat("hi", { ...streamed, model: "gpt-6-sun" }));
    expect(seen).toMatchObject({ status: 404, json: { error: { code: "model_not_found", param: "model" } } });
    expect((seen.json as ErrorBody).error.message).toContain("gpt-6-sol");
  });

  it.each<[string, Dialect, object]>([
    ["an unknown model", chatDialect, chat("hi", { model: "gpt-6-sun" })],
    ["no model, on chat", chatDialect, { messages: [] }],
    ["no model, on responses", responsesDialect, { input: "hi" }],
    ["no model, on completions", completionsDialect, { prompt: "hi" }],
  ])("tells of %s by the call that the caller has for the list", async (_name, dialect, body) => {
    const { client } = await openClient();
    const message = async (modelList?: string) => {
      const reply = await exchange(client, dialect, { body, ...(modelList !== undefined && { modelList }) });
      return (JSON.parse(reply.body as string) as ErrorBody).error.message;
    };
    const told = await message();
    expect(told).toMatch(/`client\.models\.list\(\)` lists [^.]*\./);
    expect(told).not.toContain("/v1/models");
    expect(await message("GET /v1/models")).toMatch(/GET \/v1\/models lists [^.]*\./);
  });
});

describe("after commit, a failure is in-band and ends the stream", () => {
  it.each<[string, FaultLike]>([
    ["cut", { cut: 8 }],
    ["cut in the middle of an event", { cut: 8, midEvent: true }],
    ["ended without response.completed", { cut: 8, endProperly: true }],
    ["failed", { failed: "server_is_overloaded", failedAt: "output" }],
  ])("%s", async (_name, fault) => {
    const { sim, send, responses } = await openClient();
    sim.faults.always(fault);
    const text = "one two three four five six seven";
    const seen = await send(chatDialect, chat(script({ text, reasoning: false }), streamed));
    expect(seen.status).toBe(200);
    expect(text.startsWith(chatText(seen))).toBe(true);
    expect(seen.events.some((event) => "error" in event)).toBe(true);
    expect(seen.outcome).toMatchObject({ status: 200, error: { retryable: true } });
    expect(responses()).toHaveLength(1);
    // A plain answer is committed when it is whole, so it still has its true status.
    const plain = await send(chatDialect, chat(script({ text, reasoning: false })));
    expect(plain.status).toBeGreaterThanOrEqual(500);
  });
});

describe("the login", () => {
  it("is renewed after a 401, once, and written back", async () => {
    const { sim, send, authFile } = await openClient();
    await send(chatDialect, chat("hi"));
    sim.expireAccessTokens();
    const answers = await Promise.all([1, 2, 3, 4].map((n) => send(chatDialect, chat(`hi ${n}`, streamed))));
    expect(answers.map((seen) => seen.status)).toEqual([200, 200, 200, 200]);
    expect(sim.refreshCount).toBe(1);
    const stored = JSON.parse(await readFile(authFile, "utf8")) as { tokens: { access_token: string } };
    expect(sim.requests.at(-1)?.headers.authorization).toBe(`Bearer ${stored.tokens.access_token}`);
  });

  it("of another program is adopted without a refresh", async () => {
    const { sim, send, authFile } = await openClient();
    await send(chatDialect, chat("hi"));
    sim.expireAccessTokens();
    await writeFile(authFile, JSON.stringify(sim.authJson()));
    expect((await send(chatDialect, chat("hi"))).status).toBe(200);
    expect(sim.refreshCount).toBe(0);
  });

  it.each<[string, (file: string) => Promise<void>]>([
    ["is missing", (file) => rm(file)],
    ["is empty", (file) => writeFile(file, "")],
    ["is cut off", (file) => writeFile(file, '{"tokens":{"access_')],
    ["has an unknown layout", (file) => writeFile(file, '{"hello":"world"}')],
  ])("%s: 401 and what to do", async (_name, harm) => {
    const { send, authFile, responses } = await openClient();
    await harm(authFile);
    const seen = await send(chatDialect, chat("hi", streamed));
    expect(seen).toMatchObject({ status: 401, outcome: { error: { code: "auth_missing" } } });
    expect((seen.json as ErrorBody).error.message).toMatch(/log ?in/i);
    expect(responses()).toHaveLength(0);
  });

  it("whose refresh fails: 401 and what to do", async () => {
    const { sim, send } = await openClient();
    await send(chatDialect, chat("hi"));
    sim.expireAccessTokens();
    sim.expireRefreshTokens();
    const seen = await send(chatDialect, chat("hi", streamed));
    expect(seen).toMatchObject({ status: 401, outcome: { error: { code: "auth_expired" } } });
    expect((seen.json as ErrorBody).error.message).toMatch(/log ?in/i);
  });
});

describe("bad input", () => {
  it.each<[string, unknown, string | null]>([
    ["broken JSON", '{"model":', null],
    ["no body", "", null],
    ["an array", [], null],
    ["a number", "7", null],
    ["no model", { messages: [{ role: "user", content: "hi" }] }, "model"],
    ["no messages", { model: "gpt-6-sol" }, "messages"],
    ["an unknown role", { model: "gpt-6-sol", messages: [{ role: "wizard", content: "hi" }] }, "messages[0].role"],
    ["a tool without a name", chat("hi", { tools: [{ type: "function", function: {} }] }), "tools[0].function.name"],
  ])("%s is a 400 that names the field", async (_name, body, param) => {
    const { send, responses } = await openClient();
    const seen = await send(chatDialect, body);
    expect(seen.status).toBe(400);
    expect((seen.json as ErrorBody).error).toMatchObject({
      type: "invalid_request_error",
      param,
      message: expect.stringMatching(/\w{4}/),
    });
    expect(responses()).toHaveLength(0);
  });
});

describe("adjustments", () => {
  it("are told in a header", async () => {
    const { send } = await openClient();
    const seen = await send(chatDialect, chat("hi", { temperature: 0.2, reasoning_effort: "none" }));
    expect(seen.headers["x-codex-adjusted"]).toContain('"temperature";action=dropped');
    expect(seen.headers["x-codex-adjusted"]).toContain("clamped");
  });

  it.each([
    [{ "x-codex-strict": "1" }, {}],
    [{}, { strict: true }],
  ])("are refused in strict mode: %j %j", async (headers, options) => {
    const { send, responses } = await openClient(options);
    const seen = await send(chatDialect, chat("hi", { temperature: 0.2 }), { headers });
    expect(seen).toMatchObject({ status: 400, json: { error: { param: "temperature" } } });
    expect(responses()).toHaveLength(0);
    expect((await send(chatDialect, chat("hi"), { headers })).status).toBe(200);
  });

  it("learn a field that the backend refuses, and pay for it once", async () => {
    const { sim, send, responses } = await openClient();
    sim.faults.next({ status: 400, body: { detail: "Unsupported parameter: brand_new" } });
    const request = { model: "gpt-6-sol", input: "hi", brand_new: 3 };
    expect((await send(responsesDialect, request)).headers["x-codex-adjusted"]).toContain('"brand_new";action=dropped');
    await send(responsesDialect, request);
    expect(responses().map((r) => "brand_new" in (r.body as object))).toEqual([true, false, false]);
  });
});

describe("what the backend teaches", () => {
  it("official instructions, once it asks for them", async () => {
    const { sim, send, responses } = await openClient();
    sim.faults.next("instructions_not_valid");
    await send(chatDialect, {
      model: "gpt-6-sol",
      messages: [
        { role: "system", content: "Be a pirate." },
        { role: "user", content: "hi" },
      ],
    });
    await send(chatDialect, chat("again"));
    const [refused, official, remembered] = responses().map(
      (r) => r.body as { instructions: string; input: { role: string }[] },
    );
    expect(refused?.instructions).toContain("Be a pirate.");
    expect(official?.instructions).not.toContain("Be a pirate.");
    expect(official?.instructions.length).toBeGreaterThan(50);
    expect(JSON.stringify(official?.input[0])).toContain("Be a pirate.");
    expect(remembered?.instructions).toBe(official?.instructions);
  });

  it("the responses-lite shape, where it is required, and back", async () => {
    const { sim, send, responses } = await openClient({}, { questions: { responsesLite: "required" } });
    const tools = [{ type: "function", function: { name: "f", parameters: { type: "object", properties: {} } } }];
    expect((await send(chatDialect, chat("hi", { tools }))).status).toBe(200);
    expect((await send(chatDialect, chat("again", { tools }))).status).toBe(200);
    const lite = responses().map((r) => r.headers["x-openai-internal-codex-responses-lite"]);
    expect(lite).toEqual([undefined, "true", "true"]);
    sim.questions.responsesLite = "refused";
    expect((await send(chatDialect, chat("back", { tools }))).status).toBe(200);
    expect(responses().at(-1)?.headers["x-openai-internal-codex-responses-lite"]).toBeUndefined();
  });
});

describe("cancellation", () => {
  it.each([
    ["before the headers", { stall: "before-headers" }],
    ["before the first output", { stall: 2 }],
    ["in the middle", { stall: 8 }],
  ] as const)("frees the backend's request at once: %s", async (_name, fault) => {
    for (const more of [{}, streamed]) {
      const { sim, send } = await openClient();
      sim.faults.always(fault);
      const controller = new AbortController();
      const reached = sim.waitFor("request", (request) => request.path.endsWith("/responses"));
      const pending = send(chatDialect, chat(script({ text: "one two three four five six seven" }), more), {
        signal: controller.signal,
      });
      await reached;
      const gone = sim.waitFor("disconnect");
      setTimeout(() => controller.abort(), 50);
      await gone;
      expect((await pending).outcome).toMatchObject({ error: { code: "aborted", status: 499 } });
      expect(sim.activeResponses).toBe(0);
    }
  });
});

describe("extension points", () => {
  it("custom names and models", async () => {
    const { send, responses, client } = await openClient({
      aliases: { fast: "gpt-6-luna-low" },
      customModels: [{ slug: "my-own", displayName: "Mine" }],
    });
    expect((await send(chatDialect, chat("hi", { model: "fast" }))).json).toMatchObject({ model: "fast" });
    expect(responses()[0]?.body).toMatchObject({ model: "gpt-6-luna", reasoning: { effort: "low" } });
    expect((await client.models.list()).map((m) => m.slug)).toContain("my-own");
  });

  it("custom instructions", async () => {
    const { send, responses } = await openClient({
      deriveInstructions: (messages, { model }) => `${messages.map((m) => m.content).join("|")} for ${model.slug}`,
    });
    await send(chatDialect, {
      model: "gpt-6-sol",
      messages: [
        { role: "system", content: "A" },
        { role: "user", content: "hi" },
      ],
    });
    expect(responses()[0]?.body).toMatchObject({ instructions: "A for gpt-6-sol" });
  });

  it("a custom transform of the answer, streamed and plain alike", async () => {
    const { send } = await openClient({
      transform: async function* (events) {
        for await (const batch of events) {
          yield batch.map((event) =>
            event.raw.includes("secret") ? createEvent(JSON.parse(event.raw.replaceAll("secret", "******"))) : event,
          );
        }
      },
    });
    const prompt = script({ text: "the secret is out", reasoning: false });
    expect(chatText(await send(chatDialect, chat(prompt, streamed)))).toBe("the ****** is out");
    expect((await send(chatDialect, chat(prompt))).text).toContain("the ****** is out");
  });
});

describe("limits", () => {
  it("are told as they come, by headers and by events", async () => {
    const told: unknown[] = [];
    const { send } = await openClient(
      { onRateLimits: (limits) => told.push(limits) },
      { questions: { rateLimits: "both" } },
    );
    const seen = await send(chatDialect, chat("hi"));
    expect(told.length).toBeGreaterThanOrEqual(2);
    expect(told[0]).toMatchObject({ planType: "plus", windows: [{ windowMinutes: 300 }, { windowMinutes: 10080 }] });
    expect(seen.headers["x-codex-primary-used-percent"]).toBeDefined();
  });
});

describe("secrets", () => {
  it("no token is in any reply", async () => {
    const { sim, send, authFile } = await openClient();
    const { tokens } = JSON.parse(await readFile(authFile, "utf8")) as { tokens: Record<string, string> };
    const faults: FaultLike[] = [
      "token_unparsable",
      "cloudflare",
      "usage_limit",
      "failed:server_is_overloaded",
      { cut: "before-headers" },
    ];
    for (const fault of faults) {
      sim.faults.always(fault);
      const seen = await send(chatDialect, chat("hi", streamed));
      const shown =
        seen.text + JSON.stringify(seen.headers) + String(seen.outcome.error?.stack) + JSON.stringify(seen.outcome);
      for (const name of ["access_token", "refresh_token", "id_token"]) expect(shown).not.toContain(tokens[name]);
      sim.faults.clear();
    }
  });
});
