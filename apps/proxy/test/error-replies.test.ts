import type { FaultLike } from "@codex/simulator";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type AskOptions, ask, chatBody, type House, responsesBody, startHouse } from "./start-house.js";

const model = "gpt-6-sol";
let house: House;
beforeAll(async () => {
  house = await startHouse({ client: { backoff: { baseMs: 1 } }, config: { limits: { maxBodyBytes: 10_000 } } });
});
afterAll(() => house.close());

const routes: [string, (more?: object) => object][] = [
  ["chat/completions", (more) => chatBody("hi", more)],
  ["responses", (more) => responsesBody("hi", more)],
  ["completions", (more) => ({ model, prompt: "hi", ...more })],
];

interface Told {
  status: number;
  type: string;
  code: string;
  param?: string | null;
  /** What the message says, and what is to be done. */
  words: RegExp;
  /** Whether the SDKs are told not to try again, where they would. */
  final?: true;
}

/** What the backend may say, and what callers hear of it. */
const failures: [FaultLike, Told][] = [
  [
    "invalid_image",
    { status: 400, type: "invalid_request_error", code: "request_invalid", param: "input", words: /valid image/ },
  ],
  [
    "cyber_policy",
    { status: 400, type: "invalid_request_error", code: "content_policy_violation", words: /Change the prompt/ },
  ],
  [
    "context_length_exceeded",
    {
      status: 400,
      type: "invalid_request_error",
      code: "context_length_exceeded",
      param: "input",
      words: /Shorten the conversation/,
    },
  ],
  [
    "failed:context_length_exceeded",
    { status: 400, type: "invalid_request_error", code: "context_length_exceeded", words: /Shorten the conversation/ },
  ],
  ["failed:invalid_prompt", { status: 400, type: "invalid_request_error", code: "request_invalid", words: /./ }],
  [
    "failed:bio_policy",
    { status: 400, type: "invalid_request_error", code: "content_policy_violation", words: /Change the prompt/ },
  ],
  [
    "deactivated_workspace",
    { status: 402, type: "insufficient_quota", code: "payment_required", words: /plan and workspace/ },
  ],
  ["usage_not_included", { status: 402, type: "insufficient_quota", code: "payment_required", words: /upgrade/ }],
  ["failed:usage_not_included", { status: 402, type: "insufficient_quota", code: "payment_required", words: /plan/ }],
  ["forbidden", { status: 403, type: "permission_error", code: "forbidden", words: /may use Codex/ }],
  ["cloudflare", { status: 403, type: "permission_error", code: "forbidden", words: /Cloudflare.*Another network/ }],
  ["cloudflare_challenge", { status: 403, type: "permission_error", code: "forbidden", words: /Cloudflare/ }],
  ["too_large", { status: 413, type: "invalid_request_error", code: "too_large", words: /Send smaller/ }],
  [
    "usage_limit",
    {
      status: 429,
      type: "usage_limit_reached",
      code: "insufficient_quota",
      words: /available again at 20/,
      final: true,
    },
  ],
  [
    "usage_limit_as_404",
    { status: 429, type: "usage_limit_reached", code: "insufficient_quota", words: /available again/, final: true },
  ],
  [
    "failed:insufficient_quota",
    { status: 429, type: "usage_limit_reached", code: "insufficient_quota", words: /./, final: true },
  ],
  [
    { status: 429, body: { detail: "Too many requests" }, headers: { "retry-after": "42" } },
    { status: 429, type: "rate_limit_error", code: "rate_limit_exceeded", words: /./ },
  ],
  ["server_error", { status: 500, type: "server_error", code: "upstream_rejected", words: /Try again/, final: true }],
  ["failed:something_new", { status: 502, type: "server_error", code: "upstream_rejected", words: /Try again/ }],
  ["bad_gateway", { status: 503, type: "server_error", code: "upstream_overloaded", words: /Try again/, final: true }],
  [
    "overloaded",
    { status: 503, type: "server_error", code: "upstream_overloaded", words: /Try again in a moment/, final: true },
  ],
  [
    "failed:slow_down",
    {
      status: 503,
      type: "server_error",
      code: "upstream_overloaded",
      words: /^Please slow down and try again later\.$/,
      final: true,
    },
  ],
  [
    { cut: "before-headers", reset: true },
    { status: 502, type: "server_error", code: "upstream_unreachable", words: /./, final: true },
  ],
  [{ cut: 2 }, { status: 502, type: "server_error", code: "stream_interrupted", words: /Try again/, final: true }],
  [
    { status: 200, headers: { "content-type": "text/html" }, body: "<html>" },
    { status: 502, type: "server_error", code: "upstream_unreachable", words: /web page/, final: true },
  ],
];

// `final`: of no use to try again, or tried as often as it may be already.
it.each(failures)("%j is told as it is", async (fault, told) => {
  for (const [route, body] of routes) {
    for (const stream of [false, true]) {
      const undo = house.simulator.faults.always(fault);
      const headers = { "x-request-id": "of-the-caller" };
      const answer = await ask(`${house.proxy.url}/v1/${route}`, { body: body({ stream }), headers });
      undo();
      expect(answer.status).toBe(told.status);
      const { message, type, code, param } = answer.json.error;
      expect({ type, code, param }).toEqual({ type: told.type, code: told.code, param: told.param ?? null });
      expect(message).toMatch(told.words);
      expect(answer.headers).toMatchObject({ "content-type": "application/json", "x-request-id": "of-the-caller" });
      expect(answer.headers["x-should-retry"]).toBe(told.final ? "false" : undefined);
      expect(Number(answer.headers["retry-after"] ?? 0)).toBeLessThanOrEqual(60);
      if (fault === "usage_limit") {
        expect(answer.json.error.resets_at).toBeGreaterThan(Date.now() / 1000);
        expect(answer.headers["retry-after"]).toBeUndefined();
        expect(answer.headers).toMatchObject({
          "x-codex-primary-used-percent": "100",
          "x-codex-active-limit": "codex",
        });
      }
      if (typeof fault === "object" && "headers" in fault && fault.status === 429) {
        expect(answer.headers["retry-after"]).toBe("42");
      }
    }
  }
});

/** What callers do wrong, and what they hear. */
const mistakes: [string, string, AskOptions, Told][] = [
  [
    "an unknown path",
    "/v1/nothing",
    {},
    { status: 404, type: "not_found_error", code: "not_found", words: /There is .*chat/ },
  ],
  [
    "another method",
    "/v1/responses",
    { method: "PUT", body: {} },
    { status: 405, type: "invalid_request_error", code: "method_not_allowed", words: /POST/ },
  ],
  [
    "no JSON",
    "/v1/chat/completions",
    { body: "{" },
    { status: 400, type: "invalid_request_error", code: "request_invalid", words: /JSON/ },
  ],
  [
    "another type of body",
    "/v1/responses",
    { body: "x", headers: { "content-type": "text/plain" } },
    { status: 415, type: "invalid_request_error", code: "media_type_unsupported", words: /application\/json/ },
  ],
  [
    "too much",
    "/v1/responses",
    { body: responsesBody("x".repeat(20_000)) },
    { status: 413, type: "invalid_request_error", code: "too_large", words: /./ },
  ],
  [
    "another host",
    "/v1/models",
    { headers: { host: "evil.example" } },
    { status: 403, type: "permission_error", code: "forbidden", words: /./ },
  ],
  [
    "an unknown model",
    "/v1/chat/completions",
    { body: chatBody("x", { model: "gpt-6-sun" }) },
    {
      status: 404,
      type: "not_found_error",
      code: "model_not_found",
      param: "model",
      words: /Closest models.*gpt-6-sol/,
    },
  ],
  [
    "an unknown response",
    "/v1/responses/resp_1",
    {},
    { status: 404, type: "invalid_request_error", code: "response_not_found", words: /resp_1/ },
  ],
  [
    "a previous response that is not there",
    "/v1/responses",
    { body: responsesBody("x", { previous_response_id: "resp_1" }) },
    {
      status: 400,
      type: "invalid_request_error",
      code: "previous_response_not_found",
      param: "previous_response_id",
      words: /resp_1/,
    },
  ],
  [
    "background",
    "/v1/responses",
    { body: responsesBody("x", { background: true }) },
    { status: 400, type: "invalid_request_error", code: "request_invalid", param: "background", words: /./ },
  ],
];

it.each(mistakes)("%s is told with what is right", async (_name, path, options, told) => {
  const answer = await ask(house.proxy.url + path, options);
  expect(answer.status).toBe(told.status);
  const { message, type, code, param } = answer.json.error;
  expect({ type, code, param }).toEqual({ type: told.type, code: told.code, param: told.param ?? null });
  expect(message).toMatch(told.words);
  expect(answer.headers["x-request-id"]).toMatch(/^[\da-f-]{36}$/);
});

it("answers with an id of the request on every route", async () => {
  for (const [path, options] of [
    ["/healthz", {}],
    ["/", {}],
    ["/v1/models", {}],
    [`/v1/models/${model}`, {}],
    ["/v1/chat/completions", { body: chatBody("x") }],
    ["/v1/responses", { body: responsesBody("x", { stream: true }) }],
    ["/v1/chat/completions", { method: "OPTIONS", headers: { origin: "http://localhost:3000" } }],
  ] as [string, AskOptions][]) {
    expect((await ask(house.proxy.url + path, options)).headers["x-request-id"]).toMatch(/^[\da-f-]{36}$/);
  }
});

it("tells the limits, the backend's id of the request, and the model that answered", async () => {
  const { headers } = await ask(`${house.proxy.url}/v1/responses`, { body: responsesBody("x") });
  expect(headers).toMatchObject({
    "x-codex-primary-used-percent": "12",
    "x-codex-plan-type": "plus",
    "openai-model": model,
    "x-codex-upstream-request-id": expect.stringMatching(/./),
  });
  expect(headers["x-codex-turn-state"]).toBeUndefined();
});

it("is signed in to nobody: 401 and what to do", async () => {
  const empty = await startHouse({ login: null, config: { apiKeys: ["mine"] } });
  const url = `${empty.proxy.url}/v1/chat/completions`;
  const wrong = await ask(url, { body: chatBody("x") });
  expect([wrong.status, wrong.json.error.code, wrong.json.error.type]).toEqual([
    401,
    "invalid_api_key",
    "authentication_error",
  ]);
  const missing = await ask(url, { body: chatBody("x"), headers: { authorization: "Bearer mine" } });
  expect([missing.status, missing.json.error.code]).toEqual([401, "auth_missing"]);
  expect(missing.json.error.message).toMatch(/login/);
  await empty.close();
});
