import { execFile } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { clientNames, describeClient } from "@codex/proxy";
import { parse as parseToml } from "smol-toml";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse as parseYaml } from "yaml";
import { checkClock } from "../src/doctor/check-backend.js";
import { checkVersions } from "../src/doctor/check-machine.js";
import { type CliHouse, startCliHouse } from "./start-cli.js";

/** `doctor`, with processes of its own, against a simulator. */
let house: CliHouse;
const env = { CODEX_PROXY_PORT: "0" };

beforeAll(async () => {
  house = await startCliHouse();
  await writeFile(join(house.folder, "auth.json"), JSON.stringify(house.simulator.authJson()), { mode: 0o600 });
});
afterAll(() => house.close());

interface Report {
  ok: boolean;
  checks: { name: string; outcome: string; message: string; next: string | null }[];
}

async function examine(more: Record<string, string> = {}, ...argv: string[]) {
  const { code, out, err } = await house.run(["doctor", "--json", ...argv], { env: { ...env, ...more } });
  const report = JSON.parse(out) as Report;
  const outcomes = Object.fromEntries(report.checks.map(({ name, outcome }) => [name, outcome]));
  const find = (name: string) => report.checks.find((check) => check.name === name);
  return { code, err, report, outcomes, find };
}

describe("doctor", () => {
  it("passes where all is well", async () => {
    const { code, err, report, outcomes } = await examine();
    expect({ code, err, ok: report.ok }).toEqual({ code: 0, err: "", ok: true });
    expect(outcomes).toEqual({
      versions: "pass",
      config: "pass",
      permissions: "pass",
      login: "pass",
      backend: "pass",
      clock: "pass",
      port: "pass",
    });
    const { out } = await house.run(["doctor"], { env });
    expect(out).toMatch(/^pass {2}versions +codex-oauth \d+\.\d+\.\d+, Node \d+/m);
    expect(out).toMatch(/^pass {2}login +person@example\.com, plan plus/m);
  });

  it("says what is wrong and what to do: login, backend, permissions, config, port", async () => {
    const folder = await mkdtemp(join(tmpdir(), "codex-doctor-"));
    const taken = createServer((socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi"));
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const { port } = taken.address() as { port: number };
    try {
      const open = join(folder, "open.json");
      await writeFile(open, JSON.stringify(house.simulator.authJson()));
      await chmod(open, 0o644);
      const config = join(folder, "config.toml");
      await writeFile(config, "prot = 1\n");
      const [none, readable, wrong, busy, far] = await Promise.all([
        examine({ CODEX_AUTH_FILE: join(folder, "none.json") }),
        examine({ CODEX_AUTH_FILE: open, CODEX_BASE_URL: "http://127.0.0.1:9/codex" }),
        examine({ CODEX_OAUTH_CONFIG: config }),
        examine({ CODEX_PROXY_PORT: String(port) }),
        examine({ CODEX_PROXY_HOST: "0.0.0.0" }),
      ]);
      expect(none).toMatchObject({ code: 1, outcomes: { login: "fail", backend: "warn" } });
      expect(none.find("login")?.next).toBe("codex-oauth login");
      // Nothing was sent, so nothing is said of the network.
      expect(none.find("backend")).toMatchObject({
        message: expect.stringMatching(/was not asked, without a login$/),
        next: null,
      });
      expect(readable).toMatchObject({ code: 1, outcomes: { permissions: "warn", backend: "fail", clock: "warn" } });
      expect(readable.find("permissions")?.next).toBe(`chmod 600 ${open}`);
      expect(wrong).toMatchObject({ code: 1, outcomes: { config: "fail", login: "pass", backend: "pass" } });
      expect(wrong.find("config")?.message).toContain("Did you mean port?");
      expect(busy).toMatchObject({ code: 1, outcomes: { port: "fail" } });
      expect(busy.find("port")?.message).toContain("another program");
      expect(far).toMatchObject({ code: 1, outcomes: { port: "fail" } });
    } finally {
      taken.close();
      await rm(folder, { recursive: true, force: true });
    }
  });

  it("judges the clock by the backend's, and Node's version", async () => {
    const options = { baseUrl: house.simulator.baseUrl };
    expect(await checkClock(options)).toMatchObject({ outcome: "pass" });
    expect(await checkClock(options, () => Date.now() + 120_000)).toMatchObject({
      outcome: "warn",
      message: expect.stringMatching(/^1[12]\d s ahead of/),
    });
    expect(await checkClock(options, () => Date.now() - 3_600_000)).toMatchObject({
      outcome: "fail",
      message: expect.stringContaining("behind"),
    });
    for (const version of ["20.19.0", "22.12.0", "24.1.0"]) expect(checkVersions(version).outcome).toBe("pass");
    for (const version of ["18.20.0", "20.18.9", "21.7.0", "22.11.0"])
      expect(checkVersions(version).outcome).toBe("fail");
  });
});

describe("doctor --client", () => {
  const facts = { baseUrl: "http://127.0.0.1:11455/v1", key: "unused", model: "gpt-6-sol" };

  it.each(clientNames)("has settings with URL and model for %s", (name) => {
    const { text, notes } = describeClient(name, facts);
    const url = { cursor: "https://", "open-webui": "http://host.docker.internal:11455/v1" }[name as string];
    expect(text).toContain(url ?? facts.baseUrl);
    if (name !== "open-webui") expect(text).toContain("gpt-6-sol");
    expect(text.endsWith("\n")).toBe(true);
    expect(notes.length).toBeGreaterThan(0);
  });

  it("prints YAML and TOML that its clients can read", () => {
    expect(parseYaml(describeClient("litellm", facts).text)).toEqual({
      model_list: [
        {
          model_name: "gpt-6-sol",
          litellm_params: { model: "openai/gpt-6-sol", api_base: facts.baseUrl, api_key: "unused" },
        },
      ],
      litellm_settings: { drop_params: true },
    });
    expect(parseYaml(describeClient("llm", facts).text)).toEqual([
      { model_id: "codex", model_name: "gpt-6-sol", api_base: facts.baseUrl, api_key_name: "codex" },
    ]);
    expect(parseYaml(describeClient("continue", facts).text)).toMatchObject({
      schema: "v1",
      models: [{ provider: "openai", model: "gpt-6-sol", apiBase: facts.baseUrl, roles: ["chat", "edit", "apply"] }],
    });
    expect(parseToml(describeClient("codex", facts).text)).toMatchObject({
      model_provider: "codex-oauth",
      model_providers: { "codex-oauth": { base_url: facts.baseUrl, wire_api: "responses" } },
    });
  });

  it("says what Cursor takes: its servers call from outside", async () => {
    const { code, out, err } = await house.run(["doctor", "--client", "cursor"], { env });
    expect(code).toBe(0);
    expect(out).toContain("YOUR_KEY");
    expect(err).toMatch(/Cursor's own servers.*tunnel/);
    expect(err).toContain("--allowed-host");
  });

  it("refuses a client that it does not know, with those that it does", async () => {
    const unknown = await house.run(["doctor", "--client", "netscape"], { env });
    expect(unknown).toMatchObject({ code: 1, out: "", err: expect.stringContaining("litellm, open-webui") });
  });

  it.each(["openai-node"])("prints a program for %s that works as it is, with the proxy's own URL", async (name) => {
    const { child, sees, ended } = house.start(["serve", "--port", "0"]);
    try {
      const url = await sees(/listening on (http:\S+)/);
      const printed = await house.run(["doctor", "--client", name], { env: { CODEX_PROXY_PORT: new URL(url).port } });
      expect(printed).toMatchObject({ code: 0, out: expect.stringContaining(`${url}/v1`) });
      const cwd = fileURLToPath(new URL("..", import.meta.url));
      const run = promisify(execFile)(process.execPath, ["--input-type=module", "-e", printed.out], { cwd });
      expect((await run).stdout).toContain("Say hello.");
    } finally {
      child.kill("SIGTERM");
      await ended;
    }
  });
});
