import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CliHouse, startCliHouse } from "./start-cli.js";

let house: CliHouse;
beforeAll(async () => {
  house = await startCliHouse();
  await writeFile(join(house.folder, "auth.json"), JSON.stringify(house.simulator.authJson()), { mode: 0o600 });
});
afterAll(() => house.close());

/** A file beside the login, for the examples that need a broken one. */
async function file(name: string, text: string): Promise<string> {
  const path = join(house.folder, name);
  await writeFile(path, text, { mode: 0o600 });
  return path;
}

interface Example {
  name: string;
  code: number;
  argv: () => string[] | Promise<string[]>;
  env?: () => Promise<Record<string, string>>;
  /** Ctrl-C, when stdout or stderr has this. */
  interruptAt?: RegExp;
}

/** An access token that has expired, with nothing to renew it with. */
function expiredLogin(): string {
  const { tokens, last_refresh } = house.simulator.authJson(house.simulator.issueCredentials({ expiresIn: -3600 }));
  return JSON.stringify({ tokens: { ...tokens, refresh_token: "" }, last_refresh });
}

/** A CODEX_HOME whose login is in the Codex CLI's own encrypted file. */
async function homeWithSecrets(): Promise<string> {
  const home = await mkdtemp(join(house.folder, "home-"));
  const config = 'cli_auth_credentials_store = "auto"\n[features]\nsecret_auth_storage = true\n';
  await writeFile(join(home, "config.toml"), config);
  await mkdir(join(home, "secrets"));
  await writeFile(join(home, "secrets", "codex_auth.age"), "age-encryption.org/v1\n");
  return home;
}

const slowQuestion = `SIM${JSON.stringify({ words: 1000, delayMs: 1000 })}`;

const examples: Example[] = [
  {
    name: "a proxy of the environment that is no URL",
    code: 2,
    argv: () => ["status"],
    env: async () => ({ HTTPS_PROXY: "http://" }),
  },
  {
    name: "CODEX_MODE as the Python original took it",
    code: 0,
    argv: () => ["status"],
    env: async () => ({ CODEX_MODE: "TRUE" }),
  },
  { name: "status of a login", code: 0, argv: () => ["status"] },
  { name: "an answer", code: 0, argv: () => ["ask", "hello"] },
  { name: "help", code: 0, argv: () => ["serve", "--help"] },
  { name: "Ctrl-C ends serve", code: 0, argv: () => ["serve", "--port", "0"], interruptAt: /listening on/ },
  { name: "Ctrl-C ends usage --watch", code: 0, argv: () => ["usage", "--watch", "--json"], interruptAt: /windows/ },
  { name: "an unknown model", code: 1, argv: () => ["models", "gpt-nothing"] },
  { name: "no log yet", code: 1, argv: () => ["logs"] },
  {
    name: "a check of config.toml that finds something",
    code: 1,
    argv: async () => ["config", "check", "--config", await file("wrong.toml", 'port = "x"\n')],
  },
  { name: "an unknown command", code: 2, argv: () => ["nothing"] },
  { name: "an unknown flag", code: 2, argv: () => ["status", "--nothing"] },
  { name: "a wrong value of a flag", code: 2, argv: () => ["usage", "--interval", "soon"] },
  { name: "an unknown effort", code: 2, argv: () => ["ask", "-e", "extreme", "hello"] },
  { name: "a wrong value of serve", code: 2, argv: () => ["serve", "--port", "x"] },
  { name: "a wrong variable", code: 2, argv: () => ["status"], env: async () => ({ CODEX_MODE: "perhaps" }) },
  {
    name: "a wrong config.toml",
    code: 2,
    argv: async () => ["serve", "--config", await file("wrong.toml", 'port = "x"\n')],
  },
  {
    name: "an expired login",
    code: 3,
    argv: async () => ["status", "--auth-file", await file("expired.json", expiredLogin())],
  },
  { name: "no login", code: 4, argv: () => ["status", "--auth-file", join(house.folder, "nothing.json")] },
  {
    name: "a login that only the Codex CLI can open",
    code: 5,
    argv: () => ["status"],
    env: async () => ({ CODEX_HOME: await homeWithSecrets() }),
  },
  { name: "a broken login", code: 6, argv: async () => ["status", "--auth-file", await file("broken.json", "{")] },
  { name: "Ctrl-C before the answer is done", code: 130, argv: () => ["ask", slowQuestion], interruptAt: /\S/ },
];

describe("exit codes", () => {
  it.each(examples)("$code: $name", async ({ code, argv, env, interruptAt }) => {
    const run = house.start(await argv(), { env: (await env?.()) ?? {} });
    if (interruptAt !== undefined) {
      await Promise.race([run.sees(interruptAt, "out"), run.sees(interruptAt, "err")]);
      run.child.kill("SIGINT");
    }
    const ended = await run.ended;
    expect(ended.code).toBe(code);
    // Who ends what runs until it is ended has made no mistake.
    if (interruptAt !== undefined && code === 0) expect(ended.err).not.toMatch(/error|fail|interrupt/i);
  });

  it("are those of the README, each with an example", async () => {
    const readme = await readFile(join(import.meta.dirname, "../README.md"), "utf8");
    const section = /## Exit codes\n([\s\S]*?)(?:\n## |$)/.exec(readme)?.[1] ?? "";
    const documented = [...section.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
    expect([...new Set(examples.map(({ code }) => code))].sort((a, b) => a - b)).toEqual(documented);
  });
});
