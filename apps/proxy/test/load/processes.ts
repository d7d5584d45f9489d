import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const here = fileURLToPath(new URL(".", import.meta.url));

/** How a proxy is doing. */
export interface Vitals {
  /** Bytes. */
  rss: number;
  /** The most that it was since it was asked before. */
  peakRss: number;
  heapUsed: number;
  external: number;
  /** Timers, sockets and the like, by type. */
  resources: Record<string, number>;
  /** Open file handles. */
  files: number;
  cpuMs: number;
}

/** A simulator and a proxy, each a process of its own on its built files, and generators of load. */
export interface LoadHouse {
  simulatorUrl: string;
  proxyUrl: string;
  /** @param collect whether garbage is collected first */
  vitals(collect: boolean): Promise<Vitals>;
  /** Runs a generator, a file beside this one; what it sends is its result. */
  generate<T>(file: string, options: object): Promise<T>;
  stopSimulator(): Promise<void>;
  /** The proxy's process; its `exitCode` and `signalCode` are null while it runs. */
  readonly proxy: ChildProcess;
  /** What the proxy has logged so far. */
  readonly log: () => string;
  /** A server that does nothing but answer: what it takes longer than usual is the machine's doing. */
  startControl(): Promise<string>;
  close(): Promise<void>;
}

/** @param settings environment variables of the proxy, beside those that it needs */
export async function startLoadHouse(settings: Record<string, string> = {}): Promise<LoadHouse> {
  const folder = await mkdtemp(join(tmpdir(), "codex-load-"));
  const authFile = join(folder, "auth.json");
  const children: ChildProcess[] = [];
  const env = { PATH: process.env.PATH, HOME: folder, CODEX_HOME: folder, CODEX_STATE_DIR: join(folder, "state") };

  function run(argv: string[], more: Record<string, string> = {}): ChildProcess {
    const child = spawn(process.execPath, argv, {
      env: { ...env, ...more },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    children.push(child);
    child.stderr?.resume();
    return child;
  }

  const simulator = run([
    join(root, "packages/simulator/dist/cli.js"),
    ...["--port", "0", "--auth-file", authFile, "--question", "rateLimits=headers"],
  ]);
  const [, simulatorUrl = ""] = await printed(simulator, / is at (http:\S+)\. /);
  const proxy = run(["--expose-gc", "--import", join(here, "probe.mjs"), join(root, "apps/proxy/dist/main.js")], {
    CODEX_PROXY_PORT: "0",
    CODEX_BASE_URL: `${simulatorUrl}/backend-api/codex`,
    CODEX_REFRESH_TOKEN_URL_OVERRIDE: `${simulatorUrl}/oauth/token`,
    ...settings,
  });
  let logged = "";
  proxy.stderr?.on("data", (chunk) => {
    logged = (logged + String(chunk)).slice(-1_000_000);
  });
  const [, proxyUrl = ""] = await printed(proxy, /listening on (http:\S+)/);

  let asked = Promise.resolve({} as Vitals);

  return {
    simulatorUrl,
    proxyUrl,
    proxy,
    log: () => logged,
    async startControl() {
      const [, url = ""] = await printed(run([join(here, "control.mjs")]), /listening on (http:\S+)/);
      return url;
    },
    vitals(collect) {
      // One at a time: an answer does not say to which question it belongs.
      asked = asked.then(async () => {
        const told = once(proxy, "message");
        proxy.send({ collect });
        return (await told)[0] as Vitals;
      });
      return asked;
    },
    async generate<T>(file: string, options: object) {
      const child = run([`--import=${import.meta.resolve("tsx")}`, join(here, file)]);
      child.stdout?.pipe(process.stdout);
      const told = once(child, "message");
      child.send({ url: proxyUrl, ...options });
      const ended = once(child, "exit").then(([code]) => {
        throw new Error(`${file} ended with ${code} before its result.`);
      });
      const [result] = await Promise.race([told, ended]);
      ended.catch(() => {});
      child.kill();
      return result as T;
    },
    async stopSimulator() {
      const ended = once(simulator, "exit");
      simulator.kill();
      await ended;
    },
    async close() {
      for (const child of children) child.kill("SIGKILL");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The first thing that a process prints which matches. */
async function printed(child: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
  let text = "";
  child.stderr?.on("data", (chunk) => {
    text += String(chunk);
  });
  for await (const chunk of child.stdout ?? []) {
    text += String(chunk);
    const match = pattern.exec(text);
    if (match !== null) {
      child.stdout?.resume();
      return match;
    }
  }
  throw new Error(`It ended: ${text}`);
}
