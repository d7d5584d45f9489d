import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { AuthJson } from "@codex/simulator";
import { expect, onTestFinished, test } from "vitest";
import { request } from "./client.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const cli = fileURLToPath(new URL("../src/cli.ts", import.meta.url));

/** Starts the command line from its source and waits until it has printed `until`, or has ended. */
async function run(
  args: string[],
  until: RegExp,
): Promise<{ child: ChildProcess; output: string; code: number | null }> {
  const child = spawn(process.execPath, ["--import", "tsx", "--conditions=@codex/source", cli, ...args], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let output = "";
  return new Promise((resolve, reject) => {
    const look = (chunk: Buffer) => {
      output += chunk.toString();
      if (until.test(output)) resolve({ child, output, code: null });
    };
    child.stdout.on("data", look);
    child.stderr.on("data", look);
    child.once("error", reject);
    child.once("close", (code) => resolve({ child, output, code }));
  });
}

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "codex-simulator-"));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

test("it serves, writes a login file, prints what to set but no token, and stops on SIGTERM", async () => {
  const file = join(await folder(), "auth.json");
  const args = ["--port", "0", "--auth-file", file, "--question", "completedOutput=full"];
  const { child, output } = await run(args, /CODEX_AUTH_FILE=.*\n/);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const { tokens } = JSON.parse(await readFile(file, "utf8")) as AuthJson;
  expect(output).not.toContain(tokens.access_token);
  expect(output).not.toContain(tokens.refresh_token);
  const base = output.match(/CODEX_BASE_URL=(\S+)/)?.[1];
  const reply = await fetch(`${base}/responses`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${tokens.access_token}`,
      "chatgpt-account-id": tokens.account_id,
      version: "0.171.0",
    },
    body: JSON.stringify(request()),
  });
  expect(await reply.text()).toContain('"status":"completed","background":false');
  const ended = new Promise((resolve) => child.once("close", resolve));
  child.kill("SIGTERM");
  expect(await ended).toBe(0);
});

test("it does not write over somebody's real login", async () => {
  const file = join(await folder(), "auth.json");
  await writeFile(file, '{"tokens":{"refresh_token":"another"}}');
  const { output, code } = await run(["--port", "0", "--auth-file", file], /^$/);
  expect(code).toBe(1);
  expect(output).toContain("not from the simulator");
  expect(await readFile(file, "utf8")).toContain("another");
});

test.each([
  [["--port", "x"], "is not a port"],
  [["--profile", "kind"], "is not a profile"],
  [["--question", "mood=good"], "is not a question"],
])("it refuses %j", async (args, text) => {
  const { output, code } = await run(args, /^$/);
  expect(code).toBe(1);
  expect(output).toContain(text);
});
