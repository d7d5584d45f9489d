import { execFileSync } from "node:child_process";

/** The path of the first of these programs that is installed. Throws with the Debian packages that bring them. */
export function findProgram(names: readonly string[], debianPackages: string): string {
  for (const name of names) {
    try {
      return execFileSync("which", [name], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    } catch {
      // The next name may be the one that this system uses.
    }
  }
  throw new Error(`${names.join(" or ")} is not installed: apt-get install ${debianPackages}`);
}
