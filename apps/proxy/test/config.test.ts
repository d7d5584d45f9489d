import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { isCodexError } from "@codex/errors";
import { defaultTimeLimits } from "@codex/provider";
import { describe, expect, it } from "vitest";
import { loadConfig, type ProxyConfig } from "../src/config.js";
import { hashKey } from "../src/keys/key-store.js";
import { defaultLimits } from "../src/settings/limits.js";

/** No test looks at the settings of the person who runs it. */
const nowhere = { XDG_CONFIG_HOME: "/nowhere", XDG_STATE_HOME: "/state" };

async function load(env: Record<string, string>, ...argv: string[]): Promise<Omit<ProxyConfig, "origin">> {
  const loaded = await loadConfig({ ...nowhere, ...env }, argv);
  if (loaded.kind !== "serve") throw new Error("it only prints");
  const { origin: _, ...config } = loaded.config;
  return config;
}

const { patienceMs: _, ...timeLimits } = defaultTimeLimits;

describe("loadConfig", () => {
  it("has defaults that are safe and need nothing", async () => {
    expect(await load({ XDG_CACHE_HOME: "/cache" })).toEqual({
      host: "127.0.0.1",
      port: 11455,
      apiKeys: [],
      allowedHosts: [],
      allowedOrigins: [],
      keysFile: expect.stringMatching(/codex-oauth.keys\.json$/),
      effortVariants: false,
      logFormat: "auto",
      logLevel: "info",
      quota: { reserve: [], shares: {} },
      usageFile: "/state/codex-oauth/usage.json",
      verbose: false,
      limits: defaultLimits,
      client: {
        timeLimits,
        aliases: {},
        strict: false,
        authFile: join(homedir(), ".codex", "auth.json"),
        cacheDir: expect.stringContaining("codex-oauth"),
        environmentProxy: {},
        session: expect.anything(),
      },
    });
  });

  it("finds the login in CODEX_HOME", async () => {
    expect((await load({ CODEX_HOME: "/codex" })).client).toMatchObject({
      authFile: "/codex/auth.json",
      codexHome: "/codex",
    });
    const both = await load({ CODEX_HOME: "/codex", CODEX_AUTH_FILE: "/a.json" }, "--auth-file", "/b.json");
    expect(both.client.authFile).toBe("/b.json");
  });

  it("reads the environment", async () => {
    expect(
      await load({
        CODEX_PROXY_HOST: "0.0.0.0",
        CODEX_PROXY_PORT: "8080",
        CODEX_PROXY_API_KEYS: "one, two,",
        CODEX_PROXY_ALLOWED_HOSTS: "codex.lan,box",
        CODEX_PROXY_ALLOWED_ORIGINS: "http://Localhost:3000/, app://obsidian.md",
        CODEX_MODEL_ALIASES: "fast=gpt-6-luna-low, big = gpt-6-sol",
        CODEX_PROXY_EFFORT_VARIANTS: "1",
        CODEX_DEBUG: "1",
        CODEX_PROXY_MAX_BODY_MIB: "8",
        CODEX_PROXY_QUEUE_SIZE: "0",
        CODEX_PROXY_DRAIN_S: "5",
        CODEX_PROXY_IDLE_TIME_S: "600",
        CODEX_BASE_URL: "http://127.0.0.1:9100/backend-api/codex/",
        CODEX_ISSUER: "https://auth.example.test",
        CODEX_REFRESH_TOKEN_URL_OVERRIDE: "http://localhost:9100/oauth/token",
        CODEX_AUTH_FILE: "/tmp/auth.json",
        CODEX_HOME: "/tmp/codex",
        CODEX_CACHE_DIR: "/tmp/cache",
        CODEX_STATE_DIR: "/tmp/state",
        CODEX_MODE: "off",
        HTTPS_PROXY: "http://upper:1",
        https_proxy: "http://lower:1",
        NO_PROXY: "localhost",
      }),
    ).toEqual({
      host: "0.0.0.0",
      port: 8080,
      apiKeys: ["one", "two"].map((key) => `sha256:${hashKey(key)}`),
      allowedHosts: ["codex.lan", "box"],
      allowedOrigins: ["http://localhost:3000", "app://obsidian.md"],
      keysFile: "/tmp/state/keys.json",
      effortVariants: true,
      logFormat: "auto",
      logLevel: "info",
      quota: { reserve: [], shares: {} },
      usageFile: "/tmp/state/usage.json",
      verbose: true,
      limits: { ...defaultLimits, maxBodyBytes: 8 * 1024 * 1024, queueSize: 0, drainMs: 5000 },
      client: {
        timeLimits: { ...timeLimits, idleMs: 600_000 },
        aliases: { fast: "gpt-6-luna-low", big: "gpt-6-sol" },
        strict: false,
        baseUrl: "http://127.0.0.1:9100/backend-api/codex",
        issuer: "https://auth.example.test",
        refreshTokenUrl: "http://localhost:9100/oauth/token",
        authFile: "/tmp/auth.json",
        codexHome: "/tmp/codex",
        cacheDir: "/tmp/cache",
        mode: "off",
        environmentProxy: { httpsProxy: "http://lower:1", noProxy: "localhost" },
      },
    });
  });

  it("takes a flag before the environment, and an empty variable for none", async () => {
    const env = { CODEX_PROXY_PORT: "8080", CODEX_PROXY_HOST: "", CODEX_PROXY_API_KEYS: "a", CODEX_MODE: "off" };
    const config = await load(env, "-p", "0", "--api-key", "b", "--api-key=c", "--mode", "on", "--strict", "--verbose");
    expect(config).toMatchObject({
      port: 0,
      host: "127.0.0.1",
      apiKeys: [`sha256:${hashKey("b")}`, `sha256:${hashKey("c")}`],
      verbose: true,
    });
    expect(config.client).toMatchObject({ strict: true, mode: "on" });
    expect((await load({ CODEX_PROXY_REASONING: "think" })).client.reasoning).toBe("think");
  });

  it("takes an IPv6 address with and without brackets", async () => {
    expect((await load({}, "--host", "[::1]")).host).toBe("::1");
    expect((await load({}, "--host", "::1")).host).toBe("::1");
  });

  it.each([
    [["--port", "70000"], /--port .* 0 to 65535, not "70000"/],
    [["--port", "80x"], /--port .* not "80x"/],
    [["--host", "http://x"], /--host .* is a name or an address/],
    [["--mode", "maybe"], /auto, on or off, not "maybe"/],
    [["--reasoning", "aloud"], /field, think or none, not "aloud"/],
    [["--base-url", "chatgpt.com"], /--base-url .* https address/],
    [["--base-url", "http://chatgpt.com/x"], /https address, or http on this machine/],
    [["--base-url", "http://127.0.0.1.evil.test"], /https address/],
    [["--allowed-origin", "localhost:3000"], /an origin such as/],
    [["--allowed-origin", "http://localhost:3000/page"], /an origin such as/],
    [["--alias", "fast"], /--alias .* a pair such as fast=gpt-6-luna-low, not "fast"/],
    [["--alias", "=gpt-6-sol"], /a pair such as/],
    [["--nonsense"], /--nonsense.*--help/],
    [["serve"], /serve.*--help/],
    [["--port"], /port.*--help/],
  ])("refuses %j in one line that says what is right", async (argv, message) => {
    const thrown: unknown = await loadConfig(nowhere, argv).catch((error) => error);
    expect(isCodexError(thrown) && thrown.code).toBe("request_invalid");
    expect((thrown as Error).message).toMatch(message);
    expect((thrown as Error).message).not.toContain("\n");
  });

  it.each(["CODEX_PROXY_PORT", "CODEX_MODE", "CODEX_BASE_URL", "CODEX_ISSUER", "CODEX_REFRESH_TOKEN_URL_OVERRIDE"])(
    "names %s when its value is wrong",
    (name) => expect(loadConfig({ ...nowhere, [name]: "!" }, [])).rejects.toThrow(name),
  );

  it("prints help and version instead of serving, and names every flag and variable", async () => {
    const help = await loadConfig({}, ["--help"], { program: "codex-oauth serve" });
    expect(help.kind === "print" && help.text).toContain("codex-oauth serve");
    for (const word of ["--allowed-origin", "--cache-dir", "CODEX_PROXY_API_KEYS", "CODEX_AUTH_FILE", "11455"]) {
      expect(help.kind === "print" && help.text).toContain(word);
    }
    expect(await loadConfig({}, ["-V"])).toEqual({ kind: "print", text: expect.stringMatching(/^\d+\.\d+\.\d+/) });
  });
});

describe("the login of loadConfig", () => {
  const data = { ...nowhere, XDG_DATA_HOME: "/data", CODEX_HOME: "/codex" };
  const key = { CODEX_AUTH_KEY: "ab".repeat(32) };
  async function resolve(env: Record<string, string>, ...argv: string[]) {
    const loaded = await loadConfig({ ...data, ...env }, argv);
    if (loaded.kind !== "serve") throw new Error("it only prints");
    const { profile, isOwn, authFile, store } = loaded.login;
    return { profile, isOwn, authFile, kind: store?.describe().kind, client: loaded.config.client };
  }

  it.each<[string, Record<string, string>, string[], object]>([
    ["the Codex CLI's own", {}, [], { isOwn: false, authFile: "/codex/auth.json", kind: "file" }],
    ["a file", { CODEX_AUTH_FILE: "/a.json" }, [], { isOwn: false, authFile: "/a.json" }],
    ["a profile before a file", { CODEX_AUTH_FILE: "/a.json", CODEX_PROFILE: "work" }, [], { profile: "work" }],
    [
      "a file's flag first",
      { CODEX_PROFILE: "work", CODEX_ACCESS_TOKEN: "at-x" },
      ["--auth-file", "/b.json"],
      {
        profile: undefined,
        authFile: "/b.json",
        kind: "file",
      },
    ],
    [
      "a profile's flag first",
      { CODEX_PROFILE: "work", CODEX_ACCESS_TOKEN: "at-x" },
      ["--profile", "home"],
      {
        profile: "home",
        isOwn: true,
        authFile: "/data/codex-oauth/profiles/home/auth.json",
        kind: "file",
      },
    ],
    ["none of them by an empty flag", { CODEX_PROFILE: "work" }, ["--profile="], { authFile: "/codex/auth.json" }],
    [
      "the token before other variables",
      { CODEX_PROFILE: "work", CODEX_ACCESS_TOKEN: "at-x" },
      [],
      {
        profile: undefined,
        kind: undefined,
      },
    ],
    [
      "an encrypted one",
      key,
      [],
      {
        isOwn: true,
        authFile: "/data/codex-oauth/encrypted/auth.json",
        kind: "encrypted",
      },
    ],
    [
      "an encrypted profile",
      { ...key, CODEX_PROFILE: "work" },
      [],
      {
        authFile: "/data/codex-oauth/encrypted/profiles/work/auth.json",
        kind: "encrypted",
      },
    ],
    [
      "an encrypted file",
      { CODEX_AUTH_KEY: "keyring" },
      ["--auth-file", "/x/login.jwe"],
      {
        isOwn: true,
        authFile: "/x/login.jwe",
        kind: "encrypted",
      },
    ],
  ])("is %s", async (_name, env, argv, expected) => {
    expect(await resolve(env, ...argv)).toMatchObject(expected);
  });

  it.each<[Record<string, string>, string[], RegExp]>([
    [{ CODEX_AUTH_KEY: "password" }, [], /CODEX_AUTH_KEY is the word keyring, or 32 random bytes/],
    [key, ["--auth-file", "/codex/auth.json"], /ends in \.jwe.*\/codex\/auth\.json does not/],
    [{ CODEX_AUTH_FILE: "/x/login.jwe" }, [], /Set CODEX_AUTH_KEY/],
    [{ CODEX_PROFILE: "../up" }, [], /profile's name/],
    [{}, ["--profile", "a", "--auth-file", "b"], /Leave one of them out/],
  ])("refuses %j %j", async (env, argv, message) => {
    const thrown: Error = await resolve(env, ...argv).then(
      () => new Error("taken"),
      (error) => error,
    );
    expect(thrown.message).toMatch(message);
    expect(thrown.message).not.toMatch(/password/);
  });

  it("is left to the client behind an HTTP proxy, as long as it is in a plain file", async () => {
    const home = mkdtempSync(join(tmpdir(), "codex-proxy-config-"));
    try {
      const env = { CODEX_HOME: home, HTTPS_PROXY: "http://upper:1" };
      expect((await resolve(env)).client.session).toBeUndefined();
      expect((await resolve({ ...env, CODEX_ACCESS_TOKEN: "at-x" })).client.session).toBeDefined();
      writeFileSync(join(home, "config.toml"), 'cli_auth_credentials_store = "auto"\n');
      expect((await resolve(env)).client.session).toBeDefined();
    } finally {
      rmSync(home, { recursive: true });
    }
  });
});
