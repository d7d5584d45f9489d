import { randomBytes } from "node:crypto";
import { constants, type Stats, writeSync } from "node:fs";
import {
  type FileHandle,
  lstat,
  open,
  readdir,
  readFile,
  readlink,
  realpath,
  rename,
  stat,
  unlink,
} from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { AuthError, systemCode } from "../auth-error.js";
import { isMountPoint, reserveInPlace, writeInPlace } from "./in-place.js";
import type { PreparedWrite } from "./place.js";

const temporarySuffix = ".codex-oauth.tmp";
/** Room for the new tokens beside what is there. */
const reserveBytes = 16 * 1024;
/** How old a temporary file without a whole text must be to be removed. */
const leftoverMs = 2 * 60_000;

/** The file behind a path: links are followed, also one that points to nothing yet. */
export async function resolveTarget(path: string): Promise<string> {
  let current = resolve(path);
  for (let depth = 0; depth < 40; depth += 1) {
    try {
      return await realpath(current);
    } catch (error) {
      if (systemCode(error) !== "ENOENT") throw error;
    }
    const link = await readlink(current).catch(() => undefined);
    if (link === undefined) {
      const folder = await realpath(dirname(current)).catch(() => dirname(current));
      return join(folder, basename(current));
    }
    current = resolve(dirname(current), link);
  }
  throw notWritable(path, "its symbolic links go round in a circle", "Correct the links");
}

/**
 * Proves that `target` (a real path) can be replaced: not a folder, not read-only by its mode, not hard-linked, and
 * a temporary file beside it has room. Throws an AuthError (`not_writable`) otherwise. Call it under the lock.
 */
export async function prepareWrite(target: string): Promise<PreparedWrite> {
  const old = await checkTarget(target);
  const size = (old?.size ?? 0) * 2 + reserveBytes;
  const temporary = await reserveBeside(target, size, old);
  try {
    const padding =
      old !== undefined && (await isMountPoint(target)) ? await reserveInPlace(target, old.size, size) : undefined;
    return {
      // One system call, no waiting: as soon as it returns, only the machine itself can lose the text.
      stash: async (text) => {
        writeSync(temporary.handle.fd, Buffer.from(text.padEnd(size), "utf8"), 0, undefined, 0);
      },
      commit: async (text) => {
        const bytes = Buffer.from(text, "utf8");
        await fill(temporary.handle, bytes, target).finally(() => temporary.handle.close());
        if (padding === undefined && (await replace(temporary.path, target))) return;
        // A single file mounted by itself cannot be replaced; the new text stays beside it until the old is overwritten.
        await writeInPlace(target, bytes, temporary.path);
      },
      abandon: async () => {
        await padding?.giveBack();
        await temporary.handle.close().catch(() => {});
        await unlink(temporary.path).catch(() => {});
      },
    };
  } catch (error) {
    await temporary.handle.close().catch(() => {});
    await unlink(temporary.path).catch(() => {});
    throw explain(error, target);
  }
}

/**
 * The text of a write that a killed program had finished but not put in place: beside `target`, whole, in a file of
 * ours. Call it under the lock; `discard` removes what is there.
 */
export async function findUnfinished(
  target: string,
  isWhole: (text: string) => boolean,
): Promise<{ texts: string[]; discard(): Promise<void> }> {
  const folder = dirname(target);
  const start = temporaryStart(target);
  const names = await readdir(folder).catch(() => [] as string[]);
  const paths = names.filter((n) => n.startsWith(start) && n.endsWith(temporarySuffix)).map((n) => join(folder, n));
  const texts: string[] = [];
  const done: string[] = [];
  for (const path of paths) {
    const text = await readFile(path, "utf8").catch(() => "");
    const whole = isWhole(text);
    if (whole) texts.push(text);
    const found = await stat(path).catch(() => undefined);
    // With the weaker lock an empty one may still belong to somebody who was asleep.
    if (whole || (found !== undefined && Date.now() - found.mtimeMs > leftoverMs)) done.push(path);
  }
  return {
    texts,
    discard: async () => {
      for (const path of done) await unlink(path).catch(() => {});
    },
  };
}

function temporaryStart(target: string): string {
  return `.${basename(target)}-`;
}

async function checkTarget(target: string): Promise<Stats | undefined> {
  let found: Stats;
  try {
    found = await lstat(target);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw explain(error, target);
  }
  if (found.isDirectory()) throw notWritable(target, "it is a folder", "Move the folder away");
  if (!found.isFile()) throw notWritable(target, "it is not an ordinary file", "Move it away");
  // By the mode and not by trying: root can write everything, but the Codex CLI refuses it as well.
  if ((found.mode & 0o200) === 0) {
    throw notWritable(
      target,
      `it is read-only (mode 0${(found.mode & 0o777).toString(8)})`,
      `Run \`chmod u+w ${target}\``,
    );
  }
  if (found.nlink > 1) {
    throw notWritable(
      target,
      "it has a second name (a hard link), which would keep the old login",
      "Remove the other name",
    );
  }
  try {
    const handle = await open(target, constants.O_RDWR);
    await handle.close();
  } catch (error) {
    throw explain(error, target);
  }
  return found;
}

async function reserveBeside(
  target: string,
  size: number,
  old: Stats | undefined,
): Promise<{ path: string; handle: FileHandle }> {
  const path = join(dirname(target), `${temporaryStart(target)}${randomBytes(6).toString("hex")}${temporarySuffix}`);
  let handle: FileHandle;
  try {
    handle = await open(path, "wx", 0o600);
  } catch (error) {
    throw explain(error, target);
  }
  try {
    await handle.chmod(0o600);
    // Root must not take a person's own login file away from them.
    if (old !== undefined && old.uid !== (await handle.stat()).uid) await handle.chown(old.uid, old.gid);
    // Random, so that a file system that compresses really sets the room aside. The first byte says: not finished.
    const filler = randomBytes(size);
    filler[0] = 0;
    await writeFully(handle, filler);
    await handle.sync();
    return { path, handle };
  } catch (error) {
    await handle.close().catch(() => {});
    await unlink(path).catch(() => {});
    throw explain(error, target);
  }
}

async function fill(handle: FileHandle, bytes: Buffer, target: string): Promise<void> {
  await writeFully(handle, bytes);
  await handle.truncate(bytes.length);
  await handle.sync();
  const { size } = await handle.stat();
  if (size !== bytes.length) throw new Error(`The new text of ${target} was cut off while it was written.`);
}

async function writeFully(handle: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    at += (await handle.write(bytes, at, bytes.length - at, at)).bytesWritten;
  }
}

/** `false` when this file can only be written in place. */
async function replace(from: string, target: string): Promise<boolean> {
  try {
    await rename(from, target);
  } catch (error) {
    const code = systemCode(error) ?? "";
    if (["EBUSY", "EXDEV", "EPERM", "EACCES", "ETXTBSY"].includes(code)) return false;
    throw error;
  }
  await syncFolder(dirname(target));
  return true;
}

async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open a folder, some file systems cannot sync one: the rename itself has happened.
  const handle = await open(folder, "r").catch(() => undefined);
  await handle?.sync().catch(() => {});
  await handle?.close();
}

/** Whether others than the owner can read the file. */
export async function isOpenToOthers(target: string): Promise<boolean> {
  if (process.platform === "win32") return false;
  const found = await stat(target).catch(() => undefined);
  return found !== undefined && (found.mode & 0o077) !== 0;
}

const causes: Record<string, [why: string, cure: string]> = {
  ENOSPC: ["the disk is full", "Make room"],
  EDQUOT: ["your disk quota is used up", "Make room"],
  EROFS: ["the file system is read-only", "Make it writable"],
  EACCES: ["this user may not write there", "Give this user the right to write there"],
  EPERM: ["the system does not permit it (an immutable file, or another user's)", "Make it writable"],
  ENOENT: ["its folder does not exist", "Make the folder"],
  ENOTDIR: ["its folder is not a folder", "Correct the path"],
  EISDIR: ["it is a folder", "Move the folder away"],
  ELOOP: ["its symbolic links go round in a circle", "Correct the links"],
};

/** Turns a failed system call into the error that says why a login could not be kept. */
export function explain(error: unknown, target: string): unknown {
  const code = systemCode(error);
  if (error instanceof AuthError || code === undefined) return error;
  const [why, cure] = causes[code] ?? [`of a system error (${code})`, "Repair that"];
  return notWritable(target, why, cure, error);
}

function notWritable(target: string, why: string, cure: string, cause?: unknown): AuthError {
  return new AuthError(
    "not_writable",
    `The login in ${target} cannot be rewritten: ${why}. It was not renewed, since the result could not be kept. ${cure}, and try again.`,
    { cause },
  );
}
