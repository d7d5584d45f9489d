import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ask, chatBody, type House, type HouseOptions, responsesBody, startHouse } from "./start-house.js";

let house: House;
let url: string;
const others: House[] = [];
beforeAll(async () => {
  house = await startHouse({ config: { allowedOrigins: ["http://localhost:3000"] } });
  url = house.proxy.url;
});
afterAll(() => house.close());
afterEach(async () => {
  await Promise.all(others.splice(0).map((other) => other.close()));
});

/** A house of its own for a test that needs another configuration. */
async function open(options: HouseOptions): Promise<House> {
  const other = await startHouse(options);
  others.push(other);
  return other;
}

/** Sends bytes as they are, and reads until the connection ends. */
async function sendRaw(text: string, port = house.proxy.port): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.write(text);
  let answer = "";
  for await (const chunk of socket) answer += String(chunk);
  return answer;
}

describe("what can be asked for", () => {
  it("greets at the root, with how to go on, by GET and HEAD", async () => {
    const answer = await ask(url);
    expect(answer).toMatchObject({ status: 200, headers: { "content-type": "text/plain; charset=utf-8" } });
    expect(answer.text).toContain(`${url}/v1`);
    expect(await ask(url, { method: "HEAD" })).toMatchObject({ status: 200, text: "" });
    expect(await ask(`${url}/v1/`)).toMatchObject({ status: 200 });
  });

  it("tells that it is well", async () => {
    expect((await ask(`${url}/healthz`)).json).toEqual({ status: "ok" });
    expect(await ask(`${url}/healthz`, { method: "HEAD" })).toMatchObject({ status: 200, text: "" });
  });

  it.each(["/v1/chat/completions", "/chat/completions", "//v1//chat/completions/", "/v1/v1/chat/completions?a=b"])(
    "chats at %s",
    async (path) => {
      const { status, json } = await ask(url + path, { body: chatBody("hello") });
      expect(status).toBe(200);
      expect(json.choices[0].message.content).toContain("hello");
    },
  );

  it("answers at /v1/responses and /responses", async () => {
    for (const path of ["/v1/responses", "/responses"]) {
      const { status, json } = await ask(url + path, { body: responsesBody("hello") });
      expect(status).toBe(200);
      expect(json.object).toBe("response");
    }
  });

  it("streams text as it comes, and ends", async () => {
    const { headers, text } = await ask(`${url}/v1/chat/completions`, { body: chatBody("hello", { stream: true }) });
    expect(headers["content-type"]).toMatch(/^text\/event-stream/);
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
  });

  it("takes compressed bodies", async () => {
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json; charset=utf-8", "content-encoding": "gzip" },
      body: gzipSync(JSON.stringify(chatBody("zipped"))),
    });
    expect(await response.text()).toContain("zipped");
  });

  it("answers for other paths with 404 and what there is", async () => {
    for (const path of ["/v1/embeddings", "/v1/models/%zz", "/x?key=sk-secret"]) {
      const { status, json, text } = await ask(url + path);
      expect(status).toBe(404);
      expect(json.error).toMatchObject({ code: "not_found", message: expect.stringContaining("/v1/chat/completions") });
      expect(text).not.toContain("sk-secret");
    }
  });

  it.each(["/v1/responses/compact", "/v1/responses/input_tokens", "/responses/input_tokens/"])(
    "answers POST %s, which is not there yet, with 404 and what there is",
    async (path) => {
      const { status, json } = await ask(url + path, { method: "POST", body: { model: "gpt-6-sol", input: "hi" } });
      expect(status).toBe(404);
      const { code, message } = json.error;
      expect({ code, message }).toEqual({ code: "not_found", message: expect.stringContaining("POST /v1/responses,") });
    },
  );

  it.each([
    ["GET", "/v1/chat/completions", "POST"],
    ["PUT", "/v1/responses", "POST"],
    ["GET", "/v1/responses", "POST"],
    ["POST", "/v1/models", "GET, HEAD"],
    ["DELETE", "/v1/models/gpt-5.5", "GET, HEAD"],
    ["POST", "/", "GET, HEAD"],
    ["OPTIONS", "/v1/models", "GET, HEAD"],
  ])("answers %s %s with 405 and what is allowed", async (method, path, allow) => {
    const { status, headers, json } = await ask(url + path, { method });
    expect([status, headers.allow]).toEqual([405, allow]);
    expect(json.error).toMatchObject({ code: "method_not_allowed", message: expect.stringContaining(allow) });
  });
});

describe("the guard at the door", () => {
  const path = "/v1/chat/completions";

  it("refuses a host that only looks like this machine, and never asks the backend", async () => {
    const before = house.simulator.requests.length;
    const headers = { host: `localhost.evil.test:${house.proxy.port}` };
    for (const target of [path, "/v1/models", "/", "/healthz", "/nowhere"]) {
      const answer = await ask(url + target, { headers, ...(target === path && { body: chatBody("x") }) });
      expect([target, answer.status]).toEqual([target, 403]);
      expect(answer.json.error).toMatchObject({ code: "forbidden" });
    }
    expect(house.simulator.requests.length).toBe(before);
  });

  it("refuses a page that is not allowed, before anything else, and gives it no CORS header", async () => {
    const headers = { origin: "http://evil.test" };
    const answer = await ask(url + path, { headers, body: chatBody("x") });
    expect(answer.status).toBe(403);
    expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
    const preflight = await ask(url + path, { method: "OPTIONS", headers });
    expect(preflight.status).toBe(403);
    expect(preflight.headers["access-control-allow-methods"]).toBeUndefined();
  });

  it("lets an allowed page in, after its preflight", async () => {
    const headers = { origin: "http://localhost:3000" };
    const preflight = await ask(url + path, {
      method: "OPTIONS",
      headers: { ...headers, "access-control-request-headers": "authorization, x-stainless-os" },
    });
    expect(preflight).toMatchObject({
      status: 204,
      text: "",
      headers: {
        "access-control-allow-origin": "http://localhost:3000",
        "access-control-allow-methods": "POST",
        "access-control-allow-headers": "authorization, x-stainless-os",
      },
    });
    const answer = await ask(url + path, { headers, body: chatBody("x") });
    expect(answer).toMatchObject({
      status: 200,
      headers: { "access-control-allow-origin": "http://localhost:3000", vary: "origin" },
    });
    // An error must be readable for the page too.
    expect((await ask(`${url}/nowhere`, { headers })).headers).toMatchObject({
      "access-control-allow-origin": "http://localhost:3000",
    });
  });

  it.each([undefined, "text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1"])(
    "takes no body of type %s",
    async (type) => {
      const response = await fetch(url + path, {
        method: "POST",
        headers: type === undefined ? {} : { "content-type": type },
        body: Buffer.from(JSON.stringify(chatBody("x"))),
      });
      expect(response.status).toBe(415);
      expect(await response.json()).toMatchObject({ error: { code: "media_type_unsupported" } });
    },
  );

  it("wants a key where keys are set, but not for /healthz and /", async () => {
    const { proxy } = await open({ config: { apiKeys: ["made-up-key"] } });
    expect(await ask(`${proxy.url}/healthz`)).toMatchObject({ status: 200 });
    expect(await ask(proxy.url)).toMatchObject({ status: 200 });
    for (const headers of [{}, { authorization: "Bearer wrong" }, { "x-api-key": "wrong" }]) {
      for (const target of ["/v1/models", "/v1/models/gpt-5.5"]) {
        expect((await ask(proxy.url + target, { headers })).json.error.code).toBe("invalid_api_key");
      }
      const answer = await ask(proxy.url + path, { headers, body: chatBody("x") });
      expect(answer).toMatchObject({ status: 401, json: { error: { code: "invalid_api_key" } } });
    }
    const good = { authorization: "Bearer made-up-key" };
    expect(await ask(proxy.url + path, { headers: good, body: chatBody("x") })).toMatchObject({ status: 200 });
    expect(await ask(`${proxy.url}/v1/models`, { headers: { "x-api-key": "made-up-key" } })).toMatchObject({
      status: 200,
    });
  });

  it("never sends the caller's key to the backend", async () => {
    const headers = { authorization: "Bearer the-callers-own", "x-api-key": "the-callers-own", cookie: "a=b" };
    await ask(url + path, { headers, body: chatBody("x") });
    expect(JSON.stringify(house.simulator.requests)).not.toContain("the-callers-own");
  });

  it("does not listen beyond this machine without a key", async () => {
    await expect(open({ config: { host: "0.0.0.0" } })).rejects.toThrow("CODEX_PROXY_API_KEYS");
    const { proxy } = await open({ config: { host: "0.0.0.0", apiKeys: ["k"] } });
    expect(await ask(`http://127.0.0.1:${proxy.port}/healthz`)).toMatchObject({ status: 200 });
  });
});

describe("bodies", () => {
  it("refuses one that says it is too large before it is sent, and says so to a client that sends it all the same", async () => {
    const { proxy } = await open({ config: { limits: { maxBodyBytes: 1000 } } });
    const body = JSON.stringify(chatBody("x".repeat(5_000_000)));
    const response = await fetch(`${proxy.url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ error: { code: "too_large" } });
    expect(await ask(`${proxy.url}/healthz`)).toMatchObject({ status: 200 });
  });

  it("refuses one that grows too large", async () => {
    const { proxy } = await open({ config: { limits: { maxBodyBytes: 1000 } } });
    const text = await sendRaw(
      [
        "POST /v1/responses HTTP/1.1",
        "host: localhost",
        "content-type: application/json",
        "transfer-encoding: chunked",
        "",
        "3e8",
        "x".repeat(1000),
        "1",
        "y",
        "0",
        "",
        "",
      ].join("\r\n"),
      proxy.port,
    );
    expect(text).toMatch(/^HTTP\/1.1 413 /);
    expect(text).toContain('"code":"too_large"');
  });

  it("takes one of 64 MiB at most unless told otherwise", async () => {
    const head = "POST /v1/responses HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n";
    const socket = connect(house.proxy.port, "127.0.0.1");
    socket.write(`${head}content-length: ${64 * 1024 * 1024 + 1}\r\n\r\n`);
    const [answer] = await once(socket, "data");
    expect(String(answer)).toMatch(/^HTTP\/1.1 413 /);
    socket.destroy();
  });

  it("asks for a body that awaits 100 Continue, and refuses it without", async () => {
    const body = JSON.stringify(chatBody("continued"));
    const head = `POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\ncontent-length: ${body.length}\r\n`;
    const socket = connect(house.proxy.port, "127.0.0.1");
    socket.write(`${head}connection: close\r\ncontent-type: application/json\r\n\r\n`);
    const [first] = await once(socket, "data");
    expect(String(first)).toBe("HTTP/1.1 100 Continue\r\n\r\n");
    socket.write(body);
    let answer = "";
    for await (const chunk of socket) answer += String(chunk);
    expect(answer).toContain("continued");

    const refused = connect(house.proxy.port, "127.0.0.1");
    refused.write(`${head}content-type: text/plain\r\n\r\n`);
    const [refusal] = await once(refused, "data");
    expect(String(refusal)).toMatch(/^HTTP\/1.1 415 /);
    refused.destroy();
  });

  it("gives up a body that comes too slowly", async () => {
    const { proxy } = await open({ config: { limits: { bodyTimeoutMs: 50 } } });
    const head = "POST /v1/responses HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n";
    const text = await sendRaw(`${head}content-length: 10\r\n\r\nhalf`, proxy.port);
    expect(text).toMatch(/^HTTP\/1.1 408 /);
    expect(text).toContain('"error":{"message":');
  });
});

describe("requests that are none", () => {
  it.each([
    ["no HTTP", "nonsense\r\n\r\n", 400],
    ["no Host", "GET / HTTP/1.1\r\n\r\n", 400],
    ["headers that are too large", `GET / HTTP/1.1\r\nhost: localhost\r\nx: ${"x".repeat(20_000)}\r\n\r\n`, 431],
  ])("answers %s, and goes on", async (_what, text, status) => {
    expect(await sendRaw(text)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(await ask(`${url}/healthz`)).toMatchObject({ status: 200 });
  });

  it("is no proxy for other servers", async () => {
    const text = await sendRaw(
      "GET http://evil.test/v1/models HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n",
    );
    expect(text).toMatch(/^HTTP\/1.1 404 /);
    const tunnel = await sendRaw("CONNECT evil.test:443 HTTP/1.1\r\nhost: evil.test:443\r\n\r\n");
    expect(tunnel).not.toMatch(/^HTTP\/1.1 2/);
  });
});

describe("request ids", () => {
  it("gives the caller's own back", async () => {
    const { headers } = await ask(`${url}/healthz`, { headers: { "x-request-id": "abc-123" } });
    expect(headers["x-request-id"]).toBe("abc-123");
  });

  it.each(["", "two words", "x".repeat(129), "é"])("makes one in place of %j", async (id) => {
    const { headers } = await ask(`${url}/healthz`, { headers: { "x-request-id": id } });
    expect(headers["x-request-id"]).toMatch(/^[\da-f-]{36}$/);
  });

  it("has one on every answer, errors and streams included", async () => {
    for (const path of ["/nowhere", "/v1/models/none", "/v1/models"]) {
      expect((await ask(url + path)).headers["x-request-id"]).toBeDefined();
    }
    const streamed = await ask(`${url}/v1/chat/completions`, { body: chatBody("x", { stream: true }) });
    expect(streamed.headers["x-request-id"]).toBeDefined();
  });
});

describe("a caller that goes away", () => {
  it.each([true, false])("takes the backend's request with it (stream: %s)", async (stream) => {
    const { simulator } = house;
    const script = `SIM${JSON.stringify({ words: 1000, delayMs: 1000 })}`;
    const stop = new AbortController();
    const begun = simulator.waitFor("request", ({ path }) => path.endsWith("/responses"));
    const asked = ask(`${url}/v1/chat/completions`, { body: chatBody(script, { stream }), signal: stop.signal });
    asked.catch(() => {});
    await begun;
    expect(simulator.activeResponses).toBe(1);
    const gone = simulator.waitFor("disconnect");
    stop.abort();
    await expect(asked).rejects.toThrow();
    await gone;
    await simulator.idle();
    expect(simulator.activeResponses).toBe(0);
    expect(await ask(`${url}/v1/chat/completions`, { body: chatBody("next") })).toMatchObject({ status: 200 });
  });

  it("is no failure to log", async () => expect(house.log.join("\n")).not.toContain("aborted"));
});

describe("the log", () => {
  it("has one line for a failed request, with what happened and the request id, and none for others", async () => {
    const { proxy, log } = await open({});
    await ask(`${proxy.url}/v1/chat/completions`, { body: chatBody("fine") });
    await ask(`${proxy.url}/v1/models`);
    expect(log).toEqual([]);
    await ask(`${proxy.url}/v1/chat/completions?key=sk-secret`, { body: "{", headers: { "x-request-id": "abc" } });
    expect(log).toEqual([expect.stringMatching(/^POST \/v1\/chat\/completions 400 request_invalid: .+ \(abc\)$/)]);
  });

  it("has a line for every request when asked for, and no line that the caller wrote", async () => {
    const { proxy, log } = await open({ config: { verbose: true } });
    await ask(`${proxy.url}/v1/chat/completions`, { body: chatBody("fine") });
    expect(log.at(-1)).toMatch(/^POST \/v1\/chat\/completions 200 gpt-6-sol, \d+ ms, \d+ tokens in, \d+ out.* \(/);
    await ask(`${proxy.url}/v1/chat/completions`, { body: chatBody("x", { model: "forged\n200 line" }) });
    for (const line of log) expect(line).not.toContain("\n");
  });
});

describe("starting and stopping", () => {
  it("says what to do when the port is taken", async () => {
    await expect(open({ config: { port: house.proxy.port } })).rejects.toThrow(
      new RegExp(`Port ${house.proxy.port} is taken.*--port`),
    );
  });

  it("says who is signed in and how to use it", async () => {
    const text = await house.proxy.describe();
    expect(text).toContain(`OPENAI_BASE_URL=${url}/v1`);
    expect(text).toContain("person@example.com, plan plus");
    for (const secret of house.secrets) expect(text).not.toContain(secret);
  });

  it("listens without a login, and says what to do", async () => {
    const { proxy } = await open({ login: null });
    expect(await proxy.describe()).toContain("codex login");
    expect(await ask(`${proxy.url}/healthz`)).toMatchObject({ status: 200 });
  });

  it("lets a running stream finish, then closes", async () => {
    const { proxy, simulator } = await open({});
    const script = `SIM${JSON.stringify({ text: "one two three four five six", delayMs: 20 })}`;
    const begun = simulator.waitFor("request", ({ path }) => path.endsWith("/responses"));
    const asked = ask(`${proxy.url}/v1/chat/completions`, { body: chatBody(script, { stream: true }) });
    asked.catch(() => {});
    await begun;
    expect(proxy.running).toBe(1);
    const stopped = proxy.stop();
    expect((await asked).text.endsWith("data: [DONE]\n\n")).toBe(true);
    await stopped;
    await expect(ask(`${proxy.url}/healthz`)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });
});

it("reaches a backend that was not there at first", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const { port } = other.address() as AddressInfo;
  await new Promise((resolve) => other.close(resolve));
  const { proxy } = await open({ client: { baseUrl: `http://127.0.0.1:${port}/backend-api/codex` } });
  const answer = await ask(`${proxy.url}/v1/chat/completions`, { body: chatBody("x") });
  expect(answer).toMatchObject({ status: 502, json: { error: { code: "upstream_unreachable" } } });
});
