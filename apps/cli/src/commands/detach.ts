import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { isCodexError } from "@codex/errors";
import {
  findRunning,
  loadConfig,
  pidFile,
  type RunningProxy,
  removePidFile,
  startProxy,
  writePidFile,
} from "@codex/proxy";
import type { Environment } from "../config.js";
import { logFile, openLog } from "../daemon/write-log.js";
import type { Terminal } from "../terminal.js";
import { refuseUsage, usageExitCode } from "../usage.js";

/** The hidden command that a detached proxy runs as. */
export const daemonCommand = "serve-detached";

/**
 * What it is told by the command that has started it: not by its own command line, which everybody on the machine can read,
 * since a key may be among the flags.
 */
interface Order {
  argv: readonly string[];
  /** Whether a person will read what it says of itself: then a link to the dashboard is part of it. */
  withLink: boolean;
}

/** What a detached proxy tells the command that has started it, once. */
type Told = { kind: "ready"; text: string } | { kind: "refused"; message: string };

/** Starts a proxy that goes on when the terminal is closed, and waits until it listens. One for each state folder. */
export async function detach(argv: readonly string[], env: Environment, terminal: Terminal): Promise<number> {
  let state: string;
  try {
    const loaded = await loadConfig(env, argv, { program: "codex-oauth serve" });
    if (loaded.kind === "print") {
      await terminal.print(`${loaded.text}\n`);
      return 0;
    }
    loaded.login.session.close();
    state = loaded.folders.state;
  } catch (error) {
    return refuseUsage(error, terminal);
  }
  const running = await findRunning(pidFile(state));
  if (running !== undefined) {
    terminal.note(`A proxy runs already: ${running.url}, process ${running.pid}. \`codex-oauth stop\` ends it.\n`);
    return 1;
  }
  const log = logFile(state);
  mkdirSync(dirname(log), { recursive: true, mode: 0o700 });
  // What Node itself has to say before an end by a crash goes there too.
  const output = openSync(log, "a", 0o600);
  const [entry = ""] = process.argv.slice(1);
  const child = spawn(process.execPath, [...process.execArgv, entry, daemonCommand], {
    detached: true,
    env,
    stdio: ["ignore", output, output, "ipc"],
  });
  closeSync(output);
  child.send({ argv, withLink: terminal.isInteractive } satisfies Order, () => {});
  const told = await Promise.race([
    once(child, "message").then(([message]) => message as Told),
    once(child, "exit").then(
      ([code]): Told => ({ kind: "refused", message: `It ended at once (${code}). See ${log}.` }),
    ),
  ]);
  if (child.connected) child.disconnect();
  child.unref();
  if (told.kind === "refused") {
    terminal.note(`${told.message}\n`);
    return usageExitCode;
  }
  await terminal.say(`${told.text}\n`);
  terminal.note(
    `It runs by itself, as process ${child.pid}. \`codex-oauth logs\` shows what it says, \`codex-oauth stop\` ends it.\n`,
  );
  return 0;
}

/** The detached proxy itself: tells its parent when it listens, or why it does not, and writes its log. */
export async function serveDetached(env: Environment): Promise<number> {
  if (process.send === undefined) return usageExitCode;
  const [{ argv, withLink }] = (await once(process, "message")) as [Order];
  // The command may have been ended while it waited; that is no reason not to serve.
  const tell = (told: Told) => void process.send?.(told, () => {});
  let proxy: RunningProxy;
  let file: string;
  let log: ReturnType<typeof openLog>;
  try {
    const loaded = await loadConfig(env, argv, { program: "codex-oauth serve" });
    if (loaded.kind === "print") return usageExitCode;
    const { state } = loaded.folders;
    file = pidFile(state);
    log = openLog(logFile(state));
    proxy = await startProxy(loaded.config, { ownsProcess: true, log: (line) => log.write(line) });
  } catch (error) {
    if (!isCodexError(error)) throw error;
    tell({ kind: "refused", message: error.message });
    return usageExitCode;
  }
  const stopped = proxy.stopOnSignals();
  const { url, port, dashboardKey } = proxy;
  await writePidFile(file, { url, port, dashboardKey });
  proxy.note(`Listening on ${proxy.url}, process ${process.pid}.`);
  tell({ kind: "ready", text: await proxy.describe({ withLink }) });
  await stopped;
  proxy.note("Stopped.");
  await removePidFile(file);
  log.close();
  return 0;
}
