/** Locks an open file without waiting; throws EAGAIN when somebody else holds it. */
export type FlockFunction = (fd: number, operation: "exnb") => unknown;

let loading: Promise<FlockFunction | undefined> | undefined;

/**
 * The flock system call from the optional package fs-ext-extra-prebuilt, loaded when it is first needed; `undefined`
 * where that package is not installed or has no binary for this machine.
 */
export function loadFlock(): Promise<FlockFunction | undefined> {
  loading ??= import("fs-ext-extra-prebuilt").then(
    (module) => module.flockSync,
    () => undefined,
  );
  return loading;
}
