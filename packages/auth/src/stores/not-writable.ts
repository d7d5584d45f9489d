import { AuthError, systemCode } from "../auth-error.js";

/** The error for a login that could not be kept: why, and what a person can do about it. */
export function notWritable(target: string, why: string, cure: string, cause?: unknown): AuthError {
  return new AuthError(
    "not_writable",
    `The login in ${target} cannot be rewritten: ${why}. It was not changed, since the result could not be kept. ${cure}, and try again.`,
    { cause },
  );
}

const causes: Record<string, [why: string, cure: string]> = {
  ENOSPC: ["the disk is full", "Make room"],
  EDQUOT: ["your disk quota is used up", "Make room"],
  EROFS: ["the file system is read-only", "Make it writable"],
  EACCES: ["this user may not write there", "Give this user the right to write there"],
  EPERM: ["the system does not permit it (an immutable file, or another user's)", "Make it writable"],
  ENOENT: ["its folder does not exist", "Make the folder"],
  ENOTDIR: ["its folder is not a folder", "Correct the path"],
  EISDIR: ["it is a folder", "Move the folder away"],
  ELOOP: ["its symbolic links go round in a circle", "Correct the links"],
};

/** Turns a failed system call into the error that says why a login could not be kept; leaves others as they are. */
export function explainSystemError(error: unknown, target: string): unknown {
  const code = systemCode(error);
  if (error instanceof AuthError || code === undefined) return error;
  const [why, cure] = causes[code] ?? [`of a system error (${code})`, "Repair that"];
  return notWritable(target, why, cure, error);
}
