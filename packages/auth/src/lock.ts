import { type FileHandle, open, stat } from "node:fs/promises";
import { join } from "node:path";
import { systemCode } from "./auth-error.js";
import { type FlockFunction, loadFlock } from "./flock.js";
import { giveToFolderOwner } from "./folder-owner.js";
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

/**
 * Takes the Codex CLI's two locks in its order: `auth.lock` in its folder, then `<login file>.lock`. Where flock is
 * not to be had, a lock file with a heartbeat. Returns `undefined` when `settled` said so.
 * Throws an AuthError (`lock_timeout`) that names the lock, or the system's error when it cannot be made.
 */
export async function lockLogin(options: LockOptions): Promise<LoginLock | undefined> {
  const wait = createWait(options);
  const flock = options.locking === "heartbeat" ? undefined : await loadFlock();
  if (flock !== undefined) {
    try {
      return await takeFlocks(flock, options, wait);
    } catch (error) {
      if (!unsupported.has(systemCode(error) ?? "")) throw error;
    }
  }
  return takeHeartbeatLock(`${options.target}.codex-oauth.lock`, wait);
}

async function takeFlocks(flock: FlockFunction, options: LockOptions, wait: Wait): Promise<LoginLock | undefined> {
  const held: FileHandle[] = [];
  const release = async () => {
    // Closing the file frees its lock. In reverse order, so that nobody gets the second lock before the first.
    for (const handle of held.splice(0).reverse()) await handle.close().catch(() => {});
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
      held.push(handle);
    }
  } catch (error) {
    await release();
    throw error;
  }
  return { kind: "flock", isOurs: async () => held.length > 0, release };
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
        const [ours, there] = await Promise.all([handle.stat(), stat(path).catch(() => undefined)]);
        if (there !== undefined && there.ino === ours.ino && there.dev === ours.dev) return handle;
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
