import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSimulator, type Simulator } from "@codex/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { entryCommand } from "../../../scripts/entry-command.js";
import { ask, chatBody } from "./start-house.js";

const command = entryCommand("apps/proxy");

let simulator: Simulator;
let folder: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  simulator = await createSimulator();
  folder = await mkdtemp(join(tmpdir(), "codex-proxy-main-"));
  await writeFile(join(folder, "auth.json"), JSON.stringify(simulator.authJson()));
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  await simulator.close();
  await rm(folder, { recursive: true, force: true });
});

/** The proxy as a process of its own, and what it prints. */
function run(argv: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [...command, ...argv], {
    env: { PATH: process.env.PATH, HOME: folder, CODEX_HOME: folder, CODEX_BASE_URL: simulator.baseUrl, ...env },
  });
  children.push(child);
  const printed = { out: "", err: "" };
  child.stdout.on("data", (chunk) => {
    printed.out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    printed.err += chunk;
  });
  return {
    child,
    printed,
    ended: once(child, "close").then(([code, signal]) => ({ code, signal, ...printed })),
    /** Resolves when the text is on stdout or stderr. */
    async sees(text: string | RegExp, where: "out" | "err" = "out"): Promise<string> {
      const stream = where === "out" ? child.stdout : child.stderr;
      for (;;) {
        const found = new RegExp(text).exec(printed[where]);
        if (found !== null) return found[1] ?? found[0];
        if (child.exitCode !== null) throw new Error(`It ended: ${JSON.stringify(printed)}`);
        await once(stream, "data");
      }
    },
  };
}

describe("the command", () => {
  it("greets with one block: the URL, how to use it, who is signed in", async () => {
    const { sees, printed } = run(["--port", "0"]);
    const url = await sees(/listening on (http:\S+)/);
    await sees(/Login +person@example.com, plan plus/);
    expect(printed.out).toContain(`OPENAI_BASE_URL=${url}/v1`);
    expect(printed.err).toBe("");
    expect((await ask(`${url}/v1/chat/completions`, { body: chatBody("hello") })).text).toContain("hello");
  });

  it("starts without a login, says what to do, and answers 401 with the same", async () => {
    await rm(join(folder, "auth.json"));
    const { sees } = run([], { CODEX_PROXY_PORT: "0" });
    const url = await sees(/listening on (http:\S+)/);
    await sees(/Login +.*codex login/);
    const answer = await ask(`${url}/v1/chat/completions`, { body: chatBody("hello") });
    expect(answer).toMatchObject({ status: 401, json: { error: { code: "auth_missing" } } });
    expect(answer.json.error.message).toContain("codex login");
    await sees(/"path":"\/v1\/chat\/completions","route":"chat","status":401,.*"code":"auth_missing"/, "err");
  });

  it("prints help and version", async () => {
    const [help, version] = await Promise.all([run(["--help"]).ended, run(["--version"]).ended]);
    expect(help).toMatchObject({ code: 0, err: "", out: expect.stringContaining("CODEX_PROXY_API_KEYS") });
    expect(version).toMatchObject({ code: 0, err: "", out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });

  it("refuses wrong values in one line, with exit code 2", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const { port } = taken.address() as { port: number };
    const [flag, open, busy] = await Promise.all([
      run(["--port", "x"]).ended,
      run(["--host", "0.0.0.0", "--port", "0"]).ended,
      run(["--port", String(port)]).ended,
    ]);
    taken.close();
    expect(flag).toMatchObject({ code: 2, out: "", err: expect.stringMatching(/^--port .*from 0 to 65535.*\n$/) });
    expect(open).toMatchObject({ code: 2, out: "", err: expect.stringMatching(/^.*CODEX_PROXY_API_KEYS.*\n$/) });
    expect(busy).toMatchObject({ code: 2, out: "", err: expect.stringMatching(/^Port \d+ is taken.*\n$/) });
  });
});

describe("signals", () => {
  const slow = `SIM${JSON.stringify({ text: "one two three four five six seven", delayMs: 200 })}`;

  it.each(["SIGTERM", "SIGINT"] as const)(
    "%s lets a stream finish, takes no new ones, and ends with 0",
    async (signal) => {
      const { child, ended, sees } = run(["--port", "0"]);
      const url = await sees(/listening on (http:\S+)/);
      const begun = simulator.waitFor("request", ({ path }) => path.endsWith("/responses"));
      const asked = ask(`${url}/v1/chat/completions`, { body: chatBody(slow, { stream: true }) });
      asked.catch(() => {});
      await begun;
      child.kill(signal);
      await sees(/Stopping: 1 running/, "err");
      await expect(ask(`${url}/healthz`)).rejects.toMatchObject({ code: "ECONNREFUSED" });
      const { text } = await asked;
      expect(text).toContain('" seven"');
      expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
      expect(await ended).toMatchObject({ code: 0 });
    },
  );

  it("ends at once at the second signal", async () => {
    const { child, ended, sees } = run(["--port", "0"]);
    const url = await sees(/listening on (http:\S+)/);
    const begun = simulator.waitFor("request", ({ path }) => path.endsWith("/responses"));
    const script = `SIM${JSON.stringify({ words: 1000, delayMs: 1000 })}`;
    const asked = ask(`${url}/v1/chat/completions`, { body: chatBody(script, { stream: true }) });
    asked.catch(() => {});
    await begun;
    child.kill("SIGTERM");
    await sees(/Stopping/, "err");
    child.kill("SIGINT");
    expect(await ended).toMatchObject({ code: 130 });
    await expect(asked).rejects.toThrow();
    await simulator.idle();
  });

  it("ends at once when nothing runs, although connections are kept open", async () => {
    const { child, ended, sees } = run(["--port", "0"]);
    const url = await sees(/listening on (http:\S+)/);
    // `fetch` keeps its connection, to the proxy as the proxy does to the backend.
    expect((await fetch(`${url}/v1/models`)).status).toBe(200);
    child.kill("SIGTERM");
    expect(await ended).toMatchObject({ code: 0, err: expect.not.stringContaining("Stopping") });
  });
});
