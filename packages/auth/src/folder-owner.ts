import { chown, stat } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Leaves a file that root has just made to the owner of its folder: a lock of root's, in a person's own folder, would
 * lock that person out from then on. Does nothing for other users, and does not throw.
 */
export async function giveToFolderOwner(path: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  try {
    const [folder, file] = await Promise.all([stat(dirname(path)), stat(path)]);
    if (file.uid === 0 && folder.uid !== 0) await chown(path, folder.uid, folder.gid);
  } catch {
    // Some file systems know no owners.
  }
}
