import { homedir, userInfo } from "node:os";
import { isAbsolute } from "node:path";

/**
 * The person's home folder: HOME, or what the system knows where HOME is empty or relative, since a login must not land in
 * whatever folder a program was started in. Where nobody knows, a folder that does not exist.
 */
export function homeFolder(): string {
  const home = homedir();
  if (isAbsolute(home)) return home;
  try {
    return userInfo().homedir;
  } catch {
    // A user without an entry, as containers have them.
    return "/nonexistent";
  }
}
