import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import type { FaultLike } from "@codex/simulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Answer, ask, chatBody, type House, type HouseOptions, responsesBody, startHouse } from "./start-house.js";

/**
 * Bad input and faults: each gives the dialect's error with the right status and a message that says what to do, the
 * server goes on, and no token is ever printed.
 */
interface Expected {
  status: number;
  code: string;
  message: RegExp;
  type?: string;
  param?: string | null;
  headers?: Record<string, string | undefined>;
}

const routes = ["/v1/chat/completions", "/v1/responses"] as const;

function expectError(answer: Answer, expected: Expected): void {
  const { status, code, message, type, param, headers = {} } = expected;
  expect([answer.status, answer.headers["content-type"]]).toEqual([status, "application/json"]);
  expect(Object.keys(answer.json)).toEqual(["error"]);
  expect(answer.json.error).toMatchObject({ code, message: expect.stringMatching(message) });
  if (type !== undefined) expect(answer.json.error.type).toBe(type);
  if (param !== undefined) expect(answer.json.error.param).toBe(param);
  expect(answer.headers).toMatchObject(headers);
  // What the backend says in HTML is for browsers.
  expect(answer.text).not.toMatch(/<html|<title/i);
}

/** No answer and no log line holds a token, neither one of the first nor one that is in use now. */
async function expectNoSecrets(house: House, texts: string[]): Promise<void> {
  const now = await readFile(house.authFile, "utf8").catch(() => "");
  const current = [...now.matchAll(/_token": ?"([^"]{20,})"/g)].map(([, token]) => token as string);
  const all = [...texts, ...house.log].join("\n");
  for (const secret of [...house.secrets, ...current]) {
    // A token's claims may not be seen either: a part of it is as telling as the whole.
    for (const part of secret.split(".")) if (part.length > 20) expect(all).not.toContain(part);
  }
  expect(all).not.toMatch(/Bearer ey/);
}

async function expectAlive(house: House): Promise<void> {
  const answers = await Promise.all([
    ask(`${house.proxy.url}${routes[0]}`, { body: chatBody("alive") }),
    ask(`${house.proxy.url}${routes[1]}`, { body: responsesBody("alive", { stream: true }) }),
  ]);
  for (const { status, text } of answers) expect([status, text]).toEqual([200, expect.stringContaining("alive")]);
}

describe.concurrent("bad input", () => {
  let house: House;
  const texts: string[] = [];
  beforeAll(async () => {
    house = await startHouse();
  });
  afterAll(async () => {
    await expectNoSecrets(house, texts);
    await expectAlive(house);
    await house.close();
  });

  const good = { model: "gpt-6-sol", messages: [{ role: "user", content: "x" }], input: "x" };
  const cases: [what: string, body: unknown, expected: [Expected, Expected] | Expected][] = [
    [
      "broken JSON",
      '{"model":',
      { status: 400, code: "request_invalid", message: /not valid JSON. Send a JSON object/ },
    ],
    ["no body", "", { status: 400, code: "request_invalid", message: /no body. Send a JSON object/ }],
    ...["[]", '"text"', "null", "1", "[{}]"].map((text): [string, unknown, Expected] => [
      `the body ${text}`,
      text,
      { status: 400, code: "request_invalid", message: /must be a JSON object, such as/ },
    ]),
    [
      "no model",
      { ...good, model: undefined },
      { status: 400, code: "request_invalid", param: "model", message: /Set `model`; GET \/v1\/models lists/ },
    ],
    [
      "no messages",
      { model: "gpt-6-sol" },
      [
        { status: 400, code: "request_invalid", param: "messages", message: /Send at least one/ },
        { status: 400, code: "request_invalid", param: "input", message: /Send a string or a list/ },
      ],
    ],
    [
      "an unknown role",
      { ...good, messages: [{ role: "wizard", content: "x" }], input: [{ role: "wizard", content: "x" }] },
      [
        {
          status: 400,
          code: "request_invalid",
          param: "messages[0].role",
          message: /system, developer, user, assista/,
        },
        { status: 400, code: "request_invalid", param: "input[0].role", message: /system, developer, user or assista/ },
      ],
    ],
    [
      "a tool without a name",
      { ...good, tools: [{ type: "function", function: { parameters: {} } }] },
      { status: 400, code: "request_invalid", param: "tools[0].function.name", message: /needs a name/ },
    ],
    [
      "an unknown model",
      { ...good, model: "gpt-6-sool" },
      { status: 404, code: "model_not_found", param: "model", message: /GET \/v1\/models.*gpt-6-sol/ },
    ],
    [
      "an unknown model, streamed",
      { ...good, model: "gpt-6-sool", stream: true },
      { status: 404, code: "model_not_found", param: "model", message: /GET \/v1\/models.*gpt-6-sol/ },
    ],
  ];

  it.each(cases)("%s", async (_what, body, expected) => {
    for (const [index, route] of routes.entries()) {
      const answer = await ask(`${house.proxy.url}${route}`, { body });
      texts.push(answer.text, JSON.stringify(answer.headers));
      expectError(answer, Array.isArray(expected) ? (expected[index] as Expected) : expected);
    }
  });
});

describe.concurrent("a backend that fails", () => {
  let house: House;
  const texts: string[] = [];
  beforeAll(async () => {
    // Here it fails in every way at once, so that it would count as down.
    house = await startHouse({ client: { circuit: { failures: Number.POSITIVE_INFINITY } } });
  });
  afterAll(async () => {
    await expectNoSecrets(house, texts);
    await expectAlive(house);
    await house.close();
  });

  /** The fault rides in the prompt, so that all cases can run at once. */
  function send(fault: FaultLike, stream: boolean): Promise<Answer[]> {
    const prompt = `SIM${JSON.stringify({ text: "one two three four", reasoning: false, fault })}`;
    const bodies = [chatBody(prompt, { stream }), responsesBody(prompt, { stream })];
    return Promise.all(
      routes.map(async (route, index) => {
        const answer = await ask(`${house.proxy.url}${route}`, { body: bodies[index] });
        texts.push(answer.text, JSON.stringify(answer.headers));
        return answer;
      }),
    );
  }

  const refused: [what: string, fault: FaultLike, expected: Expected][] = [
    [
      "400 with an error object",
      {
        status: 400,
        body: { error: { message: "Invalid schema.", type: "invalid_request_error", param: "tools[0].parameters" } },
      },
      { status: 400, code: "request_invalid", param: "tools[0].parameters", message: /Invalid schema/ },
    ],
    [
      "400 with a detail",
      { status: 400, body: { detail: "Something is not right" } },
      { status: 400, code: "request_invalid", type: "invalid_request_error", message: /Something is not right/ },
    ],
    [
      "400, too long a conversation",
      "context_length_exceeded",
      { status: 400, code: "context_length_exceeded", message: /Shorten the conversation/ },
    ],
    ["402", "deactivated_workspace", { status: 402, code: "payment_required", message: /Check the ChatGPT plan/ }],
    ["403 from Cloudflare", "cloudflare", { status: 403, code: "forbidden", message: /Cloudflare.*Another network/ }],
    ["403, a challenge", "cloudflare_challenge", { status: 403, code: "forbidden", message: /Cloudflare/ }],
    ["403", "forbidden", { status: 403, code: "forbidden", message: /Check that this account/ }],
    ["404", "not_found", { status: 404, code: "upstream_rejected", message: /Try again/ }],
    [
      "429, with the time when it ends",
      "usage_limit",
      {
        status: 429,
        code: "insufficient_quota",
        type: "usage_limit_reached",
        message: /available again at \d{4}-\d\d-\d\d/,
        headers: { "x-should-retry": "false" },
      },
    ],
    [
      "a usage limit as 404",
      "usage_limit_as_404",
      { status: 429, code: "insufficient_quota", message: /available again/ },
    ],
    ["429, a rate", "rate_limited", { status: 429, code: "rate_limit_exceeded", message: /try again in/i }],
    ["500", "server_error", { status: 500, code: "upstream_rejected", type: "server_error", message: /Try again/ }],
    ["502 in HTML", "bad_gateway", { status: 503, code: "upstream_overloaded", message: /Try again/ }],
    ["503", "overloaded", { status: 503, code: "upstream_overloaded", message: /try again/i }],
    [
      "overload inside a 200",
      "failed:server_is_overloaded",
      { status: 503, code: "upstream_overloaded", message: /try again/i },
    ],
    [
      "a usage limit inside a 200",
      "failed:usage_limit_reached",
      { status: 429, code: "insufficient_quota", message: /./ },
    ],
    [
      "a connection that ends before the headers",
      { cut: "before-headers" },
      { status: 502, code: "upstream_unreachable", message: /Check the network and try again/ },
    ],
    [
      "a stream cut before the first output",
      { cut: 2 },
      { status: 502, code: "stream_interrupted", message: /Try again/ },
    ],
    [
      "a stream reset before the first output",
      { cut: "after-headers", reset: true },
      { status: 502, code: "stream_interrupted", message: /Try again/ },
    ],
    [
      "a stream that ends before the first output",
      { cut: 2, endProperly: true },
      { status: 502, code: "stream_interrupted", message: /Try again/ },
    ],
  ];

  describe.concurrent.each([false, true])("with its true status (stream: %s)", (stream) => {
    it.each(refused)("%s", async (_what, fault, expected) => {
      for (const answer of await send(fault, stream)) expectError(answer, expected);
    });
  });

  it("tells when a usage limit ends in the body, and sends no retry-after of hours", async () => {
    for (const { json, headers } of await send("usage_limit", false)) {
      expect(json.error.resets_at).toBeGreaterThan(Date.now() / 1000);
      expect(headers["retry-after"]).toBeUndefined();
    }
  });

  const broken: [what: string, fault: FaultLike, code: string][] = [
    ["a stream cut after output", { cut: 6 }, "stream_interrupted"],
    ["a stream cut in the middle of an event", { cut: 6, midEvent: true }, "stream_interrupted"],
    ["a stream that ends properly, but too early", { cut: 6, endProperly: true }, "stream_interrupted"],
    ["overload after output", { failed: "server_is_overloaded", failedAt: "output" }, "upstream_overloaded"],
  ];

  it.each(broken)("%s is an error in the stream after what has come", async (_what, fault, code) => {
    const [chat, responses] = (await send(fault, true)) as [Answer, Answer];
    expect([chat.status, responses.status]).toEqual([200, 200]);

    const chunks = chat.text.split("\n\n").filter(Boolean);
    const said = chunks.map((chunk) => JSON.parse(chunk.slice(6).replace("[DONE]", "null")));
    expect(said.some((chunk) => chunk?.choices?.[0].delta.content === "one")).toBe(true);
    expect(said.filter((chunk) => chunk?.error !== undefined)).toEqual([
      { error: expect.objectContaining({ code, message: expect.stringMatching(/try again/i) }) },
    ]);
    expect(said.some((chunk) => chunk?.choices?.[0]?.finish_reason)).toBe(false);

    expect(responses.text).toContain('"delta":"one"');
    expect(responses.text).toMatch(/event: (error|response\.failed)\n/);
    expect(responses.text).toContain(`"code":"${code}"`);
    expect(responses.text).not.toContain("event: response.completed");
  });

  it.each(broken)("%s is an error with its status for who asked for a plain answer", async (_what, fault, code) => {
    const status = code === "stream_interrupted" ? 502 : 503;
    for (const answer of await send(fault, false)) expectError(answer, { status, code, message: /try again/i });
  });
});

describe.concurrent("a login that does not work", () => {
  const broken: [what: string, options: HouseOptions, expected: Expected][] = [
    ["no file", { login: null }, { status: 401, code: "auth_missing", message: /codex login/ }],
    ["an empty file", { login: "" }, { status: 401, code: "auth_missing", message: /codex login/ }],
    [
      "a file that is cut off",
      { login: (simulator) => JSON.stringify(simulator.authJson()).slice(0, 300) },
      { status: 401, code: "auth_missing", message: /codex login/ },
    ],
    [
      "a file of an unknown layout",
      { login: '{"session":{"cookie":"made-up-secret-made-up-secret"}}' },
      { status: 401, code: "auth_missing", message: /codex login/ },
    ],
    [
      "an expired token whose refresh is refused",
      {
        login: (simulator) => {
          const login = JSON.stringify(simulator.authJson(simulator.issueCredentials({ expiresIn: -60 })));
          simulator.expireRefreshTokens();
          return login;
        },
      },
      { status: 401, code: "auth_expired", message: /codex login/ },
    ],
    [
      "an expired token while the issuer fails",
      {
        login: (simulator) => {
          simulator.faults.always({ route: "token", status: 503, body: "" });
          return JSON.stringify(simulator.authJson(simulator.issueCredentials({ expiresIn: -60 })));
        },
      },
      { status: 502, code: "upstream_unreachable", message: /try again/i },
    ],
    [
      "a token that is refused, as is the renewed one",
      {
        login: (simulator) => {
          simulator.faults.always("token_invalidated");
          return JSON.stringify(simulator.authJson());
        },
      },
      { status: 401, code: "auth_expired", message: /./ },
    ],
  ];

  it.each(broken)("%s", async (_what, options, expected) => {
    const house = await startHouse(options);
    try {
      const texts: string[] = [];
      for (const route of routes) {
        const body = { ...chatBody("x"), ...responsesBody("x"), stream: route === routes[1] };
        const answer = await ask(`${house.proxy.url}${route}`, { body });
        texts.push(answer.text, JSON.stringify(answer.headers));
        expectError(answer, expected);
      }
      texts.push(await house.proxy.describe());
      await expectNoSecrets(house, texts);
      expect(texts.join()).not.toContain("made-up-secret");

      // Signing in is all that is needed: the server takes the new login by itself.
      house.simulator.faults.clear();
      const { simulator } = house;
      await writeFile(house.authFile, JSON.stringify(simulator.authJson(simulator.issueCredentials())));
      await expectAlive(house);
    } finally {
      await house.close();
    }
  });

  it("lists models all the same, from the bundled catalog", async () => {
    const house = await startHouse({ login: null });
    try {
      const { status, json } = await ask(`${house.proxy.url}/v1/models`);
      expect(status).toBe(200);
      expect(json.data.length).toBeGreaterThan(5);
    } finally {
      await house.close();
    }
  });
});

it("a backend that cannot be reached", async () => {
  const taken = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  const { port } = taken.address() as { port: number };
  await new Promise((resolve) => taken.close(resolve));
  const house = await startHouse({ client: { baseUrl: `http://127.0.0.1:${port}/backend-api/codex` } });
  try {
    const answers = await Promise.all(
      routes.map((route) => ask(house.proxy.url + route, { body: { ...chatBody("x"), input: "x", stream: true } })),
    );
    for (const answer of answers) {
      expectError(answer, { status: 502, code: "upstream_unreachable", message: /Check the network and try again/ });
    }
    await expectNoSecrets(
      house,
      answers.map(({ text }) => text),
    );
    expect(await ask(`${house.proxy.url}/healthz`)).toMatchObject({ status: 200 });
  } finally {
    await house.close();
  }
});
