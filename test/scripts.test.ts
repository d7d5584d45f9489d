import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

/** What a newcomer runs first, as processes, from the sources: `demo`, and `start` with and without a login. */
const root = fileURLToPath(new URL("..", import.meta.url));

function run(script: string, argv: string[], home: string) {
  return follow(["--import=tsx", "--conditions=@codex/source", join("scripts", script), ...argv], home);
}

/** @param argv of node */
function follow(argv: string[], home: string) {
  // A group of its own, as of a terminal, where Ctrl-C reaches every process of the command.
  const env = { PATH: process.env.PATH, HOME: home, TMPDIR: home };
  const child = spawn(process.execPath, argv, { cwd: root, env, detached: true });
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
    ended: once(child, "close").then(([code]) => ({ code, ...printed })),
    async sees(text: RegExp): Promise<string> {
      for (;;) {
        const found = text.exec(printed.out);
        if (found !== null) return found[1] ?? found[0];
        if (child.exitCode !== null) throw new Error(`It ended: ${JSON.stringify(printed)}`);
        await once(child.stdout, "data");
      }
    },
  };
}

async function inHome(work: (home: string) => Promise<void>): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), "codex-scripts-"));
  try {
    await work(home);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

it("the demo shows a tool call, a plain answer and a response, and says how to go on", () =>
  inHome(async (home) => {
    const { code, out, err } = await run("demo.ts", [], home).ended;
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain('calls get_weather {"city":"Rome"}');
    expect(out).toContain("It is 22 degrees and sunny in Rome, with a light wind from the sea.");
    expect(out).toContain("Red, yellow and blue.");
    expect(out).toContain("All as it should be.");
    expect(out).toContain("pnpm@10.34.9 start");
    // The answers are scripted by markers in the prompts, which are nobody's business.
    expect(out).not.toContain("SIM{");
  }));

it("start --simulate answers without a login, and stops at a signal", () =>
  inHome(async (home) => {
    const { child, sees, ended } = run("start.ts", ["--", "--simulate", "--port", "0"], home);
    const url = await sees(/listening on (http:\S+)/);
    await sees(/the simulator's/);
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: "gpt-6-sol", messages: [{ role: "user", content: "hello" }] }),
    });
    expect(await response.text()).toContain("You said: hello");
    child.kill("SIGTERM");
    const { code, err } = await ended;
    expect(code).toBe(0);
    // A line of the log for the one request, and nothing else.
    expect(JSON.parse(err)).toMatchObject({ level: "info", path: "/v1/chat/completions", status: 200 });
  }));

it("start without a login says what to do, and wrong flags in one line", () =>
  inHome(async (home) => {
    const { child, sees, ended } = run("start.ts", ["--port", "0"], home);
    const wrong = run("start.ts", ["--port", "x"], home);
    await sees(/npx -y @openai\/codex login/);
    await sees(/start --simulate/);
    child.kill("SIGINT");
    expect(await ended).toMatchObject({ code: 0 });
    expect(await wrong.ended).toMatchObject({ code: 2, out: "", err: expect.stringMatching(/^--port .*\n$/) });
  }));

/** The pnpm that runs these tests, where one does. */
const pnpm = process.env.npm_execpath ?? "";

it.runIf(/pnpm\.c?js$/.test(pnpm))("`pnpm start` ends at Ctrl-C without an error line", () =>
  inHome(async (home) => {
    const { child, sees, ended } = follow([pnpm, "start", "--simulate", "--port", "0"], home);
    await sees(/the simulator's/);
    process.kill(-(child.pid as number), "SIGINT");
    const { code, out, err } = await ended;
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).not.toMatch(/ELIFECYCLE|failed/i);
  }),
);
