import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { AuthError, isAuthError } from "../auth-error.js";
import { type CredentialsStoreSetting, readCredentialsStoreSetting } from "../config-toml.js";
import type { Credentials } from "../credentials.js";
import { createFileStore, type FileStoreOptions } from "./file.js";
import { createKeyringStore, type KeyringStoreOptions } from "./keyring.js";
import type { CredentialStore } from "./store.js";

export interface CodexStoreOptions extends FileStoreOptions, Pick<KeyringStoreOptions, "openEntry"> {}

/**
 * The Codex CLI's login wherever its config.toml says that it is: the file, or with `keyring` and `auto` the system's
 * keyring first and the file where the keyring has none. The setting is read each time, since it may change.
 */
export function createCodexStore(options: CodexStoreOptions): CredentialStore {
  const codexHome = options.codexHome ?? dirname(options.path);
  const file = createFileStore(options);
  const keyring = createKeyringStore({ ...options, codexHome });
  let chosen = file;

  async function read(): Promise<Credentials | undefined> {
    const setting = await readSetting(codexHome);
    chosen = file;
    if (setting !== "keyring" && setting !== "auto") return await file.read();
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
    throw explainKeyringOnly(options.path, setting, failure);
  }

  /** The store that the login was last found in; looks for it when nobody has yet. */
  async function pick(): Promise<CredentialStore> {
    await read().catch(() => {});
    return chosen;
  }

  async function pickForWriting(): Promise<CredentialStore> {
    const setting = await readSetting(codexHome);
    chosen = setting === "keyring" ? keyring : setting === "auto" ? await pick() : file;
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
    inspect: async () => (await (await pick()).inspect?.()) ?? { lock: "none" as const, warnings: [] },
    explainMissing: async () => {
      const setting = await readSetting(codexHome);
      if (setting !== "keyring" && setting !== "auto") return (await file.explainMissing?.()) ?? missing(options.path);
      return new AuthError(
        "absent",
        `No login found: the Codex CLI's setting is \`cli_auth_credentials_store = "${setting}"\`, but the system's keyring holds no login of it, and ${options.path} does not exist. Run \`codex login\` or \`codex-oauth login\`.`,
      );
    },
  };
}

async function readSetting(codexHome: string): Promise<CredentialsStoreSetting | undefined> {
  return readCredentialsStoreSetting(await readFile(join(codexHome, "config.toml"), "utf8").catch(() => ""));
}

function missing(path: string): AuthError {
  return new AuthError("absent", `No login found in ${path}.`);
}

function explainKeyringOnly(path: string, setting: string, failure: unknown): unknown {
  if (!isAuthError(failure) || failure.reason !== "store_unavailable") return failure;
  return new AuthError(
    "keyring_only",
    `The Codex CLI keeps its login in the system's keyring (\`cli_auth_credentials_store = "${setting}"\`), ${path} does not exist, and: ${failure.message}`,
  );
}
