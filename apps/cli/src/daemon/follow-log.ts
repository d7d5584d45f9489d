import { watch } from "node:fs";
import { open } from "node:fs/promises";
import { basename, dirname } from "node:path";

/** The last lines of a file, and where they end, in bytes. Nothing where there is no file. */
export async function readTail(file: string, lines: number): Promise<{ text: string; end: number; inode: number }> {
  const handle = await open(file, "r").catch(() => undefined);
  if (handle === undefined) return { text: "", end: 0, inode: 0 };
  try {
    const { size, ino: inode } = await handle.stat();
    const start = Math.max(0, size - lines * longLine);
    const buffer = Buffer.alloc(size - start);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, start);
    const all = buffer.toString("utf8", 0, bytesRead).split("\n");
    const last = all.pop() ?? "";
    const text = [...(lines === 0 ? [] : all.slice(-lines)), last].join("\n");
    return { text, end: start + bytesRead, inode };
  } finally {
    await handle.close();
  }
}

/** More than this a line is not taken to have on the average, so that a large file is not read whole. */
const longLine = 1000;

/**
 * Prints what is added to a file, beginning at a place in it, until the signal aborts. When the file is set aside for a
 * new one, it goes on with that from its beginning.
 */
export async function followLog(
  file: string,
  from: { end: number; inode: number },
  print: (text: string) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  let { end, inode } = from;
  let wake: () => void = () => {};
  const watcher = watch(dirname(file), { signal }, (_event, name) => {
    if (name === null || name === basename(file)) wake();
  });
  // An aborted watch says so by an error.
  watcher.on("error", () => wake());
  signal.addEventListener("abort", () => wake(), { once: true });
  while (!signal.aborted) {
    const woken = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const more = await readFrom(file, end, inode);
    if (more.text !== "") await print(more.text);
    [end, inode] = [more.end, more.inode];
    if (more.text === "") await woken;
  }
}

async function readFrom(file: string, from: number, knownInode: number) {
  const handle = await open(file, "r").catch(() => undefined);
  if (handle === undefined) return { text: "", end: from, inode: knownInode };
  try {
    const { size, ino: inode } = await handle.stat();
    const start = inode !== knownInode || size < from ? 0 : from;
    const buffer = Buffer.alloc(Math.min(size - start, 1024 * 1024));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, start);
    // A letter that is cut in two is left for the next time.
    const whole = buffer.subarray(0, buffer.lastIndexOf(10, bytesRead - 1) + 1);
    return { text: whole.toString("utf8"), end: start + whole.length, inode };
  } finally {
    await handle.close();
  }
}
