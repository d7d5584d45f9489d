import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { createSimulator, type Simulator, type SimulatorOptions } from "@codex/simulator";

const app = join(import.meta.dirname, "../../apps/ai-sdk/examples/nextjs-chat");
const next = join(app, "node_modules/next/dist/bin/next");

/** The example app as built, on a simulator with a login of its own. */
export interface ChatHouse {
  url: string;
  simulator: Simulator;
  /** Writes a new login, as a program in a terminal would; gives its tokens. */
  signIn(): Promise<string[]>;
  /** Takes the login away, and waits until the app has noticed, which it does by itself. */
  signOut(): Promise<void>;
  /** All that the server has printed. */
  printed(): string;
  close(): Promise<void>;
}

/** Builds the app. Throws with what Next prints when that fails. */
export function buildChat(): void {
  const env = { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" };
  const { status, stdout, stderr } = spawnSync(process.execPath, [next, "build"], { cwd: app, env, encoding: "utf8" });
  if (status !== 0) throw new Error(`next build: ${status}\n${stdout}\n${stderr}`);
}

/** Serves what `buildChat` has built. `backendUrl` stands between the app and the simulator where it is given. */
export async function startChat(
  options: SimulatorOptions,
  backendUrl: (simulator: Simulator) => Promise<string> = async ({ baseUrl }) => baseUrl,
): Promise<ChatHouse> {
  const simulator = await createSimulator(options);
  const folder = await mkdtemp(join(tmpdir(), "codex-chat-"));
  const authFile = join(folder, "auth.json");
  const signIn = async () => {
    const login = simulator.authJson();
    await writeFile(authFile, JSON.stringify(login), { mode: 0o600 });
    return Object.values(login.tokens).filter((token) => token.length > 40);
  };
  await signIn();
  const child = spawn(process.execPath, [next, "start", "--hostname", "127.0.0.1", "--port", "0"], {
    cwd: app,
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      NODE_ENV: "production",
      NEXT_TELEMETRY_DISABLED: "1",
      CODEX_HOME: folder,
      CODEX_AUTH_FILE: authFile,
      CODEX_BASE_URL: await backendUrl(simulator),
      CODEX_ISSUER: simulator.issuerUrl,
      CODEX_REFRESH_TOKEN_URL_OVERRIDE: simulator.tokenUrl,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  const note = (chunk: Buffer) => {
    text += chunk;
  };
  child.stdout.on("data", note);
  child.stderr.on("data", note);
  const url = await seen(child, () => /Local:\s+(http:\S+)/.exec(text)?.[1]).catch((error) => {
    throw new Error(`next start: ${text}`, { cause: error });
  });
  return {
    url,
    simulator,
    signIn,
    async signOut() {
      await rm(authFile);
      while ((await readAccount(url)).failure === undefined) await setTimeout(100);
    },
    printed: () => text,
    async close() {
      child.kill("SIGTERM");
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
      await simulator.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What the app says of the account to its own page. */
async function readAccount(url: string): Promise<{ failure?: object }> {
  const response = await fetch(`${url}/api/account`, { headers: { "sec-fetch-site": "same-origin" } });
  return (await response.json()) as { failure?: object };
}

/** Resolves when `find` finds something in what a process prints; rejects when the process ends before. */
async function seen(child: ChildProcess, find: () => string | undefined): Promise<string> {
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`ended with ${code}`);
  });
  for (;;) {
    const found = find();
    if (found !== undefined) {
      ended.catch(() => {});
      return found;
    }
    await Promise.race([once(child.stdout as NodeJS.ReadableStream, "data"), ended]);
  }
}
