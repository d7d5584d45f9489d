import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isCodexError } from "@codex/errors";
import { createSimulator, type Simulator } from "@codex/simulator";
import pc from "picocolors";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
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
async function run(argv: string[], { env = {} }: { env?: Record<string, string> } = {}) {
  const printed = { out: "", err: "" };
  const terminal: Terminal = {
    async print(text) {
      printed.out += text;
    },
    note(text) {
      printed.err += text;
    },
    colors: pc.createColors(false),
    noteColors: pc.createColors(false),
    isInteractive: false,
    hasInput: false,
    readInput: async () => "",
    closed: new AbortController().signal,
  };
  const environment = { CODEX_HOME: folder, CODEX_BASE_URL: simulator.baseUrl, ...env };
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
    expect(JSON.parse(json.out)).toMatchObject({ state, problem: expect.stringContaining("login") });
  });

  it("tells an absent login, and one that is in a keyring only, by exit codes 4 and 5", async () => {
    const home = await mkdtemp(join(folder, "home-"));
    const absent = await run(["--auth-file", join(home, "auth.json"), "status"], { env: { CODEX_HOME: home } });
    expect(absent).toMatchObject({ code: 4, out: expect.stringMatching(/Not signed in[\s\S]*codex login/) });
    await writeFile(join(home, "config.toml"), 'cli_auth_credentials_store = "keyring"\n');
    const keyring = await run(["status"], { env: { CODEX_HOME: home } });
    expect(keyring).toMatchObject({ code: 5, out: expect.stringContaining("keyring") });
  });
});

describe("models", () => {
  it("lists the account's models with efforts and context", async () => {
    const { code, out, err } = await run(["models"]);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(/gpt-6\.1-sol +272k +\(low\) medium high xhigh max ultra/);
    expect(out).not.toContain("codex-auto-review");
  });

  it("prints JSON, hidden ones too when asked for", async () => {
    const { code, out } = await run(["models", "--json", "--all"]);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ id: "gpt-5.5", context_window: 272000, visibility: "list" }),
        expect.objectContaining({ id: "codex-auto-review", visibility: "hide" }),
      ]),
    );
  });

  it("says so when it can only offer the list that came with it", async () => {
    const { code, out, err } = await run(["models", "--auth-file", join(folder, "none.json")]);
    expect(code).toBe(0);
    expect(out).toContain("gpt-5.5");
    expect(err).toContain("own list could not be had");
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
    for (const command of ["status", "models", "ask", "serve"]) expect(help.out).toContain(command);
    expect(version).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
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
