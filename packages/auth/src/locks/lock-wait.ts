import { readFile, stat } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { AuthError } from "../auth-error.js";

/**
 * What a lock promises. `flock`: the Codex CLI's own locks, freed by the kernel when a process dies. `heartbeat`: a
 * lock file of ours, a weaker promise. `none`: the store is this process's own memory.
 */
export type LockKind = "flock" | "heartbeat" | "none";

export interface LoginLock {
  readonly kind: LockKind;
  /** Whether the lock is still ours: asked once more just before a refresh token is spent. */
  isOurs(): Promise<boolean>;
  /** Frees the lock; may be called twice. */
  release(): Promise<void>;
}

export interface WaitOptions {
  /** How long to wait for other programs; default 30 s. */
  timeoutMs?: number | undefined;
  /** Looked at while waiting: `true` ends the wait without a lock, because there is nothing left to do. */
  settled?: (() => Promise<boolean>) | undefined;
  signal?: AbortSignal | undefined;
  /** What is waited for, for the error of a wait that was too long. Default: the renewal of the login. */
  purpose?: string | undefined;
}

const defaultTimeoutMs = 30_000;
const pollMs = 20;
const settledEveryMs = 200;
/** A longer gap between two looks was spent asleep. */
const awakeGapMs = 1_000;

/** Waits a moment, or says why there is no more waiting: `settled`, or a thrown timeout that names the lock. */
export type Wait = (lockPath: string) => Promise<"again" | "settled">;

/**
 * Makes the wait of one attempt to lock: its time limit runs over all the locks that are needed, while this process is
 * awake.
 */
export function createWait(options: WaitOptions): Wait {
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  let waitedMs = 0;
  let calledAt = performance.now();
  let lookedAt = calledAt;
  return async (lockPath) => {
    options.signal?.throwIfAborted();
    const now = performance.now();
    // A sleep of the whole machine was no waiting: the holder has slept as well.
    waitedMs += Math.min(now - calledAt, awakeGapMs);
    calledAt = now;
    if (waitedMs >= timeoutMs)
      throw await timeoutError(options.purpose ?? "The login needs renewing", lockPath, timeoutMs);
    if (options.settled !== undefined && now - lookedAt >= settledEveryMs) {
      lookedAt = now;
      if (await options.settled()) return "settled";
    }
    await delay(pollMs + Math.random() * pollMs, undefined, options.signal ? { signal: options.signal } : {});
    return "again";
  };
}

async function timeoutError(purpose: string, lockPath: string, timeoutMs: number): Promise<AuthError> {
  const holder = await findHolder(lockPath);
  return new AuthError(
    "lock_timeout",
    `${purpose}, but another program${holder} has held the lock ${lockPath} for ${Math.round(timeoutMs / 1000)} s. Let it finish, or end it, and try again.`,
    { status: 503 },
  );
}

/** Linux tells who holds a flock; a lock file of ours tells it itself. */
async function findHolder(lockPath: string): Promise<string> {
  try {
    const { ino } = await stat(lockPath);
    const line = (await readFile("/proc/locks", "utf8")).split("\n").find((l) => l.includes(`:${ino} `));
    const pid = line?.trim().split(/\s+/)[4] ?? (JSON.parse(await readFile(lockPath, "utf8")) as { pid?: unknown }).pid;
    return /^\d+$/.test(String(pid)) ? ` (process ${pid})` : "";
  } catch {
    return "";
  }
}
