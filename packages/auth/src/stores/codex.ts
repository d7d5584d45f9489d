import { dirname } from "node:path";
import { AuthError, isAuthError, loginHint } from "../auth-error.js";
import type { Credentials } from "../credentials.js";
import { explainMissingFile, explainSealed, isSealed, readCodexStorage } from "./codex-storage.js";
import { createFileStore, type FileStoreOptions } from "./file.js";
import { createKeyringStore, type KeyringStoreOptions } from "./keyring.js";
import type { CredentialStore } from "./store.js";

export interface CodexStoreOptions extends FileStoreOptions, Pick<KeyringStoreOptions, "openEntry"> {}

/**
 * The Codex CLI's login wherever its config.toml says that it is: the file, or with `keyring` and `auto` the system's
 * keyring first and the file where the keyring has none. The setting is read each time, since it may change. What the
 * Codex CLI keeps in an encrypted file of its own (`secret_auth_storage`) is told (`keyring_only`), not read.
 */
export function createCodexStore(options: CodexStoreOptions): CredentialStore {
  const { path } = options;
  const codexHome = options.codexHome ?? dirname(path);
  const file = createFileStore(options);
  const keyring = createKeyringStore({ ...options, codexHome });
  let chosen = file;

  async function read(): Promise<Credentials | undefined> {
    const { setting, sealed } = await readCodexStorage(codexHome);
    chosen = file;
    const usesItem = (setting === "keyring" || setting === "auto") && sealed === undefined;
    if (!usesItem) return await file.read();
    let failure: unknown;
    try {
      const found = await keyring.read();
      if (found !== undefined) {
        chosen = keyring;
        return found;
      }
    } catch (error) {
      failure = error;
    }
    const found = await file.read();
    if (found !== undefined || failure === undefined) return found;
    throw explainKeyringOnly(path, setting, failure);
  }

  /** The store that the login is in by now. */
  async function pick(): Promise<CredentialStore> {
    await read().catch(() => {});
    return chosen;
  }

  /** The store that the Codex CLI looks for a new login in. Throws an AuthError where only it can write there. */
  async function pickForWriting(): Promise<CredentialStore> {
    const storage = await readCodexStorage(codexHome);
    if (isSealed(storage)) throw explainSealed(storage);
    if (storage.setting === "keyring") chosen = keyring;
    else chosen = storage.setting === "auto" ? await pick() : file;
    return chosen;
  }

  return {
    describe: () => chosen.describe(),
    read,
    refreshWith: async (rejected, issue, signal) => {
      await read();
      return await chosen.refreshWith(rejected, issue, signal);
    },
    prove: async () => (await pickForWriting()).prove?.(),
    write: async (login) => (await pickForWriting()).write(login),
    clear: async () => (await pick()).clear(),
    modified: async () => (await file.modified?.()) ?? "",
    inspect: async () => {
      const store = await pick();
      const inspected = (await store.inspect?.()) ?? { lock: "none" as const, warnings: [] };
      const storage = await readCodexStorage(codexHome);
      const isPassedOver = store === file && (storage.setting === "keyring" || isSealed(storage));
      if (!isPassedOver || (await file.read().catch(() => undefined)) === undefined) return inspected;
      const note = `The Codex CLI itself does not look at this file, by ${storage.config}.`;
      return { ...inspected, warnings: [...inspected.warnings, note] };
    },
    explainMissing: async () => {
      const storage = await readCodexStorage(codexHome);
      const { setting, sealed } = storage;
      if (sealed !== undefined || setting === "file" || setting === "ephemeral") {
        return explainMissingFile(path, storage);
      }
      return new AuthError(
        "absent",
        `No login found: the Codex CLI's setting is \`cli_auth_credentials_store = "${setting}"\`, but the system's keyring holds no login of it, and ${path} does not exist. ${loginHint}`,
      );
    },
  };
}

function explainKeyringOnly(path: string, setting: string, failure: unknown): unknown {
  if (!isAuthError(failure) || failure.reason !== "store_unavailable") return failure;
  return new AuthError(
    "keyring_only",
    `The Codex CLI keeps its login in the system's keyring (\`cli_auth_credentials_store = "${setting}"\`), ${path} does not exist, and: ${failure.message}`,
  );
}
