import { readFile, readlink } from "node:fs/promises";
import { hostname } from "node:os";
import { systemCode } from "../auth-error.js";

/** Who holds something, as it is written down for the other programs. */
export interface LockHolder {
  pid?: unknown;
  /** The machine and, in containers, the process namespace: a pid means nothing in another one. */
  machine?: unknown;
  /** When the process began, in the system's own count; tells it from a later one of the same pid. Linux alone has it. */
  begun?: unknown;
}

let naming: Promise<LockHolder> | undefined;

/** This process, as the other programs can recognise it. */
export function nameThisProcess(): Promise<LockHolder> {
  naming ??= (async () => {
    const namespace = await readlink("/proc/self/ns/pid").catch(() => "");
    return { pid: process.pid, machine: `${hostname()} ${namespace}`, begun: await readBegin(process.pid) };
  })();
  return naming;
}

/** Whether the holder is a process of this machine that has ended. Of another machine's processes nothing is known. */
export async function isGone(holder: LockHolder, me: LockHolder): Promise<boolean> {
  if (!isOfMachine(holder, me) || typeof holder.pid !== "number") return false;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    return systemCode(error) === "ESRCH";
  }
  return holder.begun !== undefined && holder.begun !== (await readBegin(holder.pid));
}

/** Whether the holder is a process of this machine. */
export function isOfMachine(holder: LockHolder, me: LockHolder): boolean {
  return holder.machine === me.machine;
}

/** Field 22 of /proc/PID/stat, counted behind the name, which may hold anything but is in parentheses. */
async function readBegin(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return text.slice(text.lastIndexOf(")") + 2).split(" ")[19];
}
