import { constants, type Stats } from "node:fs";
import { lstat, open, readlink, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { systemCode } from "../auth-error.js";
import { explainSystemError, notWritable } from "./not-writable.js";

/** The file behind a path: links are followed, also one that points to nothing yet. Throws `not_writable` for a circle. */
export async function resolveTarget(path: string): Promise<string> {
  let current = resolve(path);
  for (let depth = 0; depth < 40; depth += 1) {
    try {
      return await realpath(current);
    } catch (error) {
      if (systemCode(error) !== "ENOENT") throw error;
    }
    const link = await readlink(current).catch(() => undefined);
    if (link === undefined) {
      const folder = await realFolder(dirname(current));
      return join(folder, basename(current));
    }
    current = resolve(dirname(current), link);
  }
  throw notWritable(path, "its symbolic links go round in a circle", "Correct the links");
}

/** The folder behind a path; the path itself where there is none yet. */
export async function realFolder(path: string): Promise<string> {
  return await realpath(path).catch(() => path);
}

/**
 * Whether a file may be replaced: an ordinary one, writable by its mode, with one name. Gives what it is now, or
 * `undefined` where there is none yet. Throws an AuthError (`not_writable`) otherwise.
 */
export async function checkReplaceable(target: string): Promise<Stats | undefined> {
  let found: Stats;
  try {
    found = await lstat(target);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw explainSystemError(error, target);
  }
  if (found.isDirectory()) throw notWritable(target, "it is a folder", "Move the folder away");
  if (!found.isFile()) throw notWritable(target, "it is not an ordinary file", "Move it away");
  // By the mode and not by trying: root can write everything, but the Codex CLI refuses it as well.
  if ((found.mode & 0o200) === 0) {
    const mode = (found.mode & 0o777).toString(8);
    throw notWritable(target, `it is read-only (mode 0${mode})`, `Run \`chmod u+w ${target}\``);
  }
  if (found.nlink > 1) {
    const why = "it has a second name (a hard link), which would keep the old login";
    throw notWritable(target, why, "Remove the other name");
  }
  try {
    await (await open(target, constants.O_RDWR)).close();
  } catch (error) {
    throw explainSystemError(error, target);
  }
  return found;
}

/** Whether others than the owner can read the file. */
export async function isOpenToOthers(target: string): Promise<boolean> {
  if (process.platform === "win32") return false;
  const found = await stat(target).catch(() => undefined);
  return found !== undefined && (found.mode & 0o077) !== 0;
}
