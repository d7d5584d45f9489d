import { randomUUID } from "node:crypto";
import { link, open, readFile, rename, stat, unlink, utimes } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { systemCode } from "../auth-error.js";
import { isGone, type LockHolder, nameThisProcess } from "./lock-holder.js";
import type { LoginLock, Wait } from "./lock-wait.js";

const heartbeatMs = 2_000;
/** A lock whose file has not changed for so long, as seen by whoever waits, belongs to nobody any more. */
const staleMs = 10_000;
const settleMs = 100;

/**
 * The lock for machines without flock: a file made with O_EXCL, touched every 2 s, stale after 10 s without a touch.
 * Staleness is watched by the waiting program's own steady clock, while it is awake, so that neither a laptop's sleep
 * nor a wrong clock takes a lock away; a holder on the same machine that is dead is passed over at once. Returns
 * `undefined` when the wait is settled.
 */
export async function takeHeartbeatLock(path: string, wait: Wait): Promise<LoginLock | undefined> {
  const id = randomUUID();
  const me = await nameThisProcess();
  const content = JSON.stringify({ id, ...me });
  let seen = "";
  let seenSince = 0;
  let lookedAt = 0;
  for (;;) {
    const other = await look(path);
    if (other === undefined) {
      if (await createLockFile(path, content)) return hold(path, id, content);
      continue;
    }
    const now = performance.now();
    // Who was asleep has seen nothing in that time, and the holder may have slept as well: the watch begins anew.
    const wasAsleep = now - lookedAt > heartbeatMs;
    if (other.mark !== seen || wasAsleep) seenSince = now;
    seen = other.mark;
    lookedAt = now;
    const stale = now - seenSince > staleMs || (await isGone(parse(other.content), me));
    if (stale && (await takeOver(path, content, other.mark))) return hold(path, id, content);
    if ((await wait(path)) === "settled") return undefined;
  }
}

// Written aside and linked into place, so that nobody ever reads a lock file without its content.
async function createLockFile(path: string, content: string): Promise<boolean> {
  const aside = `${path}.${randomUUID()}`;
  const handle = await open(aside, "wx", 0o600);
  try {
    await handle.writeFile(content);
    await handle.close();
    await link(aside, path);
    return true;
  } catch (error) {
    if (systemCode(error) === "EEXIST") return false;
    if (systemCode(error) !== "EPERM" && systemCode(error) !== "ENOTSUP" && systemCode(error) !== "ENOSYS") throw error;
    return await createPlainly(path, content);
  } finally {
    await handle.close().catch(() => {});
    await unlink(aside).catch(() => {});
  }
}

/** For file systems without hard links. */
async function createPlainly(path: string, content: string): Promise<boolean> {
  try {
    const handle = await open(path, "wx", 0o600);
    await handle.writeFile(content).finally(() => handle.close());
    return true;
  } catch (error) {
    if (systemCode(error) === "EEXIST") return false;
    throw error;
  }
}

async function look(path: string): Promise<{ content: string; mark: string } | undefined> {
  try {
    const [content, { mtimeMs, ino }] = await Promise.all([readFile(path, "utf8"), stat(path)]);
    return { content, mark: `${ino} ${mtimeMs} ${content}` };
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

// Two programs may take over at once: the later rename wins, and after a moment both see which one it was.
async function takeOver(path: string, content: string, mark: string): Promise<boolean> {
  const aside = `${path}.${randomUUID()}`;
  const handle = await open(aside, "wx", 0o600);
  try {
    await handle.writeFile(content);
    await handle.close();
    if ((await look(path))?.mark !== mark) return false;
    await rename(aside, path);
    await delay(settleMs);
    return (await readFile(path, "utf8").catch(() => "")) === content;
  } finally {
    await handle.close().catch(() => {});
    await unlink(aside).catch(() => {});
  }
}

function hold(path: string, id: string, content: string): LoginLock {
  let beaten = performance.now();
  const isThere = async () => parse(await readFile(path, "utf8").catch(() => "")).id === id;
  const beat = async () => {
    const now = new Date();
    await utimes(path, now, now);
    beaten = performance.now();
  };
  const isOurs = async () => {
    // Removed by somebody who cleans up: unless another one has made it by now, it is made anew.
    if ((await look(path)) === undefined) return await createLockFile(path, content);
    if (!(await isThere())) return false;
    if (performance.now() - beaten < staleMs - heartbeatMs) return true;
    // Asleep for longer than the others wait: one of them may just be taking it over, which a touch stops or a moment shows.
    await beat().catch(() => {});
    await delay(2 * settleMs);
    return await isThere();
  };
  const timer = setInterval(() => {
    void (async () => {
      const found = await look(path);
      if (found === undefined) await createLockFile(path, content);
      else if (parse(found.content).id !== id) return clearInterval(timer);
      await beat();
    })().catch(() => {});
  }, heartbeatMs);
  timer.unref();
  const release = async () => {
    clearInterval(timer);
    if (await isThere()) await unlink(path).catch(() => {});
  };
  return { kind: "heartbeat", isOurs, release };
}

function parse(content: string): LockHolder & { id?: unknown } {
  try {
    return Object(JSON.parse(content)) as LockHolder & { id?: unknown };
  } catch {
    return {};
  }
}
