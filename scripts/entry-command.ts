import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * The arguments with which `node` runs an app's entry: its built file when that is newer than every source file,
 * else the sources themselves (slower, never stale).
 * @param app folder of the app, e.g. `apps/proxy`
 */
export function entryCommand(app: string): string[] {
  const built = join(root, app, "dist", "main.js");
  if (existsSync(built) && newestSource() <= oldestBuilt()) return [built];
  return [`--import=${import.meta.resolve("tsx")}`, "--conditions=@codex/source", join(root, app, "src", "main.ts")];
}

function newestSource(): number {
  return Math.max(...packageFolders().map((folder) => Math.max(...times(join(folder, "src")))));
}

function oldestBuilt(): number {
  return Math.min(...packageFolders().map((folder) => Math.min(...times(join(folder, "dist")), Number.MAX_VALUE)));
}

function packageFolders(): string[] {
  return ["packages", "apps"].flatMap((floor) =>
    readdirSync(join(root, floor), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(root, floor, entry.name)),
  );
}

/** When each file of a folder was last written; -Infinity for a folder that is not there. */
function times(folder: string): number[] {
  if (!existsSync(folder)) return [Number.NEGATIVE_INFINITY];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs);
}
