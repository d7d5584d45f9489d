import { setTimeout as sleep } from "node:timers/promises";
import { findRunning, isRunning, type LoadedState, pidFile } from "@codex/proxy";
import type { Terminal } from "../terminal.js";

/** Longer than a proxy lets running answers finish. */
const patienceMs = 35_000;

/** Ends the proxy that `serve --detach` has started, and waits until it is gone; running answers may finish first. */
export async function stopDaemon(
  { folders }: Pick<LoadedState, "folders">,
  terminal: Terminal,
  options: { now?: boolean },
): Promise<number> {
  const file = pidFile(folders.state);
  const daemon = await findRunning(file);
  if (daemon === undefined) {
    terminal.note("No detached proxy runs.\n");
    return 0;
  }
  const { pid, url } = daemon;
  send(pid);
  // A second signal ends it at once.
  let urged = options.now !== true;
  for (let waited = 0; waited < patienceMs; waited += 50) {
    await sleep(50);
    if (!isRunning(daemon)) {
      // Looking for it takes away a file that it could not take away itself.
      await findRunning(file);
      terminal.note(`Stopped ${url}, process ${pid}.\n`);
      return 0;
    }
    if (!urged) send(pid);
    urged = true;
  }
  terminal.note(`Process ${pid} does not end. \`codex-oauth stop --now\` cuts its answers short.\n`);
  return 1;
}

function send(pid: number): void {
  try {
    process.kill(pid, "SIGTERM");
  } catch {
    // It has gone by itself.
  }
}
