import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chatBody, type House, startHouse } from "./start-house.js";

/**
 * What nobody with good intentions sends, byte by byte, each with its only right answer. None of it may reach the
 * backend, which is looked up in the simulator's own log.
 */
let house: House;
beforeAll(async () => {
  house = await startHouse({
    config: {
      apiKeys: ["made-up-key"],
      allowedHosts: ["codex.lan"],
      allowedOrigins: ["http://localhost:3000"],
      limits: { maxBodyBytes: 2000, headerTimeoutMs: 300, bodyTimeoutMs: 600, minBodyRate: 0 },
    },
  });
});
afterAll(() => house.close());

const path = "/v1/chat/completions";
const body = JSON.stringify(chatBody("hello"));

interface Request {
  method?: string;
  path?: string;
  version?: string;
  /** Over those of a good request; undefined takes one away. A list sends one several times. */
  headers?: Record<string, string | string[] | undefined>;
  body?: string | Buffer;
}

/** A good request but for what is given. */
function write({ method = "POST", path: at = path, version = "HTTP/1.1", headers = {}, body: sent = body }: Request) {
  const all: Record<string, string | string[] | undefined> = {
    host: "localhost",
    authorization: "Bearer made-up-key",
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(sent)),
    connection: "close",
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) => {
    if (value === undefined) return [];
    return (Array.isArray(value) ? value : [value]).map((one) => `${name}: ${one}\r\n`);
  });
  return Buffer.concat([
    Buffer.from(`${method} ${at} ${version}\r\n${lines.join("")}\r\n`, "latin1"),
    Buffer.from(sent),
  ]);
}

/** All that comes back until the connection ends, or soon after the headers of an answer whose connection stays open. */
function exchange(bytes: Buffer): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(house.proxy.port, "127.0.0.1");
    let answer = "";
    const finish = () => {
      resolve(answer);
      socket.destroy();
    };
    socket.setEncoding("latin1");
    socket.on("data", (text) => {
      answer += text;
    });
    socket.on("end", finish).on("error", finish).on("close", finish);
    socket.write(bytes);
  });
}

const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);

/** 0: the connection is closed without a word. */
type Row = [what: string, request: Request | Buffer | string, status: number, code?: string];

const raw = (text: string) => Buffer.from(text, "latin1");
const chunked = { "transfer-encoding": "chunked", "content-length": undefined };
const page = (site: string, mode: string) => ({ "sec-fetch-site": site, "sec-fetch-mode": mode });
const head =
  "POST /v1/responses HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer made-up-key\r\ncontent-type: application/json\r\n";

const rows: Row[] = [
  // Hosts: names that a web page has rebound to this machine, and what only looks like it.
  ...[
    "localhost.evil.test",
    "127.0.0.1.evil.test",
    "localhost.evil.test:11455",
    "evil.test",
    "evil.test:80",
    "127.0.0.1@evil.test",
    "localhost@evil.test",
    "localhost:80@evil.test",
    "evil.test#localhost",
    "localhost.",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0.0.0.0",
    "[::ffff:127.0.0.1]",
    "[::]",
    "codex.lan.evil.test",
    "xn--lcalhost-4za",
    "localhost, evil.test",
    "localhost:99:99",
    "",
  ].map((host): Row => [`the host ${JSON.stringify(host)}`, { headers: { host } }, 403, "forbidden"]),
  ["no host", { headers: { host: undefined } }, 400],
  ["no host in HTTP/1.0", { version: "HTTP/1.0", headers: { host: undefined } }, 403, "forbidden"],
  ["two hosts", { headers: { host: ["localhost", "evil.test"] } }, 400, "request_invalid"],
  ["two hosts, the good one last", { headers: { host: ["evil.test", "localhost"] } }, 400, "request_invalid"],
  ["the same host twice", { headers: { host: ["localhost", "localhost"] } }, 400, "request_invalid"],
  // Origins: pages that were not allowed.
  ...[
    "http://evil.test",
    "https://localhost:3000",
    "http://localhost:3001",
    "http://localhost:3000.evil.test",
    "http://localhost",
    "null",
    "file://",
    "",
    "http://localhost:3000, http://evil.test",
    "http://localhost:3000/",
  ].map((origin): Row => [`the origin ${JSON.stringify(origin)}`, { headers: { origin } }, 403, "forbidden"]),
  ["two origins", { headers: { origin: ["http://localhost:3000", "http://evil.test"] } }, 403, "forbidden"],
  [
    "a preflight of a page that is not allowed",
    { method: "OPTIONS", body: "", headers: { origin: "http://evil.test", "access-control-request-method": "POST" } },
    403,
    "forbidden",
  ],
  [
    "an image of another site",
    { method: "GET", path: "/v1/models", body: "", headers: page("cross-site", "no-cors") },
    403,
    "forbidden",
  ],
  [
    "a script of another port",
    { method: "GET", path: "/", body: "", headers: page("same-site", "no-cors") },
    403,
    "forbidden",
  ],
  // Content types: those that a form can send without being asked first, and others that are no JSON.
  ...[
    undefined,
    "text/plain",
    "text/plain; application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "text/json",
    "application/jsonp",
    "application/json; charset=utf-16",
    "application/json, text/plain",
    "",
  ].map(
    (type): Row => [`the content type ${type}`, { headers: { "content-type": type } }, 415, "media_type_unsupported"],
  ),
  ["a content encoding that is unknown", { headers: { "content-encoding": "sdch" } }, 415, "media_type_unsupported"],
  ["two content encodings", { headers: { "content-encoding": "gzip, gzip" } }, 415, "media_type_unsupported"],
  // Methods.
  ...["GET", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "PROPFIND"].map(
    (method): Row => [`${method} where only POST is right`, { method, body: "" }, 405],
  ),
  ["a method that there is not", { method: "HACK" }, 400],
  ["CONNECT", raw("CONNECT evil.test:443 HTTP/1.1\r\nhost: evil.test:443\r\n\r\n"), 0],
  [
    "a WebSocket",
    {
      method: "GET",
      path: "/v1/responses",
      body: "",
      headers: {
        connection: "upgrade, close",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "eA==",
      },
    },
    426,
    "method_not_allowed",
  ],
  ["a WebSocket where there is none", { method: "GET", path, body: "", headers: { upgrade: "websocket" } }, 405],
  ["another upgrade", { method: "GET", path: "/v1/responses", body: "", headers: { upgrade: "h2c" } }, 405],
  ["an expectation that there is not", { headers: { expect: "200-ok" } }, 417, "request_invalid"],
  [
    "HTTP/2 by upgrade, on a wrong path",
    {
      path: "/h2",
      headers: { connection: "upgrade, http2-settings, close", upgrade: "h2c", "http2-settings": "AAMAAABkAAQAAP__" },
    },
    404,
  ],
  ["the preface of HTTP/2", raw("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 400],
  // Keys.
  ...[
    undefined,
    "",
    "Bearer",
    "Bearer ",
    "Bearer wrong",
    "Bearer made-up-ke",
    "Bearer made-up-key2",
    "bearer MADE-UP-KEY",
    "Basic made-up-key",
    "made-up-key",
    "Bearer made-up-key, Bearer x",
    "Bearer sha256:9c1e0e9a1f6c2cd0e0ee0a1d0d2f93ac1d0f3b1a4a4f6fca1ec0c5a70c4d8f10",
  ].map(
    (authorization): Row => [
      `the key ${JSON.stringify(authorization)}`,
      { headers: { authorization } },
      401,
      "invalid_api_key",
    ],
  ),
  ["a wrong key by x-api-key", { headers: { authorization: undefined, "x-api-key": "wrong" } }, 401, "invalid_api_key"],
  [
    "two keys by x-api-key",
    { headers: { authorization: undefined, "x-api-key": ["made-up-key", "x"] } },
    401,
    "invalid_api_key",
  ],
  [
    "the key in the query",
    { path: `${path}?key=made-up-key`, headers: { authorization: undefined } },
    401,
    "invalid_api_key",
  ],
  // Paths that go somewhere else.
  ...[
    "/v1/chat/completions/../../admin",
    "/v1/%2e%2e/etc/passwd",
    "//evil.test/v1/chat/completions",
    "http://evil.test/v1/chat/completions",
    "*",
    "/\\evil",
    "/v1/chat%2fcompletions",
  ].map((at): Row => [`the path ${at}`, { path: at }, 404, "not_found"]),
  // Smuggling: where one request ends and the next begins must never be open to argument.
  ["a length and chunks", { headers: { "transfer-encoding": "chunked" } }, 400],
  ["two lengths", { headers: { "content-length": ["10", "11"] } }, 400],
  ["a length that is none", { headers: { "content-length": "1e3" } }, 400],
  ["a length below zero", { headers: { "content-length": "-1" } }, 400],
  ["a length with a sign", { headers: { "content-length": "+5" } }, 400],
  ["a coding that is not chunked", { headers: { ...chunked, "transfer-encoding": "gzip" } }, 400],
  ["chunked, but not last", { headers: { ...chunked, "transfer-encoding": "chunked, identity" } }, 400],
  ["a misspelled coding", { headers: { ...chunked, "transfer-encoding": "xchunked" } }, 400],
  ["a space before the colon", raw(`${head}content-length : 5\r\n\r\nhello`), 400],
  ["a folded header", raw(`${head}x-a: b\r\n c: d\r\ncontent-length: 2\r\n\r\n{}`), 400],
  ["a header without a colon", raw(`${head}nonsense\r\n\r\n`), 400],
  ["a zero byte in a header", raw(`${head}x-a: b\0c\r\n\r\n`), 400],
  ["lines that end with a line feed alone", raw("GET /v1/models HTTP/1.1\nhost: localhost\n\n"), 400],
  ["a chunk size that is none", raw(`${head}transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`), 400],
  ["a chunk longer than it says", raw(`${head}transfer-encoding: chunked\r\n\r\n1\r\n{}{}\r\n0\r\n\r\n`), 400],
  ["a chunk size of 40 digits", raw(`${head}transfer-encoding: chunked\r\n\r\n${"f".repeat(40)}\r\n{}`), 400],
  [
    "a request in the body of one without a length",
    raw(`${head}connection: close\r\n\r\nPOST ${path} HTTP/1.1\r\n\r\n`),
    400,
  ],
  ["no HTTP", raw("\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03"), 400],
  ["HTTP/0.9", raw(`POST ${path}\r\n\r\n`), 403],
  ["HTTP/3.0", { version: "HTTP/3.0" }, 400],
  // Too much.
  ["a body over the limit", { body: JSON.stringify(chatBody("x".repeat(3000))) }, 413, "too_large"],
  [
    "a length over the limit, and no body",
    { headers: { "content-length": "99999999999" }, body: "" },
    413,
    "too_large",
  ],
  ["chunks over the limit", { headers: chunked, body: `bb9\r\n${"x".repeat(3001)}\r\n0\r\n\r\n` }, 413, "too_large"],
  [
    "a small body that unpacks to a large one",
    { headers: { "content-encoding": "gzip" }, body: gzipSync(Buffer.alloc(5_000_000)) },
    413,
    "too_large",
  ],
  ["a body that is no gzip", { headers: { "content-encoding": "gzip" } }, 400, "request_invalid"],
  ["headers over the limit", { headers: { "x-a": "x".repeat(20_000) } }, 431, "request_invalid"],
  ["a path over the limit", { path: `/${"x".repeat(20_000)}` }, 431, "request_invalid"],
  ["thousands of headers", { headers: { "x-a": Array<string>(5000).fill("b") } }, 431, "request_invalid"],
  [
    "large extensions of chunks",
    raw(`${head}transfer-encoding: chunked\r\n\r\n1;${"x".repeat(20_000)}\r\n{\r\n0\r\n\r\n`),
    413,
    "request_invalid",
  ],
  // Too slow.
  ["a connection without a word", "", 408, "request_invalid"],
  ["headers that do not end", `${head}x-a: b\r\n`, 408, "request_invalid"],
  ["a body that does not end", `${head}content-length: 10\r\n\r\nhalf`, 408, "request_invalid"],
  ["chunks that do not end", `${head}transfer-encoding: chunked\r\n\r\n1\r\n{\r\n`, 408, "request_invalid"],
];

describe.concurrent("hostile requests", () => {
  it.each(rows)("%s", async (_what, request, status, code) => {
    const bytes = Buffer.isBuffer(request) ? request : typeof request === "string" ? raw(request) : write(request);
    const answer = await exchange(bytes);
    expect([statusOf(answer), answer.slice(0, 300)]).toEqual([status, expect.anything()]);
    // One request, one answer: a second one would have been smuggled in.
    expect(answer.split("HTTP/1.1 ").length - 1).toBe(status === 0 ? 0 : 1);
    if (code !== undefined) expect(answer).toContain(`"code":"${code}"`);
    expect(answer).not.toMatch(/access-control-allow-origin/i);
    expect(answer).not.toContain("made-up-key");
  });
});

it(`none of these ${rows.length} reaches the backend, and a good one still does`, async () => {
  expect(rows.length).toBeGreaterThanOrEqual(60);
  expect(house.simulator.requests.filter((one) => one.path.endsWith("/responses"))).toEqual([]);
  expect(statusOf(await exchange(write({})))).toBe(200);
  expect(house.simulator.requests.filter((one) => one.path.endsWith("/responses"))).toHaveLength(1);
  for (const headers of [
    { origin: "http://localhost:3000" },
    { host: "codex.lan:80" },
    { authorization: undefined, "x-api-key": "made-up-key" },
  ]) {
    expect(statusOf(await exchange(write({ headers })))).toBe(200);
  }
});
