import { mkdir, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { isCodexError } from "@codex/errors";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hashKey } from "../../src/keys/key-store.js";
import { ConfigFileError, type ConfigProblem } from "../../src/settings/config-problem.js";
import { findLine } from "../../src/settings/find-line.js";
import { limitSettings } from "../../src/settings/limit-settings.js";
import { settingKeys, settings } from "../../src/settings/settings.js";
import { type ConfigHouse, openConfigHouse } from "./start-config.js";

let house: ConfigHouse;
beforeAll(async () => {
  house = await openConfigHouse();
});
afterAll(() => house.close());

/** Every setting, with a value that differs from the default. */
const whole = `# all of it
port = 8080
host = "::1"
api_keys = ["one", "two"]
allowed_hosts = ["codex.lan"]
allowed_origins = ["http://Localhost:3000/"]
auth_file = "logins/auth.json"
base_url = "https://backend.example.test/codex/"
issuer = "https://auth.example.test"
refresh_token_url = "http://localhost:9100/oauth/token"
cache_dir = "~/somewhere/cache"
state_dir = "/tmp/state"
mode = "off"
reasoning = "none"
effort_variants = true
strict = true
verbose = true
log_level = "warn"
log_format = "json"
${Object.keys(limitSettings)
  .map((key) => `${key} = 5`)
  .join("\n")}
reserve.weekly = "10 %"
reserve.5h = 5

[key_shares]
laptop = "weekly: 25 % 5h:50"
"*" = 12.5

[aliases]
fast = "gpt-6-luna-low"
"with space" = "gpt-6-sol"
`;

async function problemsOf(toml: string, clientOnly = false): Promise<readonly ConfigProblem[]> {
  await house.write(toml);
  const error = await house.load({}, [], { clientOnly }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error === undefined) return [];
  if (!(error instanceof ConfigFileError)) throw error;
  expect(error.code).toBe("request_invalid");
  expect(error.message).not.toContain("\n");
  return error.problems;
}

describe("config.toml", () => {
  it("has every setting, and says where each is from", async () => {
    await house.write(whole);
    const { config, folders, login, settings: effective, file } = await house.load();
    expect(config).toMatchObject({
      port: 8080,
      host: "::1",
      apiKeys: ["one", "two"].map((key) => `sha256:${hashKey(key)}`),
      allowedHosts: ["codex.lan"],
      allowedOrigins: ["http://localhost:3000"],
      effortVariants: true,
      verbose: true,
      limits: { maxBodyBytes: 5 * 1024 * 1024, maxHeaderBytes: 5 * 1024, minBodyRate: 5, drainMs: 5000 },
      logLevel: "warn",
      logFormat: "json",
      quota: {
        reserve: [
          { minutes: 10_080, percent: 10 },
          { minutes: 300, percent: 5 },
        ],
        shares: {
          laptop: [
            { minutes: 10_080, percent: 25 },
            { minutes: 300, percent: 50 },
          ],
          "*": [{ minutes: undefined, percent: 12.5 }],
        },
      },
      client: {
        timeLimits: { connectMs: 5000, headersMs: 5000, firstEventMs: 5000, idleMs: 5000, keepAliveMs: 5000 },
        baseUrl: "https://backend.example.test/codex",
        issuer: "https://auth.example.test",
        refreshTokenUrl: "http://localhost:9100/oauth/token",
        cacheDir: join(homedir(), "somewhere/cache"),
        authFile: join(house.folder, "logins/auth.json"),
        mode: "off",
        reasoning: "none",
        strict: true,
        aliases: { fast: "gpt-6-luna-low", "with space": "gpt-6-sol" },
      },
    });
    expect(folders.state).toBe("/tmp/state");
    expect(login.authFile).toBe(join(house.folder, "logins/auth.json"));
    expect(file).toEqual({ path: house.file, exists: true });
    const lines = Object.fromEntries(effective.map(({ key, source, from }) => [key, [source, from]]));
    expect(lines.port).toEqual(["file", `${house.file}:2`]);
    expect(lines.aliases).toEqual(["file", `${house.file}:${whole.split("\n").indexOf("[aliases]") + 1}`]);
    expect(lines.profile).toEqual(["default", undefined]);
    // Whoever adds a setting adds it above: a flag must never be without a key.
    const unset = effective.filter(({ source }) => source !== "file").map(({ key }) => key);
    expect(unset).toEqual(["profile"]);
    expect(effective.map(({ key }) => key)).toEqual(settingKeys);
  });

  it("comes after the flags and the environment", async () => {
    await house.write(whole);
    const env = { CODEX_PROXY_HOST: "localhost", CODEX_PROXY_PORT: "1", CODEX_MODE: "" };
    const { config, settings: effective } = await house.load(env, ["--port", "2"]);
    expect(config).toMatchObject({ port: 2, host: "localhost", client: { mode: "off" } });
    const from = Object.fromEntries(effective.map((setting) => [setting.key, setting.from]));
    expect(from).toMatchObject({ port: "--port", host: "CODEX_PROXY_HOST", mode: `${house.file}:13` });
  });

  it.each([
    ["true", "on"],
    ["1", "on"],
    ['"ON"', "on"],
    ["false", "off"],
    ["0", "off"],
    ['"Auto"', "auto"],
  ])("reads mode = %s by the one reader of CODEX_MODE", async (written, mode) => {
    await house.write(`mode = ${written}\n`);
    expect((await house.load()).config.client.mode).toBe(mode);
    const word = written.replaceAll('"', "");
    await house.write("port = 1\n");
    expect((await house.load({ CODEX_MODE: word })).config.client.mode).toBe(mode);
    expect((await house.load({}, ["--mode", word])).config.client.mode).toBe(mode);
  });

  it("names a login where neither a flag nor a variable does", async () => {
    await house.write('profile = "work"\n');
    const load = async (env: Record<string, string>, ...argv: string[]) =>
      (await house.load({ XDG_DATA_HOME: "/data", ...env }, argv)).login;
    expect(await load({})).toMatchObject({ profile: "work", isOwn: true });
    expect(await load({ CODEX_PROFILE: "home" })).toMatchObject({ profile: "home" });
    expect(await load({ CODEX_AUTH_FILE: "/a.json" })).toMatchObject({ authFile: "/a.json" });
    expect(await load({}, "--auth-file=/b.json")).toMatchObject({ authFile: "/b.json" });
    await house.write('profile = "work"\nauth_file = "/x.json"\n');
    await expect(house.load()).rejects.toThrow("Leave one of them out");
  });

  it("need not be there, unless it is named", async () => {
    const loaded = await house.load({ CODEX_OAUTH_CONFIG: "", XDG_CONFIG_HOME: join(house.folder, "none") });
    expect(loaded.file).toEqual({ path: join(house.folder, "none/codex-oauth/config.toml"), exists: false });
    await expect(house.load({}, ["--config", "/no/such.toml"])).rejects.toThrow(/\/no\/such.toml is not there/);
    await expect(house.load({}, ["--config", house.folder])).rejects.toThrow(/cannot be read \(EISDIR\)/);
    const folder = join(house.folder, "xdg", "codex-oauth");
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "config.toml"), "port = 7\n");
    const found = await house.load({ CODEX_OAUTH_CONFIG: "", XDG_CONFIG_HOME: join(house.folder, "xdg") });
    expect(found.config.port).toBe(7);
  });

  it.each<[string, ConfigProblem[]]>([
    ["", []],
    ["\n\nprot = 1\n", [{ key: "prot", line: 3, message: 'there is no setting "prot". Did you mean port?' }]],
    ["api-key = 'x'", [{ key: "api-key", line: 1, message: 'there is no setting "api-key". Did you mean api_keys?' }]],
    [
      "zebra = 1",
      [{ key: "zebra", line: 1, message: expect.stringMatching(/no setting "zebra". There are: port, host,/) }],
    ],
    ['port = "80"', [{ key: "port", line: 1, message: 'port is a whole number, without quotes, not "80".' }]],
    ["port = 70000", [{ key: "port", line: 1, message: expect.stringMatching(/^port is a number from 0 to 65535/) }]],
    ["port = 1.5", [{ key: "port", line: 1, message: expect.stringContaining("whole number") }]],
    ["mode = 'maybe'", [{ key: "mode", line: 1, message: 'mode is auto, on or off, not "maybe".' }]],
    ["verbose = 'yes'", [{ key: "verbose", line: 1, message: 'verbose is true or false, not "yes".' }]],
    [
      "host = 'a'\n[aliases]\nfast = 'x'\nslow = 3",
      [
        {
          key: "aliases.slow",
          line: 4,
          message: expect.stringMatching(/^aliases \(at slow\) is a table of texts.*not 3/),
        },
      ],
    ],
    ["aliases = ['a=b']", [{ key: "aliases", line: 1, message: expect.stringContaining("is a table of texts") }]],
    [
      "base_url = 'http://chatgpt.com'",
      [{ key: "base_url", line: 1, message: expect.stringContaining("https address") }],
    ],
    ["port = \n", [{ line: 1, message: expect.stringMatching(/^this is no TOML: /) }]],
    ["port = 1\nport = 2\n", [{ line: 2, message: expect.stringMatching(/^this is no TOML: /) }]],
    [
      "verbose = 1\n\nprot = 1\nmode = 'x'",
      [
        { key: "verbose", line: 1, message: expect.any(String) },
        { key: "prot", line: 3, message: expect.any(String) },
        { key: "mode", line: 4, message: expect.any(String) },
      ],
    ],
  ])("%j: every problem, with key and line", async (toml, problems) => {
    expect(await problemsOf(toml)).toEqual(problems);
  });

  it("does not repeat a key that is written wrongly", async () => {
    const [problem] = await problemsOf("api_keys = 'made-up-secret'");
    expect(problem).toMatchObject({ key: "api_keys", message: expect.not.stringContaining("made-up-secret") });
  });

  it("says the first problem and how many more there are", async () => {
    await house.write("prot = 1\nverbose = 1\n");
    const error: unknown = await house.load().catch((thrown) => thrown);
    expect(isCodexError(error) && error.message).toBe(
      `${house.file}:1: there is no setting "prot". Did you mean port? And 1 more: \`codex-oauth config check\` lists all.`,
    );
  });

  it("is not looked at by other commands where it concerns a proxy only", async () => {
    expect(await problemsOf("port = 'x'\nzebra = 1", true)).toEqual([]);
    expect(await problemsOf("port = 'x'\nmode = 'x'", true)).toMatchObject([{ key: "mode", line: 2 }]);
    await house.write("port = 7\nmode = 'off'");
    expect((await house.load({}, [], { clientOnly: true })).config).toMatchObject({
      port: 11455,
      client: { mode: "off" },
    });
  });
});

describe("findLine", () => {
  const toml = 'a = 1\n# b = 2\n[x.y]\nb = "c = 3"\n"q r" = 1\n[z]\ne.f = 1\ninline = { g = 1 }\n';
  it.each([
    [["a"], 1],
    [["b"], undefined],
    [["x"], undefined],
    [["x", "y"], 3],
    [["x", "y", "b"], 4],
    [["x", "y", "q r"], 5],
    [["z", "e", "f"], 7],
    [["z", "inline", "g"], 8],
  ])("finds %j in line %s", (path, line) => expect(findLine(toml, path)).toBe(line));
});

it("every setting can be said in some way, and no name stands for two", () => {
  const of = (name: "flag" | "env") =>
    settingKeys.flatMap((key) => (name in settings[key] ? [(settings[key] as Record<string, unknown>)[name]] : []));
  for (const names of [of("flag"), of("env")]) expect(new Set(names).size).toBe(names.length);
});
