import { createHook } from "node:async_hooks";
import { mkdtemp, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFileStore, createMemoryStore, createSession, type Session, type SessionOptions } from "@codex/auth";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { answer, makeAuthJson, makeToken, startIssuer, type TestIssuer } from "./issuer.js";

let folder: string;
let path: string;
let issuer: TestIssuer;
const sessions: Session[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "codex-auth-"));
  path = join(folder, "auth.json");
  issuer = await startIssuer();
});

afterEach(async () => {
  for (const session of sessions.splice(0)) session.close();
  await issuer.close();
  await rm(folder, { recursive: true, force: true });
});

function open(options: Partial<SessionOptions> = {}): Session {
  const store = createFileStore({ path, ...(options.now ? { now: options.now } : {}) });
  const session = createSession({ store, refreshTokenUrl: issuer.tokenUrl, ...options });
  sessions.push(session);
  return session;
}

async function save(document: unknown): Promise<void> {
  await writeFile(path, JSON.stringify(document), { mode: 0o600 });
}

async function load(): Promise<ReturnType<typeof makeAuthJson>> {
  return JSON.parse(await readFile(path, "utf8"));
}

describe("current", () => {
  it("gives the stored token with what its claims say, and asks nobody", async () => {
    const document = makeAuthJson({ plan: "pro", fedramp: true });
    await save(document);
    const context = await open().current();
    expect(context).toMatchObject({
      accessToken: document.tokens.access_token,
      accountId: "account-1",
      planType: "pro",
      isFedramp: true,
      email: "person@example.test",
    });
    expect(context.expiresAt).toBeGreaterThan(Date.now());
    expect(Object.keys(context)).not.toContain("refreshToken");
    expect(issuer.received).toEqual([]);
  });

  it("renews a token with five minutes left, once for all callers, and keeps every other key", async () => {
    await save(makeAuthJson({ lifetime: 299 }));
    const session = open();
    const all = await Promise.all(Array.from({ length: 20 }, () => session.current()));
    expect(new Set(all.map((c) => c.accessToken))).toEqual(new Set(issuer.issued));
    expect(issuer.received).toHaveLength(1);
    const written = await load();
    expect(written).toMatchObject({
      auth_mode: "chatgpt",
      OPENAI_API_KEY: null,
      other_program: { kept: true },
      tokens: {
        access_token: issuer.issued[0],
        refresh_token: issuer.valid,
        account_id: "account-1",
        other_program: { inside: [1, 2, 3] },
      },
    });
    expect(Date.parse(String(written.last_refresh))).toBeGreaterThan(Date.now() - 10_000);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it("leaves a token with more than five minutes alone", async () => {
    await save(makeAuthJson({ lifetime: 310 }));
    await open().current();
    expect(issuer.received).toEqual([]);
  });

  it("sends the request that the issuer expects", async () => {
    await save(makeAuthJson({ lifetime: -60 }));
    await open({ originator: "test-app", userAgent: "test-app/1.0" }).current();
    expect(issuer.headers[0]).toMatchObject({
      "content-type": "application/json",
      originator: "test-app",
      "user-agent": "test-app/1.0",
    });
  });

  it("keeps using a token that still works when its early renewal fails, and says so", async () => {
    await save(makeAuthJson({ lifetime: 200 }));
    issuer.fault = (_request, response) => answer(response, 500, {});
    const warnings: string[] = [];
    const session = open({ onWarning: (message) => warnings.push(message) });
    const context = await session.current();
    expect(context.accessToken).toBe((await load()).tokens.access_token);
    await session.current();
    expect(issuer.received).toHaveLength(1);
    expect(warnings).toEqual([expect.stringContaining("answered 500")]);
  });

  it("does no I/O when warm: nothing is asked of the system, be it file, timer or network", async () => {
    await save(makeAuthJson());
    const session = open({ lookIntervalMs: 60_000 });
    await session.current();
    const asked: string[] = [];
    const hook = createHook({ init: (_id, type) => void (type === "PROMISE" || asked.push(type)) }).enable();
    for (let call = 0; call < 1_000; call += 1) await session.current();
    // The file's own mark, to know that such a thing would be seen.
    const seen = asked.length;
    await stat(path);
    hook.disable();
    expect(asked.slice(0, seen)).toEqual([]);
    expect(asked).toContain("FSREQPROMISE");
  });

  it("takes under 2 microseconds when warm, and needs no file", async () => {
    await save(makeAuthJson());
    const session = open({ lookIntervalMs: 60_000 });
    await session.current();
    await rm(path);
    const rounds = 200_000;
    let best = Number.POSITIVE_INFINITY;
    for (let run = 0; run < 5; run += 1) {
      const start = process.hrtime.bigint();
      for (let i = 0; i < rounds; i += 1) await session.current();
      best = Math.min(best, Number(process.hrtime.bigint() - start) / rounds / 1000);
    }
    expect(best).toBeLessThan(2);
  });
});

describe("changes by other programs", () => {
  const next = <T>(subscribe: (listener: (value: T) => void) => unknown) =>
    new Promise<T>((resolve) => void subscribe(resolve));

  it("are noticed in the background: a switch, then a logout", async () => {
    await save(makeAuthJson());
    const session = open({ lookIntervalMs: 20 });
    await session.current();
    const switched = next(session.onChange);
    await save(makeAuthJson({ account: "account-2" }));
    await utimes(path, new Date(), new Date(Date.now() + 5000));
    expect(await switched).toMatchObject({ accountId: "account-2" });
    expect((await session.current()).accountId).toBe("account-2");
    const out = next(session.onChange);
    await rm(path);
    expect(await out).toBeUndefined();
    await expect(session.current()).rejects.toMatchObject({ code: "auth_missing" });
    await save(makeAuthJson({ account: "account-3" }));
    expect((await session.current()).accountId).toBe("account-3");
  });

  it("do not disturb the token in use while the file is broken", async () => {
    const document = makeAuthJson();
    await save(document);
    const warned = next<string>((listener) => {
      void open({ lookIntervalMs: 20, onWarning: listener }).current();
    });
    const session = sessions[0] as Session;
    await session.current();
    await writeFile(path, '{"tokens": {"acc');
    expect(await warned).toContain("cut off");
    expect((await session.current()).accessToken).toBe(document.tokens.access_token);
  });
});

describe("refresh after a 401", () => {
  it("adopts what another program has stored, without a call", async () => {
    await save(makeAuthJson());
    const session = open({ lookIntervalMs: 60_000 });
    const rejected = await session.current();
    const other = makeAuthJson();
    await save(other);
    expect((await session.reread()).accessToken).toBe(other.tokens.access_token);
    expect((await session.refresh(rejected)).accessToken).toBe(other.tokens.access_token);
    expect(issuer.received).toEqual([]);
  });

  it("renews a token that is not due when the backend refuses it, once for all callers", async () => {
    await save(makeAuthJson());
    const session = open();
    const rejected = await session.current();
    const all = await Promise.all(Array.from({ length: 20 }, () => session.refresh(rejected)));
    expect(new Set(all.map((c) => c.accessToken))).toEqual(new Set(issuer.issued));
    expect((await session.refresh(rejected)).accessToken).toBe(issuer.issued[0]);
    expect(issuer.received).toHaveLength(1);
  });

  it("stops when the file belongs to another account by now, and uses that one for the next request", async () => {
    await save(makeAuthJson());
    const session = open({ lookIntervalMs: 60_000 });
    const rejected = await session.current();
    await save(makeAuthJson({ account: "account-2" }));
    await expect(session.refresh(rejected)).rejects.toMatchObject({ code: "auth_changed", status: 401 });
    expect((await session.current()).accountId).toBe("account-2");
    expect(issuer.received).toEqual([]);
  });

  it("does not renew twice within a minute, in no process", async () => {
    await save(makeAuthJson());
    const session = open();
    const renewed = await session.refresh(await session.current());
    const tooYoung = { code: "auth_expired", reason: "too_young" };
    await expect(session.refresh(renewed)).rejects.toMatchObject(tooYoung);
    await expect(open().refresh(renewed)).rejects.toMatchObject(tooYoung);
    expect(issuer.received).toHaveLength(1);
    const later = () => Date.now() + 61_000;
    await open({ now: later }).refresh(renewed);
    expect(issuer.received).toHaveLength(2);
  });
});

describe("clocks that are wrong by an hour", () => {
  it.each([3_600_000, -3_600_000])("end in one renewal and a token that is used (%i ms)", async (skew) => {
    const now = () => Date.now() + skew;
    await save(makeAuthJson({ lifetime: -7200 }));
    issuer.token = { lifetime: 3600 };
    const session = open({ now });
    const first = await session.current();
    expect(first.accessToken).toBe(issuer.issued[0]);
    expect((await session.current()).accessToken).toBe(first.accessToken);
    expect((await open({ now }).current()).accessToken).toBe(first.accessToken);
    expect(issuer.received).toHaveLength(1);
    await expect(session.refresh(first)).rejects.toMatchObject({ reason: "too_young" });
    expect(issuer.received).toHaveLength(1);
  });
});

describe("tokens that say little", () => {
  it("without exp are renewed when the last refresh is 8 days old", async () => {
    const opaque = (lastRefresh: string) => {
      const document = makeAuthJson({ lastRefresh });
      document.tokens.access_token = "at-opaque-token";
      return document;
    };
    await save(opaque(new Date(Date.now() - 7.9 * 86_400_000).toISOString()));
    expect(await open().current()).toMatchObject({ accessToken: "at-opaque-token", accountId: "account-1" });
    expect(issuer.received).toEqual([]);
    await save(opaque(new Date(Date.now() - 8.1 * 86_400_000).toISOString()));
    await open().current();
    expect(issuer.received).toHaveLength(1);
  });

  it("without exp and without a last refresh are never renewed on their own, but when the backend refuses them", async () => {
    await save({ access_token: "at-opaque-token", refresh_token: issuer.valid });
    const session = open();
    const context = await session.current();
    expect(context).toMatchObject({ accessToken: "at-opaque-token", expiresAt: undefined, accountId: undefined });
    expect(issuer.received).toEqual([]);
    expect((await session.refresh(context)).accessToken).toBe(issuer.issued[0]);
    expect(await load()).toMatchObject({ access_token: issuer.issued[0], refresh_token: issuer.valid });
  });

  it.each([
    ["an opaque one", "at-0123456789abcdef"],
    ["three parts that are no JWT", "a.b.c"],
    ["a JWT whose claims are a list", `e30.${Buffer.from("[1]").toString("base64url")}.x`],
    ["an exp that is a text", makeToken({ claims: { exp: "tomorrow" } })],
    ["an exp without end", makeToken({ claims: { exp: Number.MAX_VALUE } })],
    ["an exp that no calendar holds", makeToken({ claims: { exp: 1e13 } })],
    [
      "claims of the wrong types",
      makeToken({ claims: { exp: null, email: 5, "https://api.openai.com/auth": [null] } }),
    ],
  ])("are used as they are, and may be renewed: %s", async (_what, token) => {
    const document = makeAuthJson();
    document.tokens.access_token = token;
    document.last_refresh = new Date().toISOString();
    await save(document);
    const session = open();
    const context = await session.current();
    expect(context).toMatchObject({ accessToken: token, accountId: "account-1" });
    expect(await session.status()).toMatchObject({ state: "signed_in", renewable: true, expiresAt: undefined });
    issuer.token = { claims: { "https://api.openai.com/auth": undefined } };
    expect(await session.refresh(context)).toMatchObject({ accessToken: issuer.issued[0], accountId: "account-1" });
    expect(issuer.received).toHaveLength(1);
  });

  it("without an account claim name no account, and are renewed all the same", async () => {
    const nameless = { lifetime: -60, claims: { "https://api.openai.com/auth": undefined } };
    const document = makeAuthJson(nameless);
    document.tokens.account_id = null;
    await save(document);
    issuer.token = { claims: nameless.claims };
    const context = await open().current();
    expect(context).toMatchObject({ accessToken: issuer.issued[0], accountId: undefined });
    expect((await load()).tokens.account_id).toBeNull();
    expect(await open().status()).toMatchObject({ state: "signed_in", accountId: undefined });
  });
});

describe("a caller's signal", () => {
  it("ends its own wait and not the renewal that others wait for", async () => {
    await save(makeAuthJson({ lifetime: -60 }));
    const controller = new AbortController();
    issuer.fault = (_request, response, rotate) => {
      controller.abort();
      setTimeout(() => answer(response, 200, rotate()), 50);
    };
    const session = open();
    const left = session.current(controller.signal);
    const right = session.current();
    await expect(left).rejects.toMatchObject({ code: "aborted" });
    expect((await right).accessToken).toBe(issuer.issued[0]);
    expect(issuer.received).toHaveLength(1);
    await expect(session.current(AbortSignal.abort())).rejects.toMatchObject({ code: "aborted" });
  });
});

describe("a token endpoint", () => {
  it.each(["http://issuer.example/oauth/token", "ftp://127.0.0.1/x", "not a url", "https://user:pass@issuer.example/"])(
    "that is neither https nor this machine gets no token: %s",
    (refreshTokenUrl) => {
      expect(() => createSession({ store: createMemoryStore(), refreshTokenUrl })).toThrow(
        expect.objectContaining({ code: "request_invalid", reason: "insecure_url" }),
      );
    },
  );

  it("may redirect, but is not followed", async () => {
    await save(makeAuthJson({ lifetime: -60 }));
    const elsewhere = await startIssuer();
    issuer.fault = (_request, response) => void response.writeHead(307, { location: elsewhere.tokenUrl }).end();
    await expect(open().current()).rejects.toMatchObject({
      code: "upstream_unreachable",
      reason: "issuer_unavailable",
    });
    expect(elsewhere.received).toEqual([]);
    await elsewhere.close();
  });
});
