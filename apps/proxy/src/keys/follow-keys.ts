import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { isCodexError } from "@codex/errors";
import { watchFile } from "../settings/watch-file.js";
import { parseKeys, readKeysText, type StoredKey } from "./key-store.js";

/** Keys as they are at the start, and a watch on their file. */
export interface FollowedKeys {
  keys: readonly StoredKey[];
  /**
   * Takes over what changes in the file, and says so; a broken file leaves the keys as they are.
   * @returns ends it
   */
  follow(apply: (keys: readonly StoredKey[]) => void, log: (line: string) => void): () => void;
}

/** Reads a keys file. Throws `request_invalid` for one that is not ours: without it others might come in, or nobody. */
export async function openKeys(file: string): Promise<FollowedKeys> {
  // A folder that is not there cannot be watched, and keys may be made in it later.
  await mkdir(dirname(file), { recursive: true, mode: 0o700 }).catch(() => {});
  const text = await readKeysText(file);
  const keys = text === undefined ? [] : parseKeys(text, file);
  return {
    keys,
    follow: (apply, log) =>
      watchFile(file, text, async () => {
        try {
          const now = await readKeysText(file);
          const next = now === undefined ? [] : parseKeys(now, file);
          apply(next);
          log(`The keys have changed: ${next.map(({ name }) => name).join(", ") || "none is left"}.`);
        } catch (error) {
          if (!isCodexError(error)) throw error;
          log(`${error.message} The keys stay as they were.`);
        }
      }),
  };
}
