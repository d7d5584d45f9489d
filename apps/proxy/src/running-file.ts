import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** A proxy that runs, as its file in the state folder describes it. */
export interface RunningProxyFile {
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

/** Where the file of the one detached proxy is. */
export function pidFile(stateFolder: string): string {
  return join(stateFolder, "proxy.json");
}

/** What the files of proxies in the foreground are called: there may be several. */
const foregroundName = /^proxy-\d+\.json$/;

/**
 * Notes that this process serves in the foreground, so that its owner can be given another link to its dashboard. Where
 * nothing can be written, that is all that is lost.
 * @returns takes the note away
 */
export async function noteForeground(
  stateFolder: string,
  { url, port, dashboardKey }: { url: string; port: number; dashboardKey: string },
): Promise<() => Promise<void>> {
  const file = join(stateFolder, `proxy-${process.pid}.json`);
  try {
    await writePidFile(file, { url, port, dashboardKey });
  } catch {
    return async () => {};
  }
  return () => removePidFile(file).catch(() => {});
}

/** The proxies that run in the foreground, the youngest first. */
export async function findForeground(stateFolder: string): Promise<RunningProxyFile[]> {
  const names = await readdir(stateFolder).catch(() => []);
  const files = names.filter((name) => foregroundName.test(name)).map((name) => findRunning(join(stateFolder, name)));
  const found = (await Promise.all(files)).filter((proxy) => proxy !== undefined);
  return found.sort((a, b) => b.started.localeCompare(a.started));
}

/** Notes that this process is the proxy. */
export async function writePidFile(
  file: string,
  proxy: { url: string; port: number; dashboardKey?: string },
  now = Date.now(),
) {
  const identity = identifyProcess(process.pid);
  const running: RunningProxyFile = {
    pid: process.pid,
    ...proxy,
    started: new Date(now).toISOString(),
    ...(identity !== undefined && { identity }),
  };
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify(running)}\n`, { mode: 0o600 });
  await rename(draft, file);
}

/**
 * The proxy that runs; undefined where none does. A file that a killed one has left behind is taken away, also when its
 * number belongs to another process by now.
 */
export async function findRunning(file: string): Promise<RunningProxyFile | undefined> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const running = parse(text);
  if (running !== undefined && isRunning(running)) return running;
  await removePidFile(file, text);
  return undefined;
}

/** Whether the very process is there. */
export function isRunning({ pid, identity }: RunningProxyFile): boolean {
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

function parse(text: string): RunningProxyFile | undefined {
  try {
    const running = JSON.parse(text) as RunningProxyFile;
    const isOurs = Number.isSafeInteger(running.pid) && running.pid > 0 && typeof running.url === "string";
    return isOurs ? running : undefined;
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
