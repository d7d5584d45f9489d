import { randomBytes } from "node:crypto";
import { type FileHandle, open, readdir, readFile, stat, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** Whose file it becomes: root must not take a person's own login away from them. */
export interface Owner {
  uid: number;
  gid: number;
}

/** A file of ours beside a login, with its room already taken on the disk. */
export interface PrivateFile {
  path: string;
  handle: FileHandle;
  /** Closes and removes it; may be called twice. */
  remove(): Promise<void>;
}

/**
 * Makes a file beside `target` that only its owner reads, filled to `size` bytes. Its first byte is 0 for as long as
 * nothing was written to it. Throws the system's error, and leaves nothing behind then.
 */
export async function createPrivateFile(
  target: string,
  suffix: string,
  size: number,
  owner: Owner | undefined,
): Promise<PrivateFile> {
  const path = join(dirname(target), `${nameStart(target)}${randomBytes(6).toString("hex")}${suffix}`);
  const handle = await open(path, "wx", 0o600);
  const remove = async () => {
    await handle.close().catch(() => {});
    await unlink(path).catch(() => {});
  };
  try {
    await handle.chmod(0o600);
    if (owner !== undefined && owner.uid !== (await handle.stat()).uid) await handle.chown(owner.uid, owner.gid);
    // Random, so that a file system that compresses really sets the room aside.
    const filler = randomBytes(size);
    filler[0] = 0;
    await writeFully(handle, filler);
    await handle.sync();
    return { path, handle, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Writes all of the bytes from the beginning of a file: one call may write less than it was given. */
export async function writeFully(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    at += (await handle.write(bytes, at, bytes.length - at, at)).bytesWritten;
  }
}

/** A file that a killed program has left beside a login. */
export interface Leftover {
  path: string;
  content: Buffer;
  /** Unix milliseconds. */
  writtenAt: number;
  /** Nobody writes to it any more. With the weaker lock a new one may still belong to a program that was asleep. */
  isAbandoned: boolean;
}

const abandonedMs = 2 * 60_000;

/** The files that `createPrivateFile` has made beside `target`, and that are still there. */
export async function findLeftovers(target: string, suffix: string): Promise<Leftover[]> {
  const folder = dirname(target);
  const names = await readdir(folder).catch(() => [] as string[]);
  const ours = names.filter((name) => name.startsWith(nameStart(target)) && name.endsWith(suffix));
  const found = ours.map(async (name) => {
    const path = join(folder, name);
    const [content, { mtimeMs }] = await Promise.all([readFile(path), stat(path)]);
    return { path, content, writtenAt: mtimeMs, isAbandoned: Date.now() - mtimeMs > abandonedMs };
  });
  const settled = await Promise.all(found.map((one) => one.catch(() => undefined)));
  return settled.filter((one) => one !== undefined);
}

/** Removes files; one that cannot be removed stays, and is passed over by the next look. */
export async function removeFiles(paths: readonly string[]): Promise<void> {
  for (const path of paths) await unlink(path).catch(() => {});
}

function nameStart(target: string): string {
  return `.${basename(target)}-`;
}
