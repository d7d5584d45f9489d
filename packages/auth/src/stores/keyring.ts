import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { AuthError, isAuthError, loginHint } from "../auth-error.js";
import { createFilePlace, type FileStoreOptions } from "./file.js";
import { type KeyringEntry, type OpenKeyringEntry, openKeyringEntry, useEntry } from "./keyring-entry.js";
import { createLockedStore } from "./locked.js";
import type { Place } from "./place.js";
import type { CredentialStore } from "./store.js";
import { realFolder, resolveTarget } from "./target.js";

export interface KeyringStoreOptions extends Omit<FileStoreOptions, "path" | "codexHome"> {
  /** The Codex CLI's folder: its real path names the item, and its locks guard it. */
  codexHome: string;
  /** How to open the item; default: the optional package @napi-rs/keyring. */
  openEntry?: OpenKeyringEntry | undefined;
}

const service = "Codex Auth";

/** The Codex CLI's own item in the system's keyring, read and written as the Codex CLI does. */
export function createKeyringStore(options: KeyringStoreOptions): CredentialStore {
  return createLockedStore(createKeyringPlace(options), options);
}

function createKeyringPlace(
  options: KeyringStoreOptions,
  location = `the system's keyring (${service}, for ${options.codexHome})`,
): Place {
  const { codexHome } = options;
  // Lock and log lie where the file would be.
  const file = createFilePlace({ ...options, path: join(codexHome, "auth.json") });
  const use = async <T>(action: (entry: KeyringEntry) => Promise<T>) =>
    useEntry(options.openEntry ?? openKeyringEntry, service, await nameAccount(codexHome), action);
  const read = async () => (await use((entry) => entry.getPassword())) ?? undefined;
  return {
    describe: () => ({ kind: "keyring", location }),
    read,
    prepare: async () => {
      try {
        // Writing what is there proves that the keyring is unlocked and takes it.
        await use(async (entry) => {
          const text = await entry.getPassword();
          if (typeof text === "string") await entry.setPassword(text);
        });
      } catch (error) {
        const why = isAuthError(error) ? error.message : "";
        throw new AuthError(
          "not_writable",
          `The login in ${location} cannot be rewritten. It was not changed, since the result could not be kept. ${why}`,
        );
      }
      return {
        // The Codex CLI writes it on one line.
        commit: async (text, confirm) => {
          if ((await confirm?.()) === false) return false;
          await use((entry) => entry.setPassword(JSON.stringify(JSON.parse(text))));
          return true;
        },
        abandon: async () => {},
        leave: async () => {},
      };
    },
    remove: async () => (await use((entry) => entry.deletePassword())) === true,
    lock: async (settled, signal) => {
      await mkdir(codexHome, { recursive: true, mode: 0o700 });
      return await file.lock(settled, signal);
    },
    lockKind: () => file.lockKind(),
    beside: () => resolveTarget(join(codexHome, "auth.json")),
    pin: async () => createKeyringPlace({ ...options, codexHome: await realFolder(codexHome) }, location),
    explainMissing: async () => new AuthError("absent", `No login found in ${location}. ${loginHint}`),
  };
}

/** The item's account: `cli|` and the first 16 hex digits of the SHA-256 of the folder's real path. */
async function nameAccount(codexHome: string): Promise<string> {
  const real = await realFolder(codexHome);
  return `cli|${createHash("sha256").update(real).digest("hex").slice(0, 16)}`;
}
