import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSimulator, type Simulator } from "@codex/simulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { entryCommand } from "../../../scripts/entry-command.js";

/** The command as a process of its own, against a simulator: streams, signals, exit codes. */
const command = entryCommand("apps/cli");

let simulator: Simulator;
let folder: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  simulator = await createSimulator();
  folder = await mkdtemp(join(tmpdir(), "codex-cli-"));
  await writeFile(join(folder, "auth.json"), JSON.stringify(simulator.authJson()));
});
afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  await simulator.close();
  await rm(folder, { recursive: true, force: true });
});

interface Options {
  env?: Record<string, string>;
  /** Goes to stdin, which is closed after it; `null` leaves it open; default: as from /dev/null. */
  input?: string | null;
}

function start(argv: string[], { env = {}, input }: Options = {}) {
  const child = spawn(process.execPath, [...command, ...argv], {
    env: { PATH: process.env.PATH, HOME: folder, CODEX_HOME: folder, CODEX_BASE_URL: simulator.baseUrl, ...env },
    stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
  });
  children.push(child);
  const printed = { out: "", err: "" };
  child.stdout?.on("data", (chunk) => {
    printed.out += chunk;
  });
  child.stderr?.on("data", (chunk) => {
    printed.err += chunk;
  });
  if (typeof input === "string") child.stdin?.end(input);
  return {
    child,
    printed,
    ended: once(child, "close").then(([code]) => ({ code: code as number, ...printed })),
    async sees(text: RegExp): Promise<string> {
      for (;;) {
        const found = text.exec(printed.out);
        if (found !== null) return found[1] ?? found[0];
        if (child.exitCode !== null) throw new Error(`It ended: ${JSON.stringify(printed)}`);
        await once(child.stdout ?? child, "data");
      }
    },
  };
}

function run(argv: string[], options: Options = {}) {
  return start(argv, options).ended;
}

describe("codex-oauth", () => {
  it("gives its exit code and keeps output and notes apart", async () => {
    const [signedIn, absent, failed] = await Promise.all([
      run(["status"]),
      run(["status", "--auth-file", join(folder, "none.json")]),
      run(["ask", "x", "--model", "gpt-6-sool"]),
    ]);
    expect(signedIn).toMatchObject({ code: 0, err: "", out: expect.stringContaining("person@example.com") });
    // No colours where no person looks.
    expect(signedIn.out).not.toMatch(/\p{Cc}\[/u);
    expect(absent).toMatchObject({ code: 4, err: "", out: expect.stringContaining("codex login") });
    expect(failed).toMatchObject({ code: 1, out: "", err: expect.stringMatching(/gpt-6-sool.*gpt-6-sol/) });
  });

  it("prints the answer as it comes", async () => {
    const script = `SIM${JSON.stringify({ text: "one two three", delayMs: 50 })}`;
    const { child, ended } = start(["ask", script]);
    const pieces: string[] = [];
    child.stdout?.on("data", (chunk) => pieces.push(String(chunk)));
    expect((await ended).out).toBe("one two three\n");
    expect(pieces.length).toBeGreaterThan(2);
  });

  it("takes the question from stdin, alone, behind words, and in place of -", async () => {
    const [alone, behind, dash] = await Promise.all([
      run(["ask"], { input: "from stdin\n" }),
      run(["ask", "review this:"], { input: "the text\n" }),
      run(["ask", "-", "now"], { input: "dashed" }),
    ]);
    expect(alone.out).toContain("You said: from stdin");
    expect(behind.out).toMatch(/You said: review this:\n\nthe text/);
    expect(dash.out).toMatch(/You said: now\n\ndashed/);
  });

  it("does not wait for a stdin that nobody writes to when that is /dev/null", async () => {
    expect((await run(["ask", "from a scheduler"])).out).toContain("You said: from a scheduler");
  });

  it("says that it waits for stdin", async () => {
    const { child, printed, ended } = start(["ask", "and"], { input: null });
    await once(child.stderr ?? child, "data");
    expect(printed.err).toContain("Reading from stdin");
    child.stdin?.end("the rest");
    expect((await ended).out).toMatch(/and\n\nthe rest/);
  });

  it("ends with 130 at Ctrl-C, and takes the backend's request with it", async () => {
    const prompt = `interrupted SIM${JSON.stringify({ words: 1000, delayMs: 30 })}`;
    const isOurs = ({ body }: { body?: unknown }) => JSON.stringify(body ?? "").includes("interrupted");
    const gone = simulator.waitFor("disconnect", isOurs);
    const { child, ended } = start(["ask", prompt]);
    await once(child.stdout ?? child, "data");
    child.kill("SIGINT");
    expect(await ended).toMatchObject({ code: 130, err: "" });
    await gone;
  });

  it("ends quietly when its reader goes away, as with head", async () => {
    const prompt = `piped SIM${JSON.stringify({ words: 2000, delayMs: 5 })}`;
    const isOurs = ({ body }: { body?: unknown }) => JSON.stringify(body ?? "").includes("piped");
    const gone = simulator.waitFor("disconnect", isOurs);
    const { child, ended } = start(["ask", prompt]);
    await once(child.stdout ?? child, "data");
    child.stdout?.destroy();
    expect(await ended).toMatchObject({ code: 0, err: "" });
    await gone;
  });

  it("serves as the proxy's own command does, and stops at a signal", async () => {
    const { child, sees, ended } = start(["--base-url", simulator.baseUrl, "serve", "--port", "0"]);
    const url = await sees(/listening on (http:\S+)/);
    await sees(/Login +person@example.com/);
    const response = await fetch(`${url}/v1/responses`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: "gpt-6-sol", input: "served" }),
    });
    expect(await response.text()).toContain("served");
    child.kill("SIGTERM");
    expect(await ended).toMatchObject({ code: 0, err: "" });
  });
});
