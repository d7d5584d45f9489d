import { isLoopback } from "@codex/auth";
import type { CodexError } from "@codex/errors";
import { describe, expect, it } from "vitest";
import { checkContentType, createGuard, type GuardOptions, preflightHeaders } from "../src/keys/guard.js";
import { hashKey } from "../src/keys/key-store.js";

const open: GuardOptions = { host: "127.0.0.1", apiKeys: [], allowedHosts: [], allowedOrigins: [] };

describe("Host", () => {
  const guard = createGuard({ ...open, allowedHosts: ["codex.lan", "Box:8080"] });
  it.each([
    "localhost",
    "localhost:11455",
    "LocalHost:1",
    "127.0.0.1",
    "127.0.0.1:11455",
    "127.9.9.9:80",
    "[::1]",
    "[::1]:11455",
    "codex.lan",
    "CODEX.lan:99",
    "box",
  ])("lets %s in", (host) => expect(guard.checkSource({ host })).toBeUndefined());

  it.each([
    "localhost.evil.test",
    "localhost.evil.test:11455",
    "evil.test",
    "127.0.0.1.evil.test",
    "127.evil.test",
    "evil.test:localhost",
    "192.168.1.5:11455",
    "[::2]:11455",
    "::1.evil.test",
    "user@localhost",
    "localhost:11455:1",
    "localhost,evil.test",
    "",
  ])("refuses %j and says how to allow it", (host) => {
    const refusal = guard.checkSource({ host });
    expect(refusal).toMatchObject({ code: "forbidden", status: 403 });
    expect(refusal?.message).toContain("CODEX_PROXY_ALLOWED_HOSTS");
  });

  it("refuses a request without a Host", () => expect(guard.checkSource({})?.code).toBe("forbidden"));

  it("lets in what it listens on by address, but nothing for a wildcard", () => {
    const bound = createGuard({ ...open, host: "192.168.1.5", apiKeys: ["k"] });
    expect(bound.checkSource({ host: "192.168.1.5:11455" })).toBeUndefined();
    expect(bound.checkSource({ host: "192.168.1.6:11455" })?.code).toBe("forbidden");
    const everywhere = createGuard({ ...open, host: "0.0.0.0", apiKeys: ["k"] });
    expect(everywhere.checkSource({ host: "0.0.0.0:11455" })?.code).toBe("forbidden");
  });

  it("lets every host in with *", () => {
    expect(createGuard({ ...open, allowedHosts: ["*"] }).checkSource({ host: "evil.test" })).toBeUndefined();
  });
});

describe("Origin", () => {
  const host = "localhost";
  const guard = createGuard({ ...open, allowedOrigins: ["http://localhost:3000"] });

  it("lets in programs, which send none, and pages that are allowed", () => {
    expect(guard.checkSource({ host })).toBeUndefined();
    expect(guard.checkSource({ host, origin: "http://localhost:3000" })).toBeUndefined();
    expect(guard.checkSource({ host, origin: "http://LOCALHOST:3000" })).toBeUndefined();
  });

  it.each(["http://localhost:3001", "https://localhost:3000", "http://evil.test", "null", ""])(
    "refuses %j and says how to allow it",
    (origin) => {
      const refusal = guard.checkSource({ host, origin });
      expect(refusal).toMatchObject({ code: "forbidden", status: 403 });
      expect(refusal?.message).toContain("CODEX_PROXY_ALLOWED_ORIGINS");
    },
  );

  it("gives CORS headers to allowed pages only", () => {
    expect(guard.corsHeaders({ host, origin: "http://localhost:3000" })).toMatchObject({
      "access-control-allow-origin": "http://localhost:3000",
      vary: "origin",
    });
    expect(guard.corsHeaders({ host, origin: "http://evil.test" })).toBeUndefined();
    expect(guard.corsHeaders({ host })).toBeUndefined();
    const all = createGuard({ ...open, allowedOrigins: ["*"] });
    expect(all.corsHeaders({ host, origin: "http://a.test" })?.["access-control-allow-origin"]).toBe("http://a.test");
  });

  it("answers a preflight with what was asked for", () => {
    const asked = { "access-control-request-headers": "x-a", "access-control-request-private-network": "true" };
    expect(preflightHeaders(asked, "POST")).toMatchObject({
      "access-control-allow-methods": "POST",
      "access-control-allow-headers": "x-a",
      "access-control-allow-private-network": "true",
    });
    expect(preflightHeaders({}, "POST")).not.toHaveProperty("access-control-allow-private-network");
  });
});

describe("keys", () => {
  const guard = createGuard({ ...open, apiKeys: ["first-key", "second-key"] });

  it.each([
    { authorization: "Bearer first-key" },
    { authorization: "bearer  second-key " },
    { "x-api-key": "second-key" },
  ])("lets %j in, and knows whose key it is", (headers) => {
    expect(guard.checkKey(headers)).toEqual({ keyName: expect.stringMatching(/^key-[0-9a-f]{8}$/) });
  });

  it("are told apart by name, those of which only the hash is known too", () => {
    const both = createGuard({ ...open, apiKeys: ["a"], storedKeys: [{ name: "laptop", sha256: hashKey("made-up") }] });
    const nameOf = (key: string) => both.checkKey({ "x-api-key": key }) as { keyName?: string };
    expect(nameOf("made-up")).toEqual({ keyName: "laptop" });
    expect(nameOf("a")).toEqual({ keyName: `key-${hashKey("a").slice(0, 8)}` });
    expect(nameOf(hashKey("made-up"))).toMatchObject({ code: "proxy_key_invalid" });
  });

  it("may be changed; without any nobody comes in where others can reach it", () => {
    const far = createGuard({ ...open, host: "0.0.0.0", apiKeys: ["a"] });
    far.configure({ ...open, host: "0.0.0.0", apiKeys: ["b"] });
    expect(far.checkKey({ "x-api-key": "a" })).toMatchObject({ code: "proxy_key_invalid" });
    expect(far.checkKey({ "x-api-key": "b" })).toHaveProperty("keyName");
    far.configure({ ...open, host: "0.0.0.0" });
    for (const key of ["a", "b", ""]) expect(far.checkKey({ "x-api-key": key })).toMatchObject({ status: 401 });
    expect(far.checkKey({})).toMatchObject({ status: 401 });
  });

  it.each([
    {},
    { authorization: "Bearer wrong" },
    { authorization: "Bearer" },
    { authorization: "Basic first-key" },
    { authorization: "first-key" },
    { "x-api-key": "" },
    { authorization: "Bearer first-keysecond-key" },
    { authorization: "Bearer wrong", "x-api-key": "first-key" },
  ])("refuses %j without repeating it", (headers) => {
    const refusal = guard.checkKey(headers) as CodexError;
    expect(refusal).toMatchObject({ code: "proxy_key_invalid", status: 401 });
    expect(refusal?.message).toContain("Authorization: Bearer");
    expect(refusal?.message).not.toMatch(/first-key|wrong/);
  });

  it("lets everyone in when there are none, since clients always send some key", () => {
    expect(createGuard(open).checkKey({ authorization: "Bearer sk-made-up" })).toEqual({ keyName: undefined });
    expect(createGuard(open).checkKey({})).toEqual({ keyName: undefined });
  });

  it.each(["0.0.0.0", "::", "192.168.1.5", "box.lan"])("must exist to listen on %s", (host) => {
    expect(() => createGuard({ ...open, host })).toThrow(/CODEX_PROXY_API_KEYS/);
    expect(() => createGuard({ ...open, host, apiKeys: ["k"] })).not.toThrow();
  });
});

describe("content type", () => {
  it.each([
    "application/json",
    "Application/JSON",
    "application/json; charset=utf-8",
    'application/json;charset="UTF-8"',
    "application/json; charset=utf8; v=1",
  ])("takes %s", (type) => expect(checkContentType(type)).toBeUndefined());

  it.each([
    undefined,
    "",
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=application/json",
    "application/json; charset=utf-16",
    "application/jsonp",
    "text/plain; application/json",
  ])("refuses %s", (type) => {
    const refusal = checkContentType(type);
    expect(refusal).toMatchObject({ code: "media_type_unsupported", status: 415 });
    expect(refusal?.message).toContain("content-type: application/json");
  });
});

it("knows what is this machine", () => {
  for (const name of ["localhost", "127.0.0.1", "127.1.2.3", "::1", "[::1]"]) expect(isLoopback(name)).toBe(true);
  for (const name of ["0.0.0.0", "::", "127.1", "localhost.", "127.0.0.1.a", "10.0.0.1", ""]) {
    expect(isLoopback(name)).toBe(false);
  }
});
