import { readTomlEntries, unquoteToml } from "./toml-entries.js";

/** Where the Codex CLI keeps its login, by its own setting `cli_auth_credentials_store`. */
export type CredentialsStoreSetting = "file" | "keyring" | "auto" | "ephemeral";

const settings: readonly string[] = ["file", "keyring", "auto", "ephemeral"] satisfies CredentialsStoreSetting[];

/**
 * Finds the top-level key `cli_auth_credentials_store` in the text of the Codex CLI's config.toml; `undefined` where it
 * is not set, or to nothing that is known: then the Codex CLI uses the file.
 */
export function readCredentialsStoreSetting(configToml: string): CredentialsStoreSetting | undefined {
  const value = findValue(configToml, ["cli_auth_credentials_store"]);
  const setting = value === undefined ? undefined : unquoteToml(value);
  return setting !== undefined && settings.includes(setting) ? (setting as CredentialsStoreSetting) : undefined;
}

/**
 * Whether the Codex CLI puts what would be a keyring's item into an encrypted file of its own instead, by its setting
 * `features.secret_auth_storage`; default: on Windows alone. It concerns the settings `keyring` and `auto`.
 */
export function readSecretAuthStorage(configToml: string, platform: NodeJS.Platform = process.platform): boolean {
  const value = findValue(configToml, ["features", "secret_auth_storage"]);
  return value === "true" || (value !== "false" && platform === "win32");
}

function findValue(configToml: string, path: readonly string[]): string | undefined {
  for (const entry of readTomlEntries(configToml)) {
    if (entry.path.length === path.length && entry.path.every((key, at) => key === path[at])) return entry.value;
  }
  return undefined;
}
