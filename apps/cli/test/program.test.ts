import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isCodexError } from "@codex/errors";
import { createSimulator, type Simulator } from "@codex/simulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createColors } from "../src/colors.js";
import { runProgram } from "../src/program.js";
import type { Terminal } from "../src/terminal.js";

/** Every command, in this process, against a simulator and a terminal that remembers. */
let simulator: Simulator;
let folder: string;

beforeAll(async () => {
  simulator = await createSimulator();
  folder = await mkdtemp(join(tmpdir(), "codex-cli-"));
  await writeFile(join(folder, "auth.json"), JSON.stringify(simulator.authJson()));
});
afterAll(async () => {
  await simulator.close();
  await rm(folder, { recursive: true, force: true });
});

/** What the command printed, and its exit code; a CodexError ends as in main.ts. */
async function run(
  argv: string[],
  { env = {}, answer, columns }: { env?: Record<string, string>; answer?: string; columns?: number } = {},
) {
  const printed = { out: "", err: "" };
  const print = async (text: string) => {
    printed.out += text;
  };
  const note = (text: string) => {
    printed.err += text;
  };
  const terminal: Terminal = {
    ...{ print, say: print, note, noteOn: note },
    colors: createColors(false),
    noteColors: createColors(false),
    clear: async () => {},
    isInteractive: false,
    columns,
    isWatched: false,
    hasInput: false,
    readInput: async () => "",
    canAsk: answer !== undefined,
    readLine: async () => answer,
    closed: new AbortController().signal,
  };
  const environment = {
    XDG_DATA_HOME: join(folder, "data"),
    XDG_CONFIG_HOME: join(folder, "config"),
    XDG_STATE_HOME: join(folder, "state"),
    CODEX_HOME: folder,
    CODEX_BASE_URL: simulator.baseUrl,
    ...env,
  };
  try {
    const code = await runProgram(argv, environment, terminal);
    return { code, ...printed };
  } catch (error) {
    if (!isCodexError(error)) throw error;
    return { code: 1, out: printed.out, err: `${printed.err}${error.message}\n` };
  }
}

describe("status", () => {
  it("says who is signed in, the plan, when the token expires and where the file is", async () => {
    const { code, out, err } = await run(["status"]);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain("Signed in as person@example.com");
    expect(out).toMatch(/Plan +plus/);
    expect(out).toMatch(/Token +expires \d{4}-\d\d-\d\d \d\d:\d\d UTC \(in 9 days\), renewed by itself/);
    expect(out).toMatch(/Store +a file, shared with the Codex CLI/);
    expect(out).toMatch(/Lock +(flock|a lock file)/);
    expect(out).toContain(join(folder, "auth.json"));
    // No colours where no person looks, and never a token.
    expect(out).not.toMatch(/\p{Cc}\[/u);
    const { tokens } = simulator.authJson();
    expect(out).not.toContain(tokens.access_token.split(".")[0]);
  });

  it("says the same as JSON with every key", async () => {
    const { code, out } = await run(["status", "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({
      state: "signed_in",
      profile: null,
      email: "person@example.com",
      plan: "plus",
      account_id: expect.any(String),
      expires_at: expect.stringMatching(/^\d{4}-.*Z$/),
      last_refresh: expect.stringMatching(/^\d{4}-.*Z$/),
      renewable: true,
      store: "file",
      location: join(folder, "auth.json"),
      layout: "codex",
      lock: expect.any(String),
      warnings: expect.any(Array),
      problem: null,
      next_command: null,
    });
  });

  it.each<[state: string, code: number, text: () => string]>([
    [
      "expired",
      3,
      () => {
        const login = simulator.authJson(simulator.issueCredentials({ expiresIn: -3600 }));
        return JSON.stringify({ tokens: { ...login.tokens, refresh_token: "" }, last_refresh: login.last_refresh });
      },
    ],
    ["broken", 6, () => "{"],
    ["broken", 6, () => '{"something":"else"}'],
  ])("tells %s by exit code %i and what to do", async (state, code, text) => {
    const file = join(await mkdtemp(join(folder, "login-")), "auth.json");
    await writeFile(file, text());
    const plain = await run(["status", "--auth-file", file]);
    expect(plain).toMatchObject({ code, err: "" });
    expect(plain.out).toMatch(/codex(-oauth)? login/);
    const json = await run(["status", "--json", "--auth-file", file]);
    expect(json.code).toBe(code);
    expect(JSON.parse(json.out)).toMatchObject({
      state,
      problem: expect.stringContaining("login"),
      next_command: `codex-oauth login --auth-file ${file}`,
    });
    expect(plain.out).toContain(`Next: codex-oauth login --auth-file ${file}\n`);
  });

  it("quotes what a shell would take apart", async () => {
    const file = join(folder, "it's mine.json");
    const { out } = await run(["status", "--json", "--auth-file", file]);
    expect(JSON.parse(out).next_command).toBe(`codex-oauth login --auth-file '${folder}/it'\\''s mine.json'`);
  });

  it("tells a login that cannot be read by exit code 6, and what to do about that", async () => {
    const file = await mkdtemp(join(folder, "login-"));
    const { code, out } = await run(["status", "--json", "--auth-file", file]);
    expect(code).toBe(6);
    expect(JSON.parse(out)).toMatchObject({
      state: "unreadable",
      problem: expect.stringContaining("Move the folder away"),
      next_command: null,
    });
  });

  it("tells a login that the Codex CLI alone can open by exit code 5, and sends nobody to sign in for nothing", async () => {
    const home = await mkdtemp(join(folder, "home-"));
    const config = 'cli_auth_credentials_store = "auto"\n[features]\nsecret_auth_storage = true\n';
    await writeFile(join(home, "config.toml"), config);
    await mkdir(join(home, "secrets"));
    await writeFile(join(home, "secrets", "codex_auth.age"), "age-encryption.org/v1\n");
    const env = { CODEX_HOME: home };
    const what = /codex_auth.age, which only the Codex CLI can open[\s\S]*secret_auth_storage = false/;
    const [plain, json, asked, login, logout] = await Promise.all(
      [["status"], ["status", "--json"], ["ask", "x"], ["login"], ["logout", "--yes"]].map((argv) =>
        run(argv, { env }),
      ),
    );
    expect(plain).toMatchObject({ code: 5, err: "", out: expect.stringMatching(/^Not signed in here/) });
    expect(plain?.out).toMatch(what);
    expect(JSON.parse(json?.out as string)).toMatchObject({ state: "keyring_only", next_command: null });
    for (const end of [asked, login, logout]) {
      expect(end).toMatchObject({ code: 1, out: "", err: expect.stringMatching(what) });
    }
  });

  it("says of a file that was named that it is that, not that the Codex CLI uses it", async () => {
    const file = join(await mkdtemp(join(folder, "login-")), "mine.json");
    await writeFile(file, JSON.stringify(simulator.authJson()), { mode: 0o600 });
    for (const [argv, env] of [
      [["--auth-file", file], {}],
      [[], { CODEX_AUTH_FILE: file }],
    ] as const) {
      const { out } = await run(["status", ...argv], { env });
      expect(out).toMatch(/Store +a file, of your choice\n/);
      expect((await run(["logout", ...argv], { env, answer: "n" })).err).toMatch(
        /Others that use it, the Codex CLI perhaps/,
      );
    }
  });

  it("tells an absent login by exit code 4", async () => {
    const home = await mkdtemp(join(folder, "home-"));
    const absent = await run(["status"], { env: { CODEX_HOME: home } });
    expect(absent).toMatchObject({
      code: 4,
      out: expect.stringMatching(/Not signed in[\s\S]*Next: codex-oauth login/),
    });
  });
});

describe("logout", () => {
  const makeLogin = async () => {
    const home = await mkdtemp(join(folder, "home-"));
    await writeFile(join(home, "auth.json"), JSON.stringify(simulator.authJson()), { mode: 0o600 });
    return { env: { CODEX_HOME: home, CODEX_ISSUER: simulator.issuerUrl }, file: join(home, "auth.json") };
  };
  const revokes = () => simulator.requests.filter(({ path }) => path === "/oauth/revoke").length;

  it("asks before it removes a shared login, and says what it has removed", async () => {
    const { env, file } = await makeLogin();
    const before = revokes();
    expect(await run(["logout"], { env, answer: "n" })).toMatchObject({
      code: 1,
      out: "",
      err: expect.stringMatching(/Remove the login of person@example.com[\s\S]*Codex CLI[\s\S]*Nothing was removed/),
    });
    expect(revokes()).toBe(before);
    const { code, out } = await run(["logout"], { env, answer: "yes" });
    expect({ code, out }).toEqual({
      code: 0,
      out: `Removed the login of person@example.com from ${file}.\nThe issuer has revoked it.\n`,
    });
    await expect(readFile(file)).rejects.toMatchObject({ code: "ENOENT" });
    expect(revokes()).toBe(before + 1);
    expect(await run(["logout"], { env })).toMatchObject({ code: 0, out: `There is no login to remove in ${file}.\n` });
  });

  it("removes nothing shared where nobody can be asked, but for --yes", async () => {
    const { env, file } = await makeLogin();
    expect(await run(["logout"], { env })).toMatchObject({ code: 1, out: "", err: expect.stringContaining("--yes") });
    expect(await readFile(file, "utf8")).toContain("refresh_token");
    expect(await run(["logout", "--yes"], { env })).toMatchObject({ code: 0, err: "" });
  });

  it("removes a login that cannot be revoked, or read, and says so", async () => {
    const { env, file } = await makeLogin();
    simulator.faults.next({ status: 503, route: "revoke" });
    const down = await run(["logout", "--yes"], { env });
    expect(down).toMatchObject({ code: 0, err: expect.stringMatching(/could not be told.*until \d{4}-/) });
    await writeFile(file, "{");
    const broken = await run(["logout", "--yes"], { env });
    expect(broken).toMatchObject({ code: 0, out: expect.stringContaining(`from ${file}`) });
    await expect(readFile(file)).rejects.toMatchObject({ code: "ENOENT" });
  });
});

describe("CODEX_ACCESS_TOKEN", () => {
  it("is a login of its own: for asking, not for login and logout", async () => {
    const { access_token } = simulator.issueCredentials({ email: "ci@example.com" });
    const env = { CODEX_ACCESS_TOKEN: access_token };
    const [status, asked, login, logout, profile] = await Promise.all([
      run(["status"], { env }),
      run(["ask", "from CI"], { env }),
      run(["login"], { env }),
      run(["logout", "--yes"], { env }),
      run(["status", "--profile", "none"], { env }),
    ]);
    expect(status).toMatchObject({ code: 0, out: expect.stringMatching(/ci@example.com[\s\S]*CODEX_ACCESS_TOKEN/) });
    expect(asked).toMatchObject({ code: 0, out: expect.stringContaining("You said: from CI") });
    expect(login).toMatchObject({ code: 1, out: "", err: expect.stringContaining("CODEX_ACCESS_TOKEN is set") });
    expect(logout).toMatchObject({ code: 1, out: "", err: expect.stringContaining("CODEX_ACCESS_TOKEN is set") });
    // A flag wins over a variable.
    expect(profile).toMatchObject({ code: 4 });
    expect(JSON.stringify([status, asked, login, logout])).not.toContain(access_token);
  });

  it("says of a FedRAMP account that it is one, and of others nothing", async () => {
    const fedramp = simulator.issueCredentials({ fedramp: true });
    for (const [env, expected] of [
      [{ CODEX_ACCESS_TOKEN: fedramp.access_token }, "true"],
      [{}, undefined],
    ] as const) {
      expect(await run(["ask", "for the government"], { env })).toMatchObject({ code: 0 });
      const sent = simulator.requests.findLast(({ path }) => path.endsWith("/responses"));
      expect(sent?.headers["x-openai-fedramp"]).toBe(expected);
      expect(sent?.headers["chatgpt-account-id"]).toBeDefined();
    }
  });

  it("that has expired, or is none, is told so by exit code", async () => {
    const { access_token } = simulator.issueCredentials({ expiresIn: -60 });
    expect(await run(["status"], { env: { CODEX_ACCESS_TOKEN: access_token } })).toMatchObject({
      code: 3,
      out: expect.stringContaining("Set CODEX_ACCESS_TOKEN to a fresh token"),
    });
    const none = await run(["status", "--json"], { env: { CODEX_ACCESS_TOKEN: "not a token" } });
    expect(none.code).toBe(6);
    expect(JSON.parse(none.out)).toMatchObject({ state: "broken", next_command: null });
  });
});

describe("profiles", () => {
  it("are listed with how each stands, and used by flag and variable", async () => {
    const env = { XDG_DATA_HOME: await mkdtemp(join(folder, "data-")) };
    const empty = await run(["profiles"], { env });
    expect(empty).toMatchObject({ code: 0, out: "", err: expect.stringContaining("login --profile NAME") });
    for (const name of ["work", "private"]) {
      const place = join(env.XDG_DATA_HOME, "codex-oauth", "profiles", name);
      await mkdir(place, { recursive: true });
      const credentials = simulator.issueCredentials({ email: `${name}@example.com` });
      await writeFile(join(place, "auth.json"), JSON.stringify(simulator.authJson(credentials)), { mode: 0o600 });
    }
    const [list, json, work, other, missing] = await Promise.all([
      run(["profiles", "--profile", "work"], { env }),
      run(["profiles", "--json"], { env }),
      run(["status"], { env: { ...env, CODEX_PROFILE: "work" } }),
      run(["status", "--profile", "private"], { env: { ...env, CODEX_PROFILE: "work" } }),
      run(["ask", "x", "--profile", "hobby"], { env }),
    ]);
    expect(list.out).toMatch(/^ {2}private +private@example.com, plus, expires .*\n\* work +work@example.com, plus/);
    expect(JSON.parse(json.out)).toMatchObject([
      { current: false, profile: "private", state: "signed_in", email: "private@example.com" },
      { current: false, profile: "work", state: "signed_in", email: "work@example.com" },
    ]);
    expect(work.out).toMatch(/work@example.com[\s\S]*Profile +work[\s\S]*a file, ours alone/);
    expect(other.out).toContain("private@example.com");
    expect(missing).toMatchObject({ code: 1, err: expect.stringContaining("codex-oauth login --profile hobby") });
  });

  it("are renewed, each in its own file, by the issuer that is set", async () => {
    const env = { XDG_DATA_HOME: await mkdtemp(join(folder, "data-")), CODEX_ISSUER: simulator.issuerUrl };
    const place = join(env.XDG_DATA_HOME, "codex-oauth", "profiles", "old");
    const old = simulator.authJson(simulator.issueCredentials({ expiresIn: -60 }));
    await mkdir(place, { recursive: true });
    await writeFile(join(place, "auth.json"), JSON.stringify(old), { mode: 0o600 });
    const before = simulator.refreshCount;
    expect(await run(["ask", "with an old token", "--profile", "old"], { env })).toMatchObject({ code: 0, err: "" });
    expect(simulator.refreshCount).toBe(before + 1);
    const { tokens } = JSON.parse(await readFile(join(place, "auth.json"), "utf8"));
    expect(tokens.refresh_token).not.toBe(old.tokens.refresh_token);
    const sent = simulator.requests.findLast(({ path }) => path === "/oauth/token");
    expect(sent?.headers).toMatchObject({
      originator: "codex-oauth",
      "user-agent": expect.stringMatching(/^codex-oauth\/\d/),
    });
  });

  it("have names that stay in their folder", async () => {
    expect(await run(["status", "--profile", "../x"])).toMatchObject({ code: 2, err: expect.stringContaining("name") });
    const both = await run(["status", "--profile", "x", "--auth-file", "y"]);
    expect(both).toMatchObject({ code: 2, err: expect.stringContaining("Leave one of them out") });
  });
});

describe("models", () => {
  it("lists the account's models with efforts and context", async () => {
    const { code, out, err } = await run(["models"]);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(/gpt-6\.1-sol +500k +\(low\) medium high xhigh max ultra/);
    expect(out).not.toContain("codex-auto-review");
  });

  it("prints JSON, hidden ones too when asked for", async () => {
    const { code, out } = await run(["models", "--json", "--all"]);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ id: "gpt-5.5", context_window: 272000, object: "model" }),
        expect.objectContaining({ id: "codex-auto-review", supported_reasoning_efforts: expect.any(Array) }),
      ]),
    );
  });

  it("lists efforts as models, and tells what a name means", async () => {
    const variants = await run(["models", "--effort-variants"]);
    expect(variants.out).toMatch(/gpt-6-sol-high +272k +gpt-6-sol with effort high/);
    const retired = await run(["models", "codex/gpt-5.1-codex-high"]);
    expect(retired).toMatchObject({ code: 0, out: expect.stringContaining("gpt-6-sol with effort high") });
    expect(retired.out).toContain("gpt-5.1-codex is retired; gpt-6-sol answers.");
    const json = JSON.parse((await run(["models", "gpt-6-luna-low", "--json"])).out);
    expect(json).toMatchObject({ id: "gpt-6-luna-low", canonical_slug: "gpt-6-luna", reasoning_effort: "low" });
    expect(await run(["models", "gpt-6-sool"])).toMatchObject({ code: 1, err: expect.stringContaining("gpt-6-sol") });
  });

  it("knows the names of CODEX_MODEL_ALIASES", async () => {
    const { out } = await run(["models"], { env: { CODEX_MODEL_ALIASES: "fast=gpt-6-luna-low" } });
    expect(out).toMatch(/fast +272k +gpt-6-luna with effort low/);
  });

  it("says so when it can only offer the list that came with it", async () => {
    const { code, out, err } = await run(["models", "--auth-file", join(folder, "none.json")]);
    expect(code).toBe(0);
    expect(out).toContain("gpt-5.5");
    expect(err).toContain("own list could not be fetched");
  });
});

describe("ask", () => {
  it("prints the answer, and nothing else", async () => {
    const { code, out, err } = await run(["ask", "say", "hello"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/You said: say hello\n$/);
  });

  it("sends model, effort and system text", async () => {
    const prompt = "with all the flags";
    const { code } = await run(["ask", prompt, "-m", "codex/gpt-5.5", "-e", "high", "-s", "You are a pirate."]);
    expect(code).toBe(0);
    const sent = simulator.requests.find(({ body }) => JSON.stringify(body ?? "").includes(prompt));
    expect(sent?.body).toMatchObject({
      model: "gpt-5.5",
      instructions: "You are a pirate.",
      reasoning: { effort: "high" },
    });
  });

  it.each([
    ["its flag", ["-m", "gpt-5.5", "-e", "extreme"], "gpt-5.5 takes low, medium, high, xhigh"],
    ["the model's name", ["-m", "gpt-6-sol-extreme"], "gpt-6-sol takes low, medium, high, xhigh, max, ultra"],
  ])("refuses an effort that does not exist in %s with exit code 2 and those that do", async (_place, flags, known) => {
    const { code, out, err } = await run(["ask", "anything", ...flags]);
    expect({ code, out, err }).toEqual({ code: 2, out: "", err: expect.stringContaining(known) });
  });

  it("says on stderr what was changed about the request", async () => {
    const { code, err } = await run(["ask", "clamped", "-m", "gpt-5.5", "-e", "max"]);
    expect(code).toBe(0);
    expect(err).toMatch(/effort.* was (clamped|mapped)/);
  });

  it("shows reasoning on stderr when asked to", async () => {
    const script = `SIM${JSON.stringify({ text: "done", reasoning: "let me see" })}`;
    const [shown, hidden] = await Promise.all([run(["ask", "--reasoning", script]), run(["ask", script])]);
    expect(shown).toMatchObject({ code: 0, out: "done\n", err: expect.stringContaining("let me see") });
    expect(hidden).toMatchObject({ code: 0, out: "done\n", err: "" });
  });

  it("prints one JSON object when asked to", async () => {
    const { code, out } = await run(["ask", "--json", `SIM${JSON.stringify({ text: "done" })}`]);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      id: expect.any(String),
      status: "completed",
      text: "done",
      usage: { total_tokens: expect.any(Number) },
    });
  });

  it("says on stderr what is wrong and what to do, with exit code 1", async () => {
    const [model, login, nothing, cut] = await Promise.all([
      run(["ask", "x", "--model", "gpt-6-sool"]),
      run(["ask", "x", "--auth-file", join(folder, "none.json")]),
      run(["ask"]),
      run(["ask", `SIM${JSON.stringify({ text: "one two three four", reasoning: false, fault: { cut: 6 } })}`]),
    ]);
    expect(model).toMatchObject({ code: 1, out: "", err: expect.stringMatching(/gpt-6-sool.*gpt-6-sol/) });
    expect(login).toMatchObject({ code: 1, out: "", err: expect.stringContaining("codex login") });
    expect(nothing).toMatchObject({ code: 1, out: "", err: expect.stringContaining('codex-oauth ask "..."') });
    expect(cut).toMatchObject({
      code: 1,
      out: expect.stringContaining("one"),
      err: expect.stringMatching(/try again/i),
    });
  });
});

describe("serve", () => {
  it("has the proxy's flags, and refuses what they may not be", async () => {
    const [help, wrong] = await Promise.all([run(["serve", "--help"]), run(["serve", "--port", "x"])]);
    expect(help).toMatchObject({ code: 0, out: expect.stringMatching(/codex-oauth serve[\s\S]*--allowed-origin/) });
    expect(wrong).toMatchObject({ code: 2, out: "", err: expect.stringContaining("--port") });
  });
});

describe("the command line", () => {
  it("has help and a version", async () => {
    const [help, version] = await Promise.all([run(["--help"]), run(["--version"])]);
    expect(help).toMatchObject({ code: 0, err: "" });
    for (const command of ["login", "logout", "profiles", "status", "models", "ask", "serve"])
      expect(help.out).toContain(command);
    expect(version).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });

  it.each([50, 70, 100])("has help that fits %i columns, of every command", async (columns) => {
    const commands = [
      "login",
      "logout",
      "status",
      "profiles",
      "models",
      "usage",
      "ask",
      "config",
      "keys",
      "logs",
      "doctor",
    ];
    const helps = await Promise.all(
      ["", ...commands].map((command) => run([command, "--help"].filter(Boolean), { columns })),
    );
    for (const { code, out } of helps) {
      expect(code).toBe(0);
      expect(out.split("\n").filter((line) => line.length > columns)).toEqual([]);
    }
  });

  it("refuses what is not there with exit code 2", async () => {
    const [command, flag, url] = await Promise.all([
      run(["dance"]),
      run(["models", "--fast"]),
      run(["models", "--base-url", "http://chatgpt.example"]),
    ]);
    expect(command).toMatchObject({ code: 2, err: expect.stringContaining("dance") });
    expect(flag).toMatchObject({ code: 2, err: expect.stringContaining("--fast") });
    expect(url).toMatchObject({ code: 2, err: expect.stringContaining("--base-url") });
  });

  it("does not mind a proxy that is configured wrongly", async () => {
    expect(await run(["models"], { env: { CODEX_PROXY_PORT: "wrong" } })).toMatchObject({ code: 0 });
  });
});
