import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** A proxy that runs by itself, as its file in the state folder describes it. */
export interface RunningDaemon {
  pid: number;
  url: string;
  port: number;
  /** What gives its owner links to the dashboard; the file is for the owner only. */
  dashboardKey?: string;
  /** ISO 8601. */
  started: string;
  /** What tells this process from a later one with the same number; absent where the system does not say. */
  identity?: string;
}

/** Where the file is. */
export function pidFile(stateFolder: string): string {
  return join(stateFolder, "proxy.json");
}

/** Where what the proxy has to say is kept. */
export function logFile(stateFolder: string): string {
  return join(stateFolder, "proxy.log");
}

/** Notes that this process is the proxy. */
export async function writePidFile(
  file: string,
  proxy: { url: string; port: number; dashboardKey?: string },
  now = Date.now(),
) {
  const identity = identifyProcess(process.pid);
  const daemon: RunningDaemon = {
    pid: process.pid,
    ...proxy,
    started: new Date(now).toISOString(),
    ...(identity !== undefined && { identity }),
  };
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify(daemon)}\n`, { mode: 0o600 });
  await rename(draft, file);
}

/**
 * The proxy that runs; undefined where none does. A file that a killed one has left behind is taken away, also when its
 * number belongs to another process by now.
 */
export async function findDaemon(file: string): Promise<RunningDaemon | undefined> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const daemon = parse(text);
  if (daemon !== undefined && isRunning(daemon)) return daemon;
  await removePidFile(file, text);
  return undefined;
}

/** Whether the very process is there. */
export function isRunning({ pid, identity }: RunningDaemon): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    // Gone; or there (EPERM), but another person's, and so not ours.
    return false;
  }
  return identity === undefined || identifyProcess(pid) === identity;
}

/** Takes the file away, unless another process has put its own there. */
export async function removePidFile(file: string, text?: string): Promise<void> {
  const now = await readFile(file, "utf8").catch(() => undefined);
  if (now === undefined) return;
  if (text === undefined ? parse(now)?.pid === process.pid : now === text) await rm(file, { force: true });
}

function parse(text: string): RunningDaemon | undefined {
  try {
    const daemon = JSON.parse(text) as RunningDaemon;
    return Number.isSafeInteger(daemon.pid) && daemon.pid > 0 && typeof daemon.url === "string" ? daemon : undefined;
  } catch {
    return undefined;
  }
}

/** When a process has begun, in whatever form the system tells it. */
function identifyProcess(pid: number): string | undefined {
  try {
    if (process.platform === "linux") {
      // The name in parentheses may hold anything. After it come the state and, 19 fields on, the start in ticks.
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      // A dead one stays in the list until its parent asks for it; in a container perhaps nobody does.
      return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
    }
    if (process.platform === "win32") return undefined;
    const argv = ["-o", "lstart=", "-p", String(pid)];
    return execFileSync("ps", argv, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return undefined;
  }
}
