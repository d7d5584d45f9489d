import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { CodexError } from "@codex/errors";
import { systemCode } from "./auth-error.js";

/** One of several logins of the same person, e.g. `work`. */
export interface Profile {
  name: string;
  /** Its own folder, with its own locks. */
  folder: string;
  /** Its login file. */
  path: string;
}

const namePattern = /^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9_-])?$/;

/**
 * Where a profile's login lies below our own folder. Throws a CodexError (`request_invalid`) for a name that could
 * leave that folder, or that some file system would not keep apart from another.
 */
export function findProfile(stateFolder: string, name: string): Profile {
  if (!namePattern.test(name)) {
    throw new CodexError(
      "request_invalid",
      "A profile's name is made of lower-case letters, digits, dots, dashes and underscores, and begins with a letter or digit.",
      { param: "profile" },
    );
  }
  const folder = join(stateFolder, "profiles", name);
  return { name, folder, path: join(folder, "auth.json") };
}

/** The profiles that hold a login, by name. None is chosen by itself: there is no rotation among them. */
export async function listProfiles(stateFolder: string): Promise<Profile[]> {
  const names = await readdir(join(stateFolder, "profiles")).catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  });
  const found: Profile[] = [];
  for (const name of names.sort()) {
    if (!namePattern.test(name)) continue;
    const profile = findProfile(stateFolder, name);
    const holdsLogin = await stat(profile.path).then(
      (s) => s.isFile(),
      () => false,
    );
    if (holdsLogin) found.push(profile);
  }
  return found;
}
