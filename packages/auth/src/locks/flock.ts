import { getSystemErrorName } from "node:util";

/** Locks an open file without waiting; throws EAGAIN when somebody else holds it. */
export type FlockFunction = (fd: number, operation: "exnb") => unknown;

let loading: Promise<FlockFunction | undefined> | undefined;

/**
 * The flock system call, loaded when it is first needed: from the optional package fs-ext-extra-prebuilt, which has it for
 * Windows too but binaries for some Nodes and C libraries only, else from the C library by the optional package koffi.
 * `undefined` where neither can be loaded.
 */
export function loadFlock(): Promise<FlockFunction | undefined> {
  loading ??= import("fs-ext-extra-prebuilt").then(
    (module) => module.flockSync,
    () => loadByKoffi().catch(() => undefined),
  );
  return loading;
}

/** LOCK_EX | LOCK_NB, the same on Linux, macOS and the BSDs. */
const exclusiveWithoutWaiting = 2 | 4;

/** Throws where there is no koffi, or no flock in the C library. */
export async function loadByKoffi(): Promise<FlockFunction> {
  const { default: koffi } = await import("koffi");
  // Windows has no such function, and the lookup fails.
  const flock = koffi.load(null).func("int flock(int fd, int operation)") as (fd: number, operation: number) => number;
  return (fd) => {
    if (flock(fd, exclusiveWithoutWaiting) === 0) return;
    const code = getSystemErrorName(-koffi.errno());
    throw Object.assign(new Error(`The file cannot be locked (${code}).`), { code });
  };
}
