import { createHash, randomBytes } from "node:crypto";
import { open, readdir, stat, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isGone, isOfMachine, type LockHolder, nameThisProcess } from "../locks/lock-holder.js";

const suffix = ".codex-oauth.sending";
/** A process of another machine, or of a system that does not tell when it began, has ended its attempt by then. */
const abandonedMs = 5 * 60_000;

/** The note of one program that it is about to send a refresh token. */
export interface SendingNote {
  /** Another program with such a note for the same token: then ours must not be sent, whatever the lock says. */
  other: LockHolder | undefined;
  /** Removes the note: the token was not sent, or what became of it is stored by now. */
  withdraw(): Promise<void>;
}

/**
 * Notes beside `target` that this refresh token is about to be sent, then looks for the notes of others. It holds where the
 * locks don't, because somebody keeps removing their files: of two programs that both note first and look then, at least one
 * finds the other. Each has a file of its own, which is empty and says everything by its name, so that nobody overwrites a
 * note or finds half of one. Throws the system's error.
 */
export async function noteSending(target: string, refreshToken: string): Promise<SendingNote> {
  const me = await nameThisProcess();
  const start = `.${basename(target)}-${digestOf(refreshToken)}-`;
  const rest = [digestOf(String(me.machine)), me.pid, me.begun ?? "", randomBytes(6).toString("hex")].join("-");
  const name = `${start}${rest}${suffix}`;
  const path = join(dirname(target), name);
  await (await open(path, "wx", 0o600)).close();
  const withdraw = () => unlink(path).catch(() => {});
  try {
    const names = await readdir(dirname(target));
    const others = names.filter((one) => one.startsWith(start) && one.endsWith(suffix) && one !== name);
    for (const one of others) {
      const holder = readName(one.slice(start.length), me);
      const note = join(dirname(target), one);
      if (!(await isAbandoned(note, holder, me))) return { other: holder, withdraw };
      await unlink(note).catch(() => {});
    }
  } catch (error) {
    await withdraw();
    throw error;
  }
  return { other: undefined, withdraw };
}

async function isAbandoned(path: string, holder: LockHolder, me: LockHolder): Promise<boolean> {
  if (await isGone(holder, me)) return true;
  if (isOfMachine(holder, me) && holder.begun !== undefined) return false;
  const found = await stat(path).catch(() => undefined);
  return found === undefined || Date.now() - found.mtimeMs > abandonedMs;
}

function readName(rest: string, me: LockHolder): LockHolder {
  const [machine, pid, begun] = rest.split("-");
  const isHere = machine === digestOf(String(me.machine));
  return { pid: Number(pid), machine: isHere ? me.machine : machine, begun: begun === "" ? undefined : begun };
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
