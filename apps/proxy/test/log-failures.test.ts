import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSimulator, type Simulator } from "@codex/simulator";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { entryCommand } from "../../../scripts/entry-command.js";
import { ask, chatBody } from "./start-house.js";

/** Real processes whose log cannot be written: none of them ends, and no answer suffers. */
let simulator: Simulator;
let folder: string;
beforeAll(async () => {
  simulator = await createSimulator();
  folder = await mkdtemp(join(tmpdir(), "codex-log-failures-"));
  await writeFile(join(folder, "auth.json"), JSON.stringify(simulator.authJson()), { mode: 0o600 });
});
afterAll(async () => {
  await simulator.close();
  await rm(folder, { recursive: true, force: true });
});

const command = [process.execPath, ...entryCommand("apps/proxy"), "--log-level", "debug"]
  .map((word) => `'${word}'`)
  .join(" ");

interface Started {
  url: string;
  child: ChildProcess;
}

let nextPort = 20_000 + (process.pid % 20_000);

/** @param line of the shell, with COMMAND in place of the proxy's */
async function start(line: string): Promise<Started> {
  const port = nextPort++;
  const child = spawn("sh", ["-c", line.replace("COMMAND", `${command} --port ${port}`)], {
    env: { PATH: process.env.PATH, HOME: folder, CODEX_HOME: folder, CODEX_BASE_URL: simulator.baseUrl },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  // The shell and what it has started.
  onTestFinished(() => {
    try {
      process.kill(-(child.pid as number), "SIGKILL");
    } catch {
      // They have ended, which the test has noticed.
    }
  });
  const url = `http://127.0.0.1:${port}`;
  await expect.poll(() => ask(`${url}/healthz`).then(({ status }) => status, String), { timeout: 15_000 }).toBe(200);
  return { url, child };
}

/** Requests of every kind that is logged, a stream among them: all have the right answer. */
async function expectService(url: string): Promise<void> {
  for (let i = 0; i < 5; i++) {
    const marker = `SIM${JSON.stringify({ text: "one two three", delayMs: 5 })}`;
    const plain = ask(`${url}/v1/chat/completions`, { body: chatBody(marker) });
    const stream = ask(`${url}/v1/chat/completions`, { body: chatBody(marker, { stream: true }) });
    expect((await plain).json.choices[0].message.content).toBe("one two three");
    expect((await stream).text.endsWith("data: [DONE]\n\n")).toBe(true);
    expect((await ask(`${url}/v1/nowhere`)).status).toBe(404);
  }
}

describe.skipIf(process.platform === "win32")("a log", () => {
  it("whose reader has gone: `2>&1 | head -1`", async () => {
    const { url } = await start("COMMAND 2>&1 | head -n 1");
    await expectService(url);
  });

  it("whose pipes are closed at once", async () => {
    const { url, child } = await start("exec COMMAND");
    child.stdout?.destroy();
    child.stderr?.destroy();
    await expectService(url);
    expect([child.exitCode, child.signalCode]).toEqual([null, null]);
  });

  it("whose reader takes nothing", async () => {
    const { url } = await start("COMMAND 2>&1 | sleep 60");
    const body = chatBody("x".repeat(15_000));
    for (let i = 0; i < 40; i++) await Promise.all([1, 2, 3].map(() => ask(`${url}/v1/chat/completions`, { body })));
    await expectService(url);
  });

  it.skipIf(!existsSync("/dev/full"))("on a disk that is full", async () => {
    const { url, child } = await start("exec COMMAND > /dev/full 2> /dev/full");
    await expectService(url);
    expect([child.exitCode, child.signalCode]).toEqual([null, null]);
  });

  it("whose streams were closed before the start", async () => {
    const { url } = await start("COMMAND >&- 2>&-");
    await expectService(url);
  });

  it("of a process that has no descriptor left, from its first line on", async () => {
    const { url, child } = await start("ulimit -n 120; exec COMMAND");
    const sockets: Socket[] = [];
    const { port } = new URL(url);
    for (let i = 0; i < 200; i++) {
      const socket = connect(Number(port), "127.0.0.1").on("error", () => {});
      socket.write("GET /v1/nowhere HTTP/1.1\r\nhost: localhost\r\n\r\n");
      sockets.push(socket.resume());
    }
    await Promise.all(
      sockets.map((socket) => Promise.race([once(socket, "data"), once(socket, "close")]).catch(() => {})).slice(0, 20),
    );
    // No request reaches a file or the backend now; the process answers what it can.
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect([child.exitCode, child.signalCode]).toEqual([null, null]);
    for (const socket of sockets) socket.destroy();
    await expect.poll(() => ask(`${url}/healthz`).then(({ status }) => status, String), { timeout: 10_000 }).toBe(200);
    await expectService(url);
    expect((await ask(`${url}/metrics`)).text).toContain("http_server_request_duration_seconds");
  });
});
