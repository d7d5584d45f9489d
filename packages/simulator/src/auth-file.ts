import { chmod, readFile, writeFile } from "node:fs/promises";
import type { AuthJson } from "./simulator.js";

/**
 * Writes a login file with made-up tokens, mode 0600. Replaces only a file that came from a simulator: throws for any
 * other, which may be somebody's real login.
 */
export async function writeAuthFile(path: string, auth: AuthJson): Promise<void> {
  const before = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (before !== undefined && before.trim() !== "" && !before.includes('"rt_simulator_')) {
    throw new Error(`${path} holds a login that is not from the simulator. Choose another path.`);
  }
  await writeFile(path, `${JSON.stringify(auth, null, 2)}\n`, { mode: 0o600 });
  await chmod(path, 0o600);
}
