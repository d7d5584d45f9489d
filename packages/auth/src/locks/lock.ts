import { type FileHandle, open, stat } from "node:fs/promises";
import { join } from "node:path";
import { systemCode } from "../auth-error.js";
import { giveToFolderOwner } from "../folder-owner.js";
import { type FlockFunction, loadFlock } from "./flock.js";
import { takeHeartbeatLock } from "./heartbeat-lock.js";
import { createWait, type LoginLock, type Wait, type WaitOptions } from "./lock-wait.js";

export interface LockOptions extends WaitOptions {
  /** The folder of the Codex CLI, where its `auth.lock` lies. */
  codexHome: string;
  /** The real path of the login file. */
  target: string;
  /** `heartbeat` leaves flock alone; default `auto`: flock where it can be loaded. */
  locking?: "auto" | "heartbeat" | undefined;
}

// What a file system without flock answers.
const unsupported = new Set(["ENOLCK", "EOPNOTSUPP", "ENOTSUP", "ENOSYS", "EINVAL"]);

/** How often a lock that we hold is looked after: whoever cleans up may have removed its file. */
const lookAfterMs = 1_000;

/**
 * Takes the Codex CLI's two locks in its order, `auth.lock` in its folder, then `<login file>.lock`, and then our lock
 * file: a program of ours without flock (another Node, another C library) knows the lock file alone. Where flock is not
 * available, the lock file alone. Whoever waits for the lock file never waits for a flock behind it, so nobody waits for
 * each other. Returns `undefined` when `settled` said so.
 * Throws an AuthError (`lock_timeout`) that names the lock, or the system's error when it cannot be made.
 */
export async function lockLogin(options: LockOptions): Promise<LoginLock | undefined> {
  const wait = createWait(options);
  const flock = options.locking === "heartbeat" ? undefined : await loadFlock();
  const lockFile = `${options.target}.codex-oauth.lock`;
  if (flock === undefined) return takeHeartbeatLock(lockFile, wait);
  let flocks: LoginLock | undefined;
  try {
    flocks = await takeFlocks(flock, options, wait);
  } catch (error) {
    if (!unsupported.has(systemCode(error) ?? "")) throw error;
    return takeHeartbeatLock(lockFile, wait);
  }
  if (flocks === undefined) return undefined;
  try {
    const file = await takeHeartbeatLock(lockFile, wait);
    if (file !== undefined) return joinLocks(flocks, file);
  } catch (error) {
    await flocks.release();
    throw error;
  }
  await flocks.release();
  return undefined;
}

function joinLocks(flocks: LoginLock, file: LoginLock): LoginLock {
  return {
    kind: "flock",
    isOurs: async () => (await flocks.isOurs()) && (await file.isOurs()),
    // In reverse order, so that nobody gets an inner lock before the outer one.
    release: async () => {
      await file.release();
      await flocks.release();
    },
  };
}

async function takeFlocks(flock: FlockFunction, options: LockOptions, wait: Wait): Promise<LoginLock | undefined> {
  const held: HeldFlock[] = [];
  const release = async () => {
    for (const one of held.splice(0).reverse()) await close(one.handle);
  };
  try {
    for (const { path, mode } of [
      { path: join(options.codexHome, "auth.lock"), mode: 0o644 },
      { path: `${options.target}.lock`, mode: 0o600 },
    ]) {
      const handle = await takeFlock(flock, path, mode, wait);
      if (handle === undefined) {
        await release();
        return undefined;
      }
      held.push({ path, mode, handle });
    }
  } catch (error) {
    await release();
    throw error;
  }
  // One look at a time: two would lock each other out.
  let looking: Promise<boolean> | undefined;
  const isHeld = () => {
    looking ??= Promise.all(held.map((one) => takeBack(flock, one, () => held.includes(one))))
      .then((taken) => taken.length > 0 && taken.every(Boolean))
      .finally(() => {
        looking = undefined;
      });
    return looking;
  };
  const timer = setInterval(() => void isHeld().catch(() => {}), lookAfterMs);
  timer.unref();
  return {
    kind: "flock",
    isOurs: () => isHeld().catch(() => false),
    release: async () => {
      clearInterval(timer);
      await release();
    },
  };
}

interface HeldFlock {
  path: string;
  mode: number;
  handle: FileHandle;
}

/**
 * Whether we hold the file that others find at the path. Whoever cleans up may have removed it: then the one that is
 * there by now is locked, unless another program holds it.
 */
async function takeBack(flock: FlockFunction, held: HeldFlock, isWanted: () => boolean): Promise<boolean> {
  if (await isSameFile(held.handle, held.path)) return true;
  const handle = await openLockFile(held.path, held.mode);
  try {
    flock(handle.fd, "exnb");
  } catch {
    await close(handle);
    return false;
  }
  if (!isWanted() || !(await isSameFile(handle, held.path))) {
    await close(handle);
    return false;
  }
  const before = held.handle;
  held.handle = handle;
  await close(before);
  return true;
}

/** Whether the open file is the one that others find at the path. */
async function isSameFile(handle: FileHandle, path: string): Promise<boolean> {
  const [ours, there] = await Promise.all([handle.stat(), stat(path).catch(() => undefined)]);
  return there !== undefined && there.ino === ours.ino && there.dev === ours.dev;
}

/** Closing the file frees its lock. */
async function close(handle: FileHandle): Promise<void> {
  await handle.close().catch(() => {});
}

async function takeFlock(
  flock: FlockFunction,
  path: string,
  mode: number,
  wait: Wait,
): Promise<FileHandle | undefined> {
  for (;;) {
    const handle = await openLockFile(path, mode);
    try {
      if (await waitForFlock(flock, handle, path, wait)) {
        // Somebody may have removed the file while we waited: then we would hold a lock that nobody else sees.
        if (await isSameFile(handle, path)) return handle;
        await handle.close();
        continue;
      }
      await handle.close();
      return undefined;
    } catch (error) {
      await handle.close().catch(() => {});
      throw error;
    }
  }
}

async function openLockFile(path: string, mode: number): Promise<FileHandle> {
  try {
    const handle = await open(path, "a", mode);
    await giveToFolderOwner(path);
    return handle;
  } catch (error) {
    // A lock file of another user can be locked all the same, as long as it can be read.
    return await open(path, "r").catch(() => {
      throw error;
    });
  }
}

async function waitForFlock(flock: FlockFunction, handle: FileHandle, path: string, wait: Wait): Promise<boolean> {
  for (;;) {
    try {
      flock(handle.fd, "exnb");
      return true;
    } catch (error) {
      const code = systemCode(error);
      if (code !== "EAGAIN" && code !== "EWOULDBLOCK" && code !== "EACCES" && code !== "EINTR") throw error;
    }
    if ((await wait(path)) === "settled") return false;
  }
}
