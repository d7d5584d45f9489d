import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import type { FaultLike } from "@codex/simulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { entryCommand } from "../../../scripts/entry-command.js";
import { type Answer, ask, chatBody, type House, type HouseOptions, responsesBody, startHouse } from "./start-house.js";

/**
 * What a backend, or the network before it, can do wrong, kind by kind, each with what a caller sees of it. The texts of
 * refusals are looked at in faults.test.ts; here is the whole list.
 */
type Seen = "ok" | [status: number, code: string];
/** In a stream after its first words. */
type InBand = { inBand: string };

const quick = {
  backoff: { baseMs: 1 },
  circuit: { failures: Number.POSITIVE_INFINITY },
  // Long enough for a busy machine.
  timeLimits: { connectMs: 1500, headersMs: 1500, firstEventMs: 1500, idleMs: 1500 },
} satisfies HouseOptions["client"];

const script = (marker: object) => `SIM${JSON.stringify({ text: "one two three", reasoning: false, ...marker })}`;

function see(answer: Answer): Seen | InBand {
  if (answer.status !== 200) return [answer.status, answer.json.error.code];
  const failure = /"error":\{"message":"[^"]*","type":"[^"]*","param":[^,]*,"code":"([^"]*)"/.exec(answer.text)?.[1];
  return failure === undefined ? "ok" : { inBand: failure };
}

/** Plain and streamed, in two dialects: four requests. Resolves with what each saw, where they agree. */
async function send(house: House, prompt: string): Promise<{ plain: unknown; stream: unknown }> {
  const url = house.proxy.url;
  const both = async (stream: boolean) => {
    const seen = await Promise.all([
      ask(`${url}/v1/chat/completions`, { body: chatBody(prompt, { stream }) }),
      ask(`${url}/v1/responses`, { body: responsesBody(prompt, { stream }) }),
    ]);
    const [chat, responses] = seen.map(see);
    expect(chat).toEqual(responses);
    return chat;
  };
  const [plain, stream] = await Promise.all([both(false), both(true)]);
  return { plain, stream };
}

const broken: [number, string] = [502, "stream_interrupted"];
const overloaded: [number, string] = [503, "upstream_overloaded"];
const unreachable: [number, string] = [502, "upstream_unreachable"];
const timeout: [number, string] = [504, "upstream_timeout"];
const expired: [number, string] = [401, "auth_expired"];
const rejected = (status: number): [number, string] => [status, "upstream_rejected"];
const policy: [number, string] = [400, "content_policy_violation"];
const quota: [number, string] = [429, "insufficient_quota"];
const payment: [number, string] = [402, "payment_required"];

type Row = [
  what: string,
  fault: FaultLike | undefined,
  expected: Seen,
  stream?: Seen | InBand | undefined,
  script?: object,
];

const event = (type: string, fields: object = {}) => ({ type, ...fields });
const failedAlone = { type: "error", code: "server_error", message: "It failed." };

const rows: Row[] = [
  // The bodies of protocol 4.6, and what else is answered in place of a stream.
  ["400 invalid_image", "invalid_image", [400, "request_invalid"]],
  ["400 cyber_policy", "cyber_policy", policy],
  ["400 context_length_exceeded", "context_length_exceeded", [400, "context_length_exceeded"]],
  ["401 Unauthorized", "unauthorized", expired],
  ["401 token_expired", "token_expired", expired],
  ["401 token_invalidated", "token_invalidated", expired],
  ["401 in plain text, its JSON in a header", "token_unparsable", expired],
  ["402 deactivated_workspace", "deactivated_workspace", payment],
  ["403", "forbidden", [403, "forbidden"]],
  ["403 of Cloudflare", "cloudflare", [403, "forbidden"]],
  ["403, a challenge", "cloudflare_challenge", [403, "forbidden"]],
  ["404", "not_found", rejected(404)],
  ["404 that is a usage limit", "usage_limit_as_404", quota],
  ["404 of a model", { status: 404, body: { detail: "Model not found gpt-6-sol" } }, [404, "model_not_found"]],
  ["413", "too_large", [413, "too_large"]],
  ["429 usage_limit_reached", "usage_limit", quota],
  ["429 usage_not_included", "usage_not_included", payment],
  ["429 without words", { status: 429, body: "" }, [429, "rate_limit_exceeded"]],
  ["500 server_error", "server_error", rejected(500)],
  ["502 in HTML", "bad_gateway", overloaded],
  ["503 server_is_overloaded", "overloaded", overloaded],
  ["503 slow_down", "slow_down", overloaded],
  ["504 in HTML", "gateway_timeout", overloaded],
  ["507", { status: 507, body: "full" }, rejected(507)],
  ["a redirect", { status: 307, headers: { location: "http://evil.test/" }, body: "" }, rejected(502)],
  ["418", { status: 418, body: { detail: "I am a teapot" } }, rejected(418)],
  // The codes of protocol 4.4, inside a 200.
  ...(
    [
      ["context_length_exceeded", [400, "context_length_exceeded"]],
      ["insufficient_quota", quota],
      ["usage_not_included", payment],
      ["cyber_policy", policy],
      ["bio_policy", policy],
      ["invalid_prompt", [400, "request_invalid"]],
      ["misalignment_policy_violation", policy],
      ["organization_spend_limit_exceeded", quota],
      ["credit_balance_exhausted", quota],
      ["server_is_overloaded", overloaded],
      ["slow_down", overloaded],
      ["rate_limit_exceeded", [429, "rate_limit_exceeded"]],
      ["nobody_knows", rejected(502)],
    ] as [string, [number, string]][]
  ).map(([code, seen]): Row => [`failed: ${code}`, `failed:${code}`, seen]),
  [
    "failed after output",
    { failed: "server_is_overloaded", failedAt: "output" },
    overloaded,
    { inBand: "upstream_overloaded" },
  ],
  ["an error event, wrapped", { failed: "slow_down", errorEvent: "wrapped-alone" }, overloaded],
  ["an error event, flat", { failed: "slow_down", errorEvent: "top-level-alone" }, overloaded],
  [
    "an error event after a word",
    undefined,
    rejected(502),
    { inBand: "upstream_rejected" },
    {
      events: [
        event("response.created", { response: {} }),
        event("response.output_text.delta", { delta: "one", item_id: "m", output_index: 0, content_index: 0 }),
        failedAlone,
      ],
    },
  ],
  ["an answer that is incomplete", { incomplete: "max_output_tokens" }, "ok"],
  // The connection.
  ["no headers", { stall: "before-headers" }, timeout],
  ["slow headers, in time", { stall: "before-headers", stallMs: 20 }, "ok"],
  ["no first event", { stall: "after-headers" }, timeout],
  ["silence before the output", { stall: 2 }, timeout],
  ["silence within the output", { stall: 6 }, timeout, { inBand: "upstream_timeout" }],
  ["a reset before the headers", { cut: "before-headers", reset: true }, unreachable],
  ["an end before the headers", { cut: "before-headers" }, unreachable],
  ["a reset after the headers", { cut: "after-headers", reset: true }, broken],
  ["a reset within the output", { cut: 6, reset: true }, broken, { inBand: "stream_interrupted" }],
  ["an end within an event", { cut: 6, midEvent: true }, broken, { inBand: "stream_interrupted" }],
  ["an orderly end without the last event", { cut: 6, endProperly: true }, broken, { inBand: "stream_interrupted" }],
  // The bytes.
  ["one byte at a time", { split: 1 }, "ok"],
  ["comments, broken lines and JSON between", { garbage: true }, "ok"],
  ["events and items that nobody knows", { unknown: true }, "ok"],
  ["an event of 1 MB", { hugeBytes: 1_000_000 }, "ok"],
  // A stream is known by its first bytes.
  ["a stream with the type of a page", { contentType: "text/html" }, "ok"],
  ["a stream with the type of JSON", { contentType: "application/json" }, "ok"],
  ["a stream with another type of text", { contentType: "text/plain" }, "ok"],
  [
    "an event of the response that is no JSON",
    undefined,
    broken,
    undefined,
    { events: [event("response.created", { response: {} }), "event: response.output_text.delta\ndata: {nonsense\n\n"] },
  ],
  ["nothing but an end", undefined, broken, undefined, { events: [] }],
  ["[DONE] and nothing else", undefined, broken, undefined, { events: ["data: [DONE]\n\n"] }],
];

describe.concurrent("kinds of faults", () => {
  let house: House;
  beforeAll(async () => {
    house = await startHouse({ client: quick });
  });
  afterAll(async () => {
    await house.simulator.idle();
    await house.close();
  });

  it.each(rows)("%s", async (what, fault, plain, stream = plain, more = {}) => {
    const seen = await send(house, `${what} ${script({ ...more, ...(fault !== undefined && { fault }) })}`);
    expect(seen).toEqual({ plain, stream });
  });

  it("a cut at every event of an answer: before the output it is tried again, after it it is told", async () => {
    const marker = { text: "one two", reasoning: "thinking", tools: [{ name: "look", arguments: { at: 1 } }] };
    const sent = house.simulator.waitFor("answered", ({ body }) => JSON.stringify(body).includes("whole of it"));
    const whole = await ask(`${house.proxy.url}/v1/responses`, {
      body: responsesBody(`whole of it ${script(marker)}`, { stream: true }),
    });
    const types = [...whole.text.matchAll(/^event: (.*)$/gm)].map(([, type]) => type);
    expect(new Set(types).size).toBeGreaterThanOrEqual(13);
    const record = await sent;
    // The backend's own events, which nobody else is told of.
    const hidden = (record.eventsSent ?? 0) - types.length;
    for (let cut = 0; cut <= types.length + hidden; cut++) {
      const prompt = `${cut} ${script({ ...marker, fault: { cut } })}`;
      const isHeld = cut <= types.findIndex((type = "") => type.endsWith(".delta")) + hidden;
      const { plain, stream } = await send(house, prompt);
      const inBand = { inBand: "stream_interrupted" };
      const expected =
        cut === types.length + hidden
          ? { plain: "ok", stream: "ok" }
          : { plain: broken, stream: isHeld ? broken : inBand };
      expect([cut, plain, stream]).toEqual([cut, expected.plain, expected.stream]);
    }
  });

  it("a fault that passes is not seen: twice each, then a good answer", async () => {
    const passing: FaultLike[] = [
      "server_error",
      "bad_gateway",
      "overloaded",
      "gateway_timeout",
      "failed:slow_down",
      { cut: "before-headers" },
      { cut: "after-headers", reset: true },
      { cut: 2 },
    ];
    for (const [index, fault] of passing.entries()) {
      const prompt = `${index} ${script({ fault, faultTimes: 2 })}`;
      expect(await send(house, prompt)).toEqual({ plain: "ok", stream: "ok" });
    }
  });

  it("a stream without an end goes on until its caller leaves", async () => {
    const prompt = `endless ${script({ words: 100_000, text: undefined, delayMs: 1 })}`;
    const stop = new AbortController();
    const gone = house.simulator.waitFor("disconnect");
    const response = await fetch(`${house.proxy.url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(chatBody(prompt, { stream: true })),
      signal: stop.signal,
    });
    const reader = response.body?.getReader();
    for (let i = 0; i < 50; i++) expect((await reader?.read())?.done).toBe(false);
    stop.abort();
    await gone;
  });
});

/** A server that does with each connection what it is told. */
async function serve(onSocket: (socket: Socket) => void): Promise<{ port: number; close: () => void }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    onSocket(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { port: (server.address() as { port: number }).port, close };
}

const answering = (text: string) => (socket: Socket) => {
  socket.once("data", () => socket.end(text));
};
const streaming = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n";
const first = 'event: response.created\ndata: {"type":"response.created","response":{}}\n\n';

describe.concurrent("a backend that is no backend", () => {
  const kinds: [what: string, onSocket: (socket: Socket) => void, expected: Seen, scheme?: string][] = [
    ["a connection that is closed at once", (socket) => socket.destroy(), unreachable],
    ["a connection that is reset at once", (socket) => socket.resetAndDestroy(), unreachable],
    ["another protocol", (socket) => socket.end("SSH-2.0-OpenSSH_9.6\r\n"), unreachable],
    ["headers without an end", answering("HTTP/1.1 200 OK\r\nx-a: b\r\n"), unreachable],
    ["headers of 100 kB", answering(`HTTP/1.1 200 OK\r\nx-a: ${"x".repeat(100_000)}\r\n\r\n`), unreachable],
    ["204", answering("HTTP/1.1 204 No Content\r\n\r\n"), broken],
    ["a shorter body than was said", answering(`${streaming}content-length: 9999\r\n\r\n${first}`), broken],
    ["chunks that are none", answering(`${streaming}transfer-encoding: chunked\r\n\r\nzz\r\n`), broken],
    [
      "a redirect to itself",
      answering("HTTP/1.1 302 Found\r\nlocation: /\r\ncontent-length: 0\r\n\r\n"),
      rejected(502),
    ],
    ["TLS where there is none", answering("HTTP/1.1 400 Bad Request\r\n\r\n"), unreachable, "https"],
    ["TLS that never answers", () => {}, unreachable, "https"],
  ];

  it.each(kinds)("%s", async (_what, onSocket, expected, scheme = "http") => {
    const server = await serve(onSocket);
    const house = await startHouse({ client: { ...quick, baseUrl: `${scheme}://127.0.0.1:${server.port}/codex` } });
    try {
      expect(await send(house, "x")).toEqual({ plain: expected, stream: expected });
    } finally {
      await house.close();
      server.close();
    }
  });

  it("nothing that listens", async () => {
    const server = await serve(() => {});
    server.close();
    const house = await startHouse({ client: { ...quick, baseUrl: `http://127.0.0.1:${server.port}/codex` } });
    expect(await send(house, "x")).toEqual({ plain: unreachable, stream: unreachable });
    await house.close();
  });

  it("a name that is not known", async () => {
    const house = await startHouse({ client: { ...quick, baseUrl: "https://codex.invalid/codex" } });
    expect(await send(house, "x")).toEqual({ plain: unreachable, stream: unreachable });
    await house.close();
  });

  it("an event that never ends is given up at its limit", async () => {
    const piece = Buffer.alloc(1024 * 1024, "x");
    const server = await serve((socket) => {
      socket.once("data", () => {
        socket.write(`${streaming}\r\n${first}data: `);
        const fill = () => {
          while (socket.writable && socket.write(piece));
        };
        socket.on("drain", fill);
        fill();
      });
    });
    const baseUrl = `http://127.0.0.1:${server.port}/codex`;
    const house = await startHouse({ client: { ...quick, timeLimits: {}, baseUrl } });
    const answer = await ask(`${house.proxy.url}/v1/responses`, { body: responsesBody("x") });
    expect(see(answer)).toEqual(broken);
    expect(answer.json.error.message).toMatch(/more than 67108864 characters/);
    await house.close();
    server.close();
  });
});

describe("this machine", () => {
  it.each([3600, -3600, 11 * 86_400])(
    "a clock that jumps by %s s, before a request and within one",
    async (seconds) => {
      let offset = 0;
      const house = await startHouse({ client: { ...quick, now: () => Date.now() + offset } });
      expect(await send(house, "before")).toEqual({ plain: "ok", stream: "ok" });
      const slow = send(house, script({ delayMs: 10 }));
      await house.simulator.waitFor("request");
      offset = seconds * 1000;
      expect(await slow).toEqual({ plain: "ok", stream: "ok" });
      expect(await send(house, "after")).toEqual({ plain: "ok", stream: "ok" });
      // Only a token that would be long over is renewed, and that once.
      expect(house.simulator.refreshCount).toBe(seconds > 86_400 ? 1 : 0);
      await house.close();
    },
  );

  it.skipIf(process.platform === "win32")(
    "a disk that takes no byte more: the instructions are fetched, and not kept",
    async () => {
      const house = await startHouse();
      // As on a full disk every write to a file fails; the shell keeps the signal from ending the process.
      const command = entryCommand("apps/proxy").map((word) => `'${word}'`);
      const child = spawn(
        "sh",
        ["-c", `trap '' XFSZ; ulimit -f 0; exec '${process.execPath}' ${command.join(" ")} --port 0 --mode on`],
        {
          env: {
            PATH: process.env.PATH,
            HOME: house.folder,
            ...loginOf(house),
            CODEX_CACHE_DIR: join(house.folder, "full"),
          },
        },
      );
      try {
        const url = await listening(child);
        for (let i = 0; i < 2; i++)
          expect((await ask(`${url}/v1/responses`, { body: responsesBody(`full ${i}`) })).status).toBe(200);
      } finally {
        child.kill("SIGKILL");
        await house.close();
      }
    },
  );

  it("a proxy that is killed while it renews the login: the next one renews it", async () => {
    const house = await startHouse({
      login: (simulator) => JSON.stringify(simulator.authJson(simulator.issueCredentials({ expiresIn: -60 }))),
    });
    const start = () =>
      spawn(process.execPath, [...entryCommand("apps/proxy"), "--port", "0"], {
        env: { PATH: process.env.PATH, HOME: house.folder, ...loginOf(house) },
      });
    const first = start();
    let second: ReturnType<typeof start> | undefined;
    try {
      house.simulator.faults.next({ route: "token", stall: "before-headers" });
      const renewing = house.simulator.waitFor("request", ({ path }) => path === "/oauth/token");
      const asked = ask(`${await listening(first)}/v1/responses`, { body: responsesBody("x") });
      asked.catch(() => {});
      await renewing;
      first.kill("SIGKILL");
      await expect(asked).rejects.toThrow();
      second = start();
      expect((await ask(`${await listening(second)}/v1/responses`, { body: responsesBody("y") })).status).toBe(200);
      expect(house.simulator.refreshCount).toBe(1);
    } finally {
      for (const child of [first, second]) child?.kill("SIGKILL");
      await house.close();
    }
  });
});

function loginOf({ simulator, folder, authFile }: House) {
  return {
    CODEX_HOME: folder,
    CODEX_AUTH_FILE: authFile,
    CODEX_STATE_DIR: join(folder, "state"),
    CODEX_BASE_URL: simulator.baseUrl,
    CODEX_REFRESH_TOKEN_URL_OVERRIDE: simulator.tokenUrl,
  };
}

async function listening(child: ReturnType<typeof spawn>): Promise<string> {
  let text = "";
  for await (const chunk of child.stdout ?? []) {
    text += String(chunk);
    const url = /listening on (http:\S+)/.exec(text)?.[1];
    if (url !== undefined) {
      child.stdout?.resume();
      return url;
    }
  }
  throw new Error(`It ended: ${text}`);
}
