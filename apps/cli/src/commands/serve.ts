import { loadConfig, noteForeground, type RunningProxy, startProxy } from "@codex/proxy";
import type { Environment } from "../config.js";
import type { Terminal } from "../terminal.js";
import { refuseUsage } from "../usage.js";

/** Serves until a signal stops it: the same flags and the same answers as the proxy's own command. */
export async function serve(argv: readonly string[], env: Environment, terminal: Terminal): Promise<number> {
  let proxy: RunningProxy;
  let state: string;
  try {
    const loaded = await loadConfig(env, argv, {
      program: "codex-oauth serve",
      ownFlags: [["detach", "run on by itself, without this terminal"]],
      columns: terminal.columns,
    });
    if (loaded.kind === "print") {
      await terminal.print(`${loaded.text}\n`);
      return 0;
    }
    state = loaded.folders.state;
    // It writes its log itself, to stderr, and outlives whoever reads it.
    proxy = await startProxy(loaded.config, { ownsProcess: true, isTerminal: terminal.isWatched });
  } catch (error) {
    return refuseUsage(error, terminal);
  }
  const stopped = proxy.stopOnSignals();
  const forget = await noteForeground(state, proxy);
  // It serves whether or not somebody can be told.
  const text = await proxy.describe({ withLink: terminal.isInteractive });
  await terminal.say(`${text}\n`).catch(() => {});
  await stopped;
  await forget();
  return 0;
}
