import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCodexClient } from "@codex/provider";
import { createSimulator } from "@codex/simulator";
import { expect, it, onTestFinished } from "vitest";
import { clientOptions } from "../src/config.js";
import type { CodexSettings } from "../src/settings.js";

/** The account that a client of these settings and this environment would speak for. */
async function accountOf(settings: CodexSettings, env: Record<string, string>): Promise<string | undefined> {
  const client = createCodexClient(clientOptions(settings, env));
  try {
    return (await client.session.current()).accountId;
  } finally {
    client.session.close();
    await client.close();
  }
}

it("finds the login: settings, then the environment, a profile or a file, then the Codex CLI's own", async () => {
  const sim = await createSimulator();
  const home = await mkdtemp(join(tmpdir(), "codex-ai-sdk-"));
  onTestFinished(async () => {
    await sim.close();
    await rm(home, { recursive: true });
  });
  const save = async (path: string, accountId: string) => {
    await mkdir(join(path, ".."), { recursive: true });
    await writeFile(path, JSON.stringify(sim.authJson(sim.issueCredentials({ accountId }))), { mode: 0o600 });
    return path;
  };
  const [one, two] = [await save(join(home, "one.json"), "one"), await save(join(home, "two.json"), "two")];
  await save(join(home, "codex", "auth.json"), "shared");
  await save(join(home, "codex-oauth", "profiles", "work", "auth.json"), "work");
  const env = { CODEX_HOME: join(home, "codex"), XDG_DATA_HOME: home };

  expect(await accountOf({}, env)).toBe("shared");
  expect(await accountOf({}, { ...env, CODEX_AUTH_FILE: one })).toBe("one");
  expect(await accountOf({ authFile: two }, { ...env, CODEX_AUTH_FILE: one })).toBe("two");
  if (process.platform === "linux") {
    expect(await accountOf({ profile: "work" }, env)).toBe("work");
    expect(await accountOf({}, { ...env, CODEX_PROFILE: "work" })).toBe("work");
  }
  const bare = sim.issueCredentials({ accountId: "bare" }).access_token;
  expect(await accountOf({}, { ...env, CODEX_ACCESS_TOKEN: bare })).toBe("bare");
  expect(await accountOf({ authFile: two }, { ...env, CODEX_ACCESS_TOKEN: bare })).toBe("two");
  expect(() => clientOptions({ authFile: one, profile: "work" }, env)).toThrow(/Leave one of them out/);
});

it("reads the other variables, and says what is wrong with one", () => {
  const env = {
    CODEX_BASE_URL: "http://127.0.0.1:1/codex",
    CODEX_MODE: "ON",
    CODEX_CACHE_DIR: "/c",
    CODEX_MODEL_ALIASES: "fast=gpt-6-luna-low, deep=gpt-6-sol-high",
    HTTPS_PROXY: "http://proxy:1",
  };
  expect(clientOptions({}, env)).toMatchObject({
    baseUrl: "http://127.0.0.1:1/codex",
    mode: "on",
    cacheDir: "/c",
    aliases: { fast: "gpt-6-luna-low", deep: "gpt-6-sol-high" },
    environmentProxy: { httpsProxy: "http://proxy:1" },
    responseStore: null,
  });
  expect(clientOptions({ mode: "off", aliases: {}, baseURL: "https://x.example" }, env)).toMatchObject({
    baseUrl: "https://x.example",
    mode: "off",
    aliases: {},
  });
  expect(() => clientOptions({}, { CODEX_MODE: "maybe" })).toThrow(/CODEX_MODE is auto, on or off/);
  expect(() => clientOptions({}, { CODEX_MODEL_ALIASES: "fast" })).toThrow(/fast=gpt-6-luna-low/);
});
