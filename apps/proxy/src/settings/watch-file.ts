import { type FSWatcher, type Stats, watch } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { dirname } from "node:path";

export interface WatchOptions {
  /** How long after a sign of a change the file is read, in milliseconds. Default 100: editors write in steps. */
  delayMs?: number;
  /** How often its time and size are looked at, in milliseconds. Default 500. */
  lookEveryMs?: number;
}

/**
 * Calls `onChange` whenever the text of a file has become another one, made anew or taken away included, and never two
 * at a time. Its folder is watched, since editors put a new file in place of the old one, and some mounts turn a link.
 * A removed key has to be refused within a second whatever the system tells: some mounts tell nothing, watches may be used
 * up, and a folder may be made anew; so the file is looked at twice a second besides. Holds no process open.
 * @param known the text that is known already; a file that has another one by now has changed
 * @returns ends the watch
 */
export function watchFile(
  file: string,
  known: string | undefined,
  onChange: () => Promise<void>,
  { delayMs = 100, lookEveryMs = 500 }: WatchOptions = {},
): () => void {
  let watcher: FSWatcher | undefined;
  let timer: NodeJS.Timeout | undefined;
  let last = Promise.resolve();

  const check = async () => {
    const now = await readFile(file, "utf8").catch(() => undefined);
    if (known === now) return;
    known = now;
    await onChange();
  };
  // The folder may hold a log that is written all the time: a wait that begins anew with every sign would never end.
  const onEvent = () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      // What goes wrong with one change is told by who takes it over; the next one is looked at all the same.
      last = last.then(check).catch(() => {});
    }, delayMs).unref();
  };
  try {
    watcher = watch(dirname(file), { persistent: false }, onEvent).on("error", () => watcher?.close());
  } catch {
    // There is no folder, or no watch is left.
  }
  let seen: string | undefined;
  const looking = setInterval(async () => {
    const now = await stat(file).then(describeStats, () => "none");
    if (seen !== now) onEvent();
    seen = now;
  }, lookEveryMs).unref();
  onEvent();
  return () => {
    clearTimeout(timer);
    clearInterval(looking);
    watcher?.close();
  };
}

/** What changes with a file's text, but for texts of equal length that are written in the same instant. */
function describeStats({ ino, size, mtimeMs, ctimeMs }: Stats): string {
  return [ino, size, mtimeMs, ctimeMs].join();
}
