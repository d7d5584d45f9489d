import { takeHeartbeatLock } from "./heartbeat-lock.js";
import { createWait, type WaitOptions } from "./lock-wait.js";

/** A file that nobody else changes meanwhile. */
export interface LockedFile {
  /** Whether the lock is still ours: to be asked just before the file is replaced, since a machine may have slept. */
  isOurs(): Promise<boolean>;
}

/**
 * Runs `work` while no other program of ours changes `file`, with the lock file `<file>.lock` beside it. The lock of a
 * program that has died is taken over: at once on the same machine, else after 10 s.
 * Throws an AuthError (`lock_timeout`) after `timeoutMs` (default 30 s), or the system's error when there can be no lock file.
 */
export async function withLockFile<T>(
  file: string,
  work: (locked: LockedFile) => Promise<T>,
  options: Pick<WaitOptions, "timeoutMs" | "signal" | "purpose"> = {},
): Promise<T> {
  const purpose = options.purpose ?? `${file} is to be changed`;
  const lock = await takeHeartbeatLock(`${file}.lock`, createWait({ ...options, purpose }));
  if (lock === undefined) throw new Error("A wait without an end of its own has settled.");
  try {
    return await work(lock);
  } finally {
    await lock.release();
  }
}
