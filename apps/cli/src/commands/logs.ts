import { describeLogLine, type LoadedState } from "@codex/proxy";
import { followLog, readTail } from "../daemon/follow-log.js";
import { logFile } from "../daemon/write-log.js";
import type { Terminal } from "../terminal.js";

/**
 * Prints the last lines of the detached proxy's log, and with `--follow` what is added until the signal aborts: as
 * sentences, or with `--json` as they are kept.
 */
export async function showLogs(
  { folders }: Pick<LoadedState, "folders">,
  terminal: Terminal,
  options: { follow?: boolean; lines?: number; json?: boolean },
  signal: AbortSignal,
): Promise<number> {
  const file = logFile(folders.state);
  const tail = await readTail(file, options.lines ?? 100);
  if (tail.inode === 0) {
    terminal.note(`There is no log yet (${file}). \`codex-oauth serve --detach\` writes one.\n`);
    return 1;
  }
  const print = (text: string) => terminal.print(options.json ? text : text.replace(/[^\n]+/g, describeLogLine));
  if (tail.text !== "") await print(tail.text);
  if (options.follow) await followLog(file, tail, print, signal);
  return 0;
}
