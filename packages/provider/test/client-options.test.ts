import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clientOptionsFrom, createCodexClient } from "@codex/provider";
import { createSimulator } from "@codex/simulator";
import { describe, expect, it, onTestFinished } from "vitest";

it("finds the login that the environment names, for a client of the library alone", async () => {
  const sim = await createSimulator();
  const home = await mkdtemp(join(tmpdir(), "codex-provider-"));
  onTestFinished(async () => {
    await sim.close();
    await rm(home, { recursive: true });
  });
  const save = async (file: string, accountId: string) => {
    await mkdir(join(file, ".."), { recursive: true });
    await writeFile(file, JSON.stringify(sim.authJson(sim.issueCredentials({ accountId }))), { mode: 0o600 });
    return file;
  };
  await save(join(home, "codex", "auth.json"), "shared");
  const one = await save(join(home, "one.json"), "one");
  const accountOf = async (more: Record<string, string>, given = {}) => {
    const client = createCodexClient(clientOptionsFrom({ CODEX_HOME: join(home, "codex"), ...more }, given));
    try {
      return (await client.session.current()).accountId;
    } finally {
      client.session.close();
      await client.close();
    }
  };
  const bare = sim.issueCredentials({ accountId: "bare" }).access_token;
  expect(await accountOf({})).toBe("shared");
  expect(await accountOf({ CODEX_AUTH_FILE: one })).toBe("one");
  expect(await accountOf({ CODEX_ACCESS_TOKEN: bare })).toBe("bare");
  expect(await accountOf({ CODEX_ACCESS_TOKEN: bare }, { authFile: one })).toBe("one");
  // Behind a proxy the client renews over its own connections.
  expect(await accountOf({ CODEX_AUTH_FILE: one, HTTPS_PROXY: "proxy.test:8080" })).toBe("one");
});

it("is a pure function of what it is given", () => {
  const env = Object.freeze({ CODEX_HOME: "/nowhere", CODEX_MODE: "on", CODEX_STRICT: "yes" });
  const { session: one, ...first } = clientOptionsFrom(env);
  const { session: two, ...second } = clientOptionsFrom(env);
  expect(first).toEqual(second);
  expect(first).toMatchObject({ mode: "on", strict: true, authFile: "/nowhere/auth.json" });
  for (const session of [one, two]) session?.close();
});

it("takes what is given over the variables, which then may hold anything", () => {
  const env = {
    CODEX_BASE_URL: "https://one.test/codex",
    CODEX_MODE: "sideways",
    CODEX_MODEL_ALIASES: "no pair",
    CODEX_STRICT: "perhaps",
    CODEX_CACHE_DIR: "/one",
    HTTPS_PROXY: "::",
  };
  const given = { baseUrl: "https://two.test", mode: "off", aliases: {}, strict: true, cacheDir: "/two" } as const;
  const { session, ...options } = clientOptionsFrom(env, { ...given, environmentProxy: {} });
  session?.close();
  expect(options).toMatchObject(given);
});

describe("a variable", () => {
  const read = (env: Record<string, string>) => {
    const { session, ...options } = clientOptionsFrom({ CODEX_HOME: "/nowhere", ...env });
    session?.close();
    return options;
  };

  it.each([
    ...["on", "ON", " true ", "1", "True"].map((text) => [text, "on"] as const),
    ...["off", "false", "0", "FALSE"].map((text) => [text, "off"] as const),
    ["auto", "auto"] as const,
    ["", undefined] as const,
  ])("CODEX_MODE=%j is %s", (text, mode) => expect(read({ CODEX_MODE: text }).mode).toBe(mode));

  it.each([
    ["1", true],
    ["On", true],
    ["off", false],
    ["FALSE", false],
    ["no", false],
  ])("CODEX_STRICT=%s is %s", (text, strict) => expect(read({ CODEX_STRICT: text }).strict).toBe(strict));

  it.each([
    [{ HTTPS_PROXY: "proxy.test:8080" }, { httpsProxy: "http://proxy.test:8080" }],
    [{ HTTPS_PROXY: "10.0.0.1" }, { httpsProxy: "http://10.0.0.1" }],
    [{ HTTP_PROXY: " me:word@proxy.test:1 " }, { httpProxy: "http://me:word@proxy.test:1" }],
    [{ HTTPS_PROXY: "https://proxy.test" }, { httpsProxy: "https://proxy.test" }],
    [
      { https_proxy: "small.test:1", HTTPS_PROXY: "large.test:2", NO_PROXY: "a" },
      { httpsProxy: "http://small.test:1", noProxy: "a" },
    ],
    [{ https_proxy: "", HTTPS_PROXY: "large.test:2" }, { httpsProxy: "http://large.test:2" }],
  ])("%j is a proxy", (env, expected) => expect(read(env).environmentProxy).toMatchObject(expected));

  it.each([
    [{ HTTPS_PROXY: "http://me:made-up-word@:80:80" }, /^HTTPS_PROXY is the address of a proxy/],
    [{ https_proxy: "proxy.test:99999" }, /^https_proxy is the address/],
    [{ HTTP_PROXY: "http://" }, /^HTTP_PROXY is the address/],
    [{ HTTPS_PROXY: "a b" }, /^HTTPS_PROXY is the address/],
    [{ HTTPS_PROXY: "socks5://me:made-up-word@proxy.test:1080" }, /^HTTPS_PROXY names a proxy of the kind socks5\./],
    [{ CODEX_MODE: "maybe" }, /^CODEX_MODE is auto, on or off, not "maybe"/],
    [{ CODEX_STRICT: "maybe" }, /^CODEX_STRICT is true or false/],
    [{ CODEX_MODEL_ALIASES: "fast" }, /^CODEX_MODEL_ALIASES holds pairs such as fast=gpt-6-luna-low/],
  ])("%j is refused by its name, without what may be a password", (env, message) => {
    expect(() => read(env as Record<string, string>)).toThrow(message);
    expect(() => read(env as Record<string, string>)).not.toThrow(/made-up-word/);
    expect(() => read(env as Record<string, string>)).toThrow(expect.objectContaining({ code: "request_invalid" }));
  });
});
