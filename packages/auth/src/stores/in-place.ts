import { open, readFile, unlink } from "node:fs/promises";
import { writeFully } from "./private-file.js";

/**
 * Whether a file is mounted by itself, as containers do with a single file: it can be written, but not replaced.
 * Known on Linux before anything is spent; elsewhere the failing rename tells it.
 */
export async function isMountPoint(target: string): Promise<boolean> {
  const table = await readFile("/proc/self/mountinfo", "utf8").catch(() => "");
  const escaped = target.replace(/[ \t\n\\]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, "0")}`);
  return table.split("\n").some((line) => line.split(" ")[4] === escaped);
}

/**
 * Sets room aside inside the file itself: spaces behind the JSON, which every reader skips. Throws the system's
 * error, with the file as it was, when there is no room.
 */
export async function reserveInPlace(
  target: string,
  from: number,
  size: number,
): Promise<{ giveBack(): Promise<void> }> {
  const handle = await open(target, "r+");
  const giveBack = async () => {
    const again = await open(target, "r+");
    const text = await again.readFile("utf8");
    await again.truncate(Buffer.byteLength(text.trimEnd())).finally(() => again.close());
  };
  try {
    await handle.write(Buffer.alloc(Math.max(0, size - from), 0x20), 0, undefined, from);
    await handle.sync();
    if ((await handle.stat()).size < size) throw Object.assign(new Error("no room"), { code: "ENOSPC" });
  } catch (error) {
    await handle.truncate(from).catch(() => {});
    throw error;
  } finally {
    await handle.close();
  }
  return { giveBack };
}

/** Overwrites a file where it is. The new text lies whole in `beside` until that is done; then `beside` goes. */
export async function writeInPlace(target: string, bytes: Buffer, beside: string): Promise<void> {
  const handle = await open(target, "r+");
  try {
    const { size } = await handle.stat();
    // Over all of the old text in one call: whoever reads, or dies, before it is cut to its length finds JSON.
    const rest = Buffer.alloc(Math.max(0, size - bytes.length), 0x20);
    await writeFully(handle, Buffer.concat([bytes, rest]));
    await handle.truncate(bytes.length);
    await handle.sync();
    if ((await handle.stat()).size !== bytes.length) throw new Error(`${target} was cut off while it was written.`);
  } finally {
    await handle.close();
  }
  await unlink(beside).catch(() => {});
}
