import { randomUUID } from "node:crypto";
import { link, open, readFile, readlink, rename, stat, unlink, utimes } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { systemCode } from "./auth-error.js";
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
  const machine = await nameMachine();
  const content = JSON.stringify({ id, pid: process.pid, machine });
  let seen = "";
  let seenSince = 0;
  let lookedAt = 0;
  for (;;) {
    const other = await look(path);
    if (other === undefined) {
      if (await createLockFile(path, content)) return hold(path, id);
      continue;
    }
    const now = performance.now();
    // Who was asleep has seen nothing in that time, and the holder may have slept as well: the watch begins anew.
    const wasAsleep = now - lookedAt > heartbeatMs;
    if (other.mark !== seen || wasAsleep) seenSince = now;
    seen = other.mark;
    lookedAt = now;
    const stale = now - seenSince > staleMs || isDead(other.content, machine);
    if (stale && (await takeOver(path, content, other.mark))) return hold(path, id);
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

function hold(path: string, id: string): LoginLock {
  let beaten = performance.now();
  const isOurs = async () => {
    const content = await readFile(path, "utf8").catch(() => "");
    // Asleep for longer than the others wait: they may just be taking it over.
    return readId(content) === id && performance.now() - beaten < staleMs - heartbeatMs;
  };
  const timer = setInterval(() => {
    void (async () => {
      const content = await readFile(path, "utf8");
      if (readId(content) !== id) return clearInterval(timer);
      const now = new Date();
      await utimes(path, now, now);
      beaten = performance.now();
    })().catch(() => {});
  }, heartbeatMs);
  timer.unref();
  const release = async () => {
    clearInterval(timer);
    if (readId(await readFile(path, "utf8").catch(() => "")) === id) await unlink(path).catch(() => {});
  };
  return { kind: "heartbeat", isOurs, release };
}

function readId(content: string): unknown {
  return parse(content).id;
}

function isDead(content: string, machine: string): boolean {
  const holder = parse(content);
  if (holder.machine !== machine || typeof holder.pid !== "number") return false;
  try {
    process.kill(holder.pid, 0);
    return false;
  } catch (error) {
    return systemCode(error) === "ESRCH";
  }
}

function parse(content: string): { id?: unknown; pid?: unknown; machine?: unknown } {
  try {
    return Object(JSON.parse(content)) as { id?: unknown; pid?: unknown; machine?: unknown };
  } catch {
    return {};
  }
}

/** The machine and, in containers, the process namespace: a pid means nothing in another one. */
async function nameMachine(): Promise<string> {
  const namespace = await readlink("/proc/self/ns/pid").catch(() => "");
  return `${hostname()} ${namespace}`;
}
