import { AuthError } from "../auth-error.js";

/** One item of the system's keyring. */
export interface KeyringEntry {
  /** `null` when there is no such item. */
  getPassword(): Promise<string | null | undefined>;
  setPassword(secret: string): Promise<unknown>;
  /** `false` when there was no such item. */
  deletePassword(): Promise<unknown>;
}

/** Opens an item by service and account; default: the optional package @napi-rs/keyring. */
export type OpenKeyringEntry = (service: string, account: string) => Promise<KeyringEntry>;

/** An unlock prompt waits for a person, but not for ever. */
const timeoutMs = 60_000;

/**
 * Opens an item the way the Codex CLI's own library does: on Linux in the Secret Service, with target `default`.
 * Left alone the package would quietly use the kernel's keyring, which the Codex CLI does not know.
 */
export async function openKeyringEntry(service: string, account: string): Promise<KeyringEntry> {
  const { AsyncEntry } = await import("@napi-rs/keyring").catch(() => {
    throw new AuthError(
      "store_unavailable",
      'The system\'s keyring cannot be used: the package @napi-rs/keyring is not installed, or not made for this machine. Install it, or set `cli_auth_credentials_store = "file"` for the Codex CLI and run `codex login`.',
    );
  });
  if (process.platform !== "linux") return new AsyncEntry(service, account);
  return AsyncEntry.withTarget("default", service, account, { linux: { store: "secret-service" } });
}

/** Runs one action on an item. Throws an AuthError (`store_unavailable`) that says what is wrong with the keyring. */
export async function useEntry<T>(
  open: OpenKeyringEntry,
  service: string,
  account: string,
  action: (entry: KeyringEntry) => Promise<T>,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error("timeout")), timeoutMs);
    timer.unref();
  });
  try {
    const entry = await open(service, account);
    return await Promise.race([action(entry), timeout]);
  } catch (error) {
    throw error instanceof AuthError ? error : new AuthError("store_unavailable", explainKeyring(error));
  } finally {
    clearTimeout(timer);
  }
}

// The package tells its errors apart by their words alone.
function explainKeyring(error: unknown): string {
  const words = error instanceof Error ? error.message : "";
  if (/timeout/.test(words)) return "The system's keyring did not answer within a minute. Unlock it and try again.";
  if (/prompt|locked|dismissed/i.test(words)) return "The system's keyring is locked. Unlock it and try again.";
  if (/secret service|d-?bus|socket|connect|ServiceUnknown|session/i.test(words)) {
    return 'No keyring service runs in this session (Secret Service over D-Bus). Start one, or set `cli_auth_credentials_store = "file"` for the Codex CLI and run `codex login`.';
  }
  if (/ambiguous|more than one|multiple/i.test(words)) {
    return "The system's keyring holds several items where one is expected. Remove the wrong ones and try again.";
  }
  return "The system's keyring failed. Look whether it is unlocked and working, and try again.";
}
