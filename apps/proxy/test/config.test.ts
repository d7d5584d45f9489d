import { homedir } from "node:os";
import { join } from "node:path";
import { isCodexError } from "@codex/errors";
import { describe, expect, it } from "vitest";
import { loadConfig, type ProxyConfig } from "../src/config.js";

function load(env: Record<string, string>, ...argv: string[]): ProxyConfig {
  const loaded = loadConfig(env, argv);
  if (loaded.kind !== "serve") throw new Error("it only prints");
  return loaded.config;
}

describe("loadConfig", () => {
  it("has defaults that are safe and need nothing", () => {
    expect(load({ XDG_CACHE_HOME: "/cache" })).toEqual({
      host: "127.0.0.1",
      port: 11455,
      apiKeys: [],
      allowedHosts: [],
      allowedOrigins: [],
      verbose: false,
      client: {
        strict: false,
        authFile: join(homedir(), ".codex", "auth.json"),
        cacheDir: expect.stringContaining("codex-oauth"),
        environmentProxy: {},
      },
    });
  });

  it("finds the login in CODEX_HOME", () => {
    expect(load({ CODEX_HOME: "/codex" }).client).toMatchObject({ authFile: "/codex/auth.json", codexHome: "/codex" });
    const both = load({ CODEX_HOME: "/codex", CODEX_AUTH_FILE: "/a.json" }, "--auth-file", "/b.json");
    expect(both.client.authFile).toBe("/b.json");
  });

  it("reads the environment", () => {
    expect(
      load({
        CODEX_PROXY_HOST: "0.0.0.0",
        CODEX_PROXY_PORT: "8080",
        CODEX_PROXY_API_KEYS: "one, two,",
        CODEX_PROXY_ALLOWED_HOSTS: "codex.lan,box",
        CODEX_PROXY_ALLOWED_ORIGINS: "http://Localhost:3000/, app://obsidian.md",
        CODEX_DEBUG: "1",
        CODEX_BASE_URL: "http://127.0.0.1:9100/backend-api/codex/",
        CODEX_ISSUER: "https://auth.example.test",
        CODEX_REFRESH_TOKEN_URL_OVERRIDE: "http://localhost:9100/oauth/token",
        CODEX_AUTH_FILE: "/tmp/auth.json",
        CODEX_HOME: "/tmp/codex",
        CODEX_CACHE_DIR: "/tmp/cache",
        CODEX_MODE: "off",
        HTTPS_PROXY: "http://upper:1",
        https_proxy: "http://lower:1",
        NO_PROXY: "localhost",
      }),
    ).toEqual({
      host: "0.0.0.0",
      port: 8080,
      apiKeys: ["one", "two"],
      allowedHosts: ["codex.lan", "box"],
      allowedOrigins: ["http://localhost:3000", "app://obsidian.md"],
      verbose: true,
      client: {
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

  it("takes a flag before the environment, and an empty variable for none", () => {
    const env = { CODEX_PROXY_PORT: "8080", CODEX_PROXY_HOST: "", CODEX_PROXY_API_KEYS: "a", CODEX_MODE: "off" };
    const config = load(env, "-p", "0", "--api-key", "b", "--api-key=c", "--mode", "on", "--strict", "--verbose");
    expect(config).toMatchObject({ port: 0, host: "127.0.0.1", apiKeys: ["b", "c"], verbose: true });
    expect(config.client).toMatchObject({ strict: true, mode: "on" });
  });

  it("takes an IPv6 address with and without brackets", () => {
    expect(load({}, "--host", "[::1]").host).toBe("::1");
    expect(load({}, "--host", "::1").host).toBe("::1");
  });

  it.each([
    [["--port", "70000"], /--port .* 0 to 65535, not "70000"/],
    [["--port", "80x"], /--port .* not "80x"/],
    [["--host", "http://x"], /--host .* is a name or an address/],
    [["--mode", "maybe"], /auto, on or off, not "maybe"/],
    [["--base-url", "chatgpt.com"], /--base-url .* https address/],
    [["--base-url", "http://chatgpt.com/x"], /https address, or http on this machine/],
    [["--base-url", "http://127.0.0.1.evil.test"], /https address/],
    [["--allowed-origin", "localhost:3000"], /an origin such as/],
    [["--allowed-origin", "http://localhost:3000/page"], /an origin such as/],
    [["--nonsense"], /--nonsense.*--help/],
    [["serve"], /serve.*--help/],
    [["--port"], /port.*--help/],
  ])("refuses %j in one line that says what is right", (argv, message) => {
    let thrown: unknown;
    try {
      loadConfig({}, argv);
    } catch (error) {
      thrown = error;
    }
    expect(isCodexError(thrown) && thrown.code).toBe("request_invalid");
    expect((thrown as Error).message).toMatch(message);
    expect((thrown as Error).message).not.toContain("\n");
  });

  it.each(["CODEX_PROXY_PORT", "CODEX_MODE", "CODEX_BASE_URL", "CODEX_ISSUER", "CODEX_REFRESH_TOKEN_URL_OVERRIDE"])(
    "names %s when its value is wrong",
    (name) => expect(() => loadConfig({ [name]: "!" }, [])).toThrow(name),
  );

  it("prints help and version instead of serving, and names every flag and variable", () => {
    const help = loadConfig({}, ["--help"], "codex-oauth serve");
    expect(help.kind === "print" && help.text).toContain("codex-oauth serve");
    for (const word of ["--allowed-origin", "--cache-dir", "CODEX_PROXY_API_KEYS", "CODEX_AUTH_FILE", "11455"]) {
      expect(help.kind === "print" && help.text).toContain(word);
    }
    expect(loadConfig({}, ["-V"])).toEqual({ kind: "print", text: expect.stringMatching(/^\d+\.\d+\.\d+/) });
  });
});
