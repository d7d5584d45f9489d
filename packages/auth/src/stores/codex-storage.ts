import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { AuthError, loginHint } from "../auth-error.js";
import { type CredentialsStoreSetting, readCredentialsStoreSetting, readSecretAuthStorage } from "../config-toml.js";

/** Where the Codex CLI keeps its login, as its config.toml says. */
export interface CodexStorage {
  /** `file` where nothing is set. */
  setting: CredentialsStoreSetting;
  /** The encrypted file that stands in for the keyring's item; its passphrase is an item of the keyring. */
  sealed?: { path: string; exists: boolean } | undefined;
  /** The file that says so, for messages. */
  config: string;
}

/** Reads config.toml in the Codex CLI's folder, and looks whether there is an encrypted login where it asks for one. */
export async function readCodexStorage(codexHome: string): Promise<CodexStorage> {
  const config = join(codexHome, "config.toml");
  const text = await readFile(config, "utf8").catch(() => "");
  const setting = readCredentialsStoreSetting(text) ?? "file";
  const inKeyring = setting === "keyring" || setting === "auto";
  if (!inKeyring || !readSecretAuthStorage(text)) return { setting, config };
  const path = join(codexHome, "secrets", "codex_auth.age");
  const exists = await stat(path).then(
    () => true,
    () => false,
  );
  return { setting, config, sealed: { path, exists } };
}

/**
 * Whether the Codex CLI has its login, or would put it, where only it can read it. With `auto` it takes the plain file
 * as long as there is no encrypted one; afterwards it would remove that file at its next renewal.
 */
export function isSealed({ setting, sealed }: CodexStorage): boolean {
  return sealed !== undefined && (setting === "keyring" || sealed.exists);
}

/** The error for a login file that does not exist: where the Codex CLI keeps its login instead, and what to do. */
export function explainMissingFile(path: string, storage: CodexStorage): AuthError {
  const { setting, sealed, config } = storage;
  const missing = `No login found: ${path} does not exist`;
  if (isSealed(storage)) {
    return new AuthError("keyring_only", `${missing}. ${describeSealed(storage)}`);
  }
  if (setting === "file" || sealed !== undefined) return new AuthError("absent", `${missing}. ${loginHint}`);
  const where = setting === "ephemeral" ? "only in its own memory" : "in the system's keyring";
  return new AuthError(
    "keyring_only",
    `${missing}, and the Codex CLI keeps its login ${where} (\`cli_auth_credentials_store = "${setting}"\` in ${config}). Run \`codex-oauth login\`, or set it to "file" and run \`codex login\`.`,
  );
}

/** The error for a new login that the Codex CLI would not find. */
export function explainSealed(storage: CodexStorage): AuthError {
  return new AuthError("store_unavailable", `A login cannot be stored for both. ${describeSealed(storage)}`);
}

function describeSealed({ setting, sealed, config }: CodexStorage): string {
  return `The Codex CLI keeps its login encrypted in ${sealed?.path}, which only the Codex CLI can open (\`cli_auth_credentials_store = "${setting}"\` with \`secret_auth_storage\` among the features of ${config}). Set \`secret_auth_storage = false\` under [features] there and run \`codex login\`, or keep a login apart from it: \`codex-oauth login --profile NAME\`.`;
}
