import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { createFileStore, createSession, isAuthError } from "@codex/auth";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { answer, canary, type Fault, makeAuthJson, startIssuer, type TestIssuer } from "./issuer.js";

let folder: string;
let path: string;
let text: string;
let issuer: TestIssuer;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "codex-auth-"));
  path = join(folder, "auth.json");
  text = JSON.stringify(makeAuthJson({ lifetime: -60 }));
  await writeFile(path, text, { mode: 0o600 });
  issuer = await startIssuer();
});

afterEach(async () => {
  await issuer.close();
  await rm(folder, { recursive: true, force: true });
});

function open(options: { refreshTokenUrl?: string; refreshTimeoutMs?: number; fetch?: typeof fetch } = {}) {
  return createSession({
    store: createFileStore({ path }),
    refreshTokenUrl: issuer.tokenUrl,
    fetch: given,
    ...options,
  });
}

/** What the sessions send with: Node's own https, unless a test gives a fetch. */
let given: typeof fetch | undefined;

async function failure(
  promise: Promise<unknown>,
): Promise<Error & { code: string; reason: string; retryable: boolean }> {
  const error = await promise.then(
    () => expect.fail("it should have failed"),
    (e: unknown) => e,
  );
  if (!isAuthError(error)) throw error;
  expect(inspect(error, { depth: 10 })).not.toContain(canary);
  return error;
}

const json =
  (status: number, body: unknown): Fault =>
  (_request, response) =>
    answer(response, status, body);

describe("a refusal", () => {
  it.each([
    ["401 with refresh_token_expired", json(401, { error: { code: "refresh_token_expired" } }), "expired"],
    ["401 with refresh_token_invalidated", json(401, { error: { code: "REFRESH_TOKEN_INVALIDATED" } }), "revoked"],
    ["400 with invalid_grant as a string", json(400, { error: "invalid_grant" }), "not valid any more"],
    ["401 with a top-level code", json(401, { code: "something_new" }), "401, something_new"],
    ["401 with nothing", json(401, {}), "401"],
    ["400 with a code that quotes a token", json(400, { error: { code: `${canary}.x y` } }), "400"],
  ])("is final: %s", async (_name, fault, words) => {
    issuer.fault = fault;
    const session = open();
    const error = await failure(session.current());
    expect(error).toMatchObject({ code: "auth_expired", reason: "refresh_refused", retryable: false });
    expect(error.message).toContain(words);
    expect(error.message).toContain("codex login");
    await failure(session.current());
    expect(issuer.received).toHaveLength(1);
    expect(await readFile(path, "utf8")).toBe(text);
  });

  it("is forgotten when somebody logs in again", async () => {
    issuer.fault = json(401, {});
    const session = open();
    await failure(session.current());
    const again = makeAuthJson();
    await writeFile(path, JSON.stringify(again));
    expect((await session.current()).accessToken).toBe(again.tokens.access_token);
  });
});

describe("refresh_token_reused", () => {
  const reused = json(401, { error: { code: "refresh_token_reused" } });

  it("waits for the winner's token and adopts it", async () => {
    const winner = makeAuthJson();
    issuer.fault = (request, response, rotate) => {
      reused(request, response, rotate);
      setTimeout(() => void writeFile(path, JSON.stringify(winner)), 300);
    };
    expect((await open().current()).accessToken).toBe(winner.tokens.access_token);
    expect(issuer.received).toHaveLength(1);
  });

  it("is an error when no winner shows up within 5 seconds, and then for every process at once", async () => {
    issuer.fault = reused;
    const start = performance.now();
    const error = await failure(open().current());
    expect(performance.now() - start).toBeGreaterThan(4_900);
    expect(error).toMatchObject({ code: "auth_expired", reason: "refresh_reused" });
    expect(issuer.received).toHaveLength(1);
  });
});

describe.each<[string, typeof fetch | undefined]>([
  ["Node's own https", undefined],
  ["a given fetch", (input, init) => fetch(input, init)],
])("sent by %s", (_how, road) => {
  beforeEach(() => {
    given = road;
  });
  afterEach(() => {
    given = undefined;
  });

  describe("a passing trouble", () => {
    it.each([
      ["429", json(429, {}), { code: "rate_limited", retryable: true }],
      ["500", json(500, {}), { code: "upstream_unreachable", retryable: true }],
      [
        "503 as a page",
        (_q: unknown, r: { writeHead: (n: number) => { end: (t: string) => void } }) => r.writeHead(503).end("<html>"),
        { code: "upstream_unreachable", retryable: true },
      ],
      [
        "403 as a page",
        (_q: unknown, r: { writeHead: (n: number) => { end: (t: string) => void } }) =>
          r.writeHead(403).end("<!doctype html>"),
        { code: "forbidden", retryable: false },
      ],
    ])("leaves the login as it is and may be tried again: %s", async (_name, fault, expected) => {
      issuer.fault = fault as Fault;
      const session = open();
      const error = await failure(session.current());
      expect(error).toMatchObject({ reason: "issuer_unavailable", ...expected });
      expect(await readFile(path, "utf8")).toBe(text);
      issuer.fault = undefined;
      expect((await session.current()).accessToken).toBe(issuer.issued[0]);
    });

    it("says that nothing was sent when the issuer is not reachable", async () => {
      const server = createServer().listen(0, "127.0.0.1");
      await new Promise((resolve) => server.once("listening", resolve));
      const { port } = server.address() as { port: number };
      await new Promise((resolve) => server.close(resolve));
      const session = open({ refreshTokenUrl: `http://127.0.0.1:${port}/oauth/token` });
      const error = await failure(session.current());
      expect(error).toMatchObject({ code: "upstream_unreachable", reason: "issuer_unavailable", retryable: true });
      expect(error.message).toContain("ECONNREFUSED");
      expect((await open().current()).accessToken).toBe(issuer.issued[0]);
    });
  });

  describe("an answer that is unknown", () => {
    const lost: [string, Fault][] = [
      ["the connection is cut before the answer", (request) => void request.socket.destroy()],
      [
        "the connection is cut after the issuer has rotated",
        (_request, response, rotate) => {
          const body = JSON.stringify(rotate());
          response.writeHead(200, { "content-type": "application/json", "content-length": body.length });
          response.write(body.slice(0, 40), () => response.socket?.destroy());
        },
      ],
      ["a web page instead of JSON", (_request, response) => void response.writeHead(200).end("<html>sign in</html>")],
      ["an empty object", json(200, {})],
      ["fields of the wrong type", json(200, { access_token: 7, refresh_token: ["x"] })],
      ["a token that is no header text", json(200, { access_token: "a\nb" })],
    ];

    it.each(lost)("is never asked for again, by no process: %s", async (_name, fault) => {
      issuer.fault = fault;
      const session = open();
      const error = await failure(session.current());
      expect(error).toMatchObject({ code: "auth_expired", reason: "answer_unknown", retryable: false });
      issuer.fault = undefined;
      await failure(session.current());
      expect((await failure(open().current())).message).toContain("never arrived");
      expect(await open().status()).toMatchObject({
        state: "expired",
        renewable: false,
        problem: expect.stringContaining("never arrived"),
      });
      expect(issuer.received).toHaveLength(1);
      expect(await readFile(path, "utf8")).toBe(text);
    });

    it("comes after a time limit, too", async () => {
      issuer.fault = () => {};
      const error = await failure(open({ refreshTimeoutMs: 100 }).current());
      expect(error).toMatchObject({ reason: "answer_unknown" });
      expect(error.message).toContain("timeout");
    });

    it("does not concern the next login", async () => {
      issuer.fault = (request) => void request.socket.destroy();
      const session = open();
      await failure(session.current());
      const again = makeAuthJson({ refreshToken: "rt-again", lifetime: -60 });
      await writeFile(path, JSON.stringify(again));
      issuer.fault = undefined;
      issuer.valid = "rt-again";
      expect((await session.current()).accessToken).toBe(issuer.issued[0]);
    });
  });

  describe("a partial answer", () => {
    it("replaces what it holds and keeps the rest", async () => {
      issuer.fault = (_request, response, rotate) => {
        const { access_token } = rotate() as { access_token: string };
        answer(response, 200, { access_token, refresh_token: null });
      };
      const before = JSON.parse(text);
      expect((await open().current()).accessToken).toBe(issuer.issued[0]);
      const after = JSON.parse(await readFile(path, "utf8"));
      expect(after.tokens).toEqual({ ...before.tokens, access_token: issuer.issued[0] });
    });

    it("keeps the rotated refresh token even where no access token came with it", async () => {
      issuer.fault = (_request, response, rotate) => {
        const { refresh_token } = rotate() as { refresh_token: string };
        answer(response, 200, { refresh_token });
      };
      const error = await failure(open().current());
      expect(error.message).toContain("without an access token");
      expect(JSON.parse(await readFile(path, "utf8")).tokens.refresh_token).toBe(issuer.valid);
    });

    it("does not store an id_token that the Codex CLI could not load", async () => {
      issuer.fault = (_request, response, rotate) =>
        answer(response, 200, { ...(rotate() as object), id_token: "opaque" });
      const before = JSON.parse(text);
      await open().current();
      expect(JSON.parse(await readFile(path, "utf8")).tokens.id_token).toBe(before.tokens.id_token);
    });
  });
});

describe("a connection that is not ready", () => {
  it.each([
    ["a server that never greets", (socket: Socket) => void socket.resume(), "timeout"],
    [
      "a server without TLS",
      (socket: Socket) => void socket.once("data", () => socket.end("HTTP/1.1 400 No\r\n\r\n")),
      "E",
    ],
    ["a server that hangs up", (socket: Socket) => void socket.destroy(), "ECONNRESET"],
  ])("has sent nothing: %s", async (_name, greet, words) => {
    const server = createServer(greet).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as { port: number };
    const url = `https://127.0.0.1:${port}/oauth/token`;
    const error = await failure(open({ refreshTokenUrl: url, refreshTimeoutMs: 300 }).current());
    expect(error).toMatchObject({ reason: "issuer_unavailable", retryable: true });
    expect(error.message).toContain(words);
    expect(error.message).toContain("Nothing was sent");
    await new Promise((resolve) => server.close(resolve));
    expect((await open().current()).accessToken).toBe(issuer.issued[0]);
  });
});

describe("the fetch that is given", () => {
  it("is used, and what it throws is not shown", async () => {
    const session = open({
      fetch: (async (_url: unknown, init: { body: string }) => {
        throw new TypeError(`failed to send ${init.body}`);
      }) as unknown as typeof fetch,
    });
    await failure(session.current());
  });
});
