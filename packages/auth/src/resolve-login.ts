import { readFileSync } from "node:fs";
import { arch, platform } from "node:os";
import { dirname, join } from "node:path";
import { CodexError } from "@codex/errors";
import { AuthError } from "./auth-error.js";
import { readCredentialsStoreSetting } from "./config-toml.js";
import { defaultAuthFile, defaultCodexHome, type Environment, filled } from "./default-file.js";
import { findFolders } from "./folders.js";
import { createEnvironmentSession } from "./injected-session.js";
import { findProfile, listProfiles } from "./profiles.js";
import { createSession, type Session } from "./session.js";
import { createCodexStore } from "./stores/codex.js";
import { createEncryptedStore } from "./stores/encrypted.js";
import { createKeyringKey, parseEncryptionKey } from "./stores/encryption-key.js";
import { createFileStore } from "./stores/file.js";
import type { CredentialStore } from "./stores/store.js";

/** Which login is used, and everything that is done with it. Made without any I/O but a look at one setting. */
export interface Login {
  /** The profile that was asked for. */
  profile?: string;
  /** The file that the settings name, not the environment: whoever is told what to run next must name it again. */
  namedFile?: string;
  /** Whether it is ours alone: a profile, or encrypted. Any other one is shared with the Codex CLI, or may be. */
  isOwn: boolean;
  /** Whether it is the Codex CLI's own, wherever its config.toml puts it. */
  isShared: boolean;
  /** The file, were it kept in one, and the folder whose lock guards it. */
  authFile: string;
  codexHome?: string;
  /** Where it is kept; absent for CODEX_ACCESS_TOKEN, which is kept nowhere. */
  store?: CredentialStore;
  session: Session;
  /** Whether a plain file holds it, now and later: then whoever only knows files can use it as well. */
  isPlainFile: boolean;
  /** The profiles that hold a login, each with a session to ask; encrypted ones where CODEX_AUTH_KEY is set. */
  profiles(): Promise<StoredProfile[]>;
}

/** A profile that holds a login. */
export interface StoredProfile {
  profile: string;
  store: CredentialStore;
  session: Session;
}

/** What is said about the login elsewhere than in the environment, e.g. by flags: it wins over variables. */
export interface LoginSettings {
  authFile?: string | undefined;
  profile?: string | undefined;
  issuer?: string | undefined;
  refreshTokenUrl?: string | undefined;
  /** Our version, told to the issuer. */
  version: string;
  /** Carries renewals. Default: that of `createSession`. */
  fetch?: typeof fetch | undefined;
  /** Told in plain words of what went wrong without failing a request. */
  onWarning?: ((message: string) => void) | undefined;
}

/**
 * Finds the login: the settings' file or profile, CODEX_ACCESS_TOKEN, CODEX_PROFILE, CODEX_AUTH_FILE, else the Codex CLI's
 * own, wherever its config.toml says that it is. CODEX_AUTH_KEY makes it an encrypted one of ours. Throws
 * `request_invalid` for settings that contradict each other.
 */
export function resolveLogin(env: Environment, settings: LoginSettings): Login {
  const { onWarning } = settings;
  const token = filled(env.CODEX_ACCESS_TOKEN);
  const key = readKey(filled(env.CODEX_AUTH_KEY));
  const folder = findFolders(env).data;
  const root = key === undefined ? folder : join(folder, "encrypted");
  if (settings.authFile !== undefined && filled(settings.profile) !== undefined) {
    throw wrong("Both a login file and a profile were named. Leave one of them out.");
  }
  const profile = settings.authFile === undefined ? filled(settings.profile ?? filled(env.CODEX_PROFILE)) : undefined;
  const named = profile === undefined ? filled(settings.authFile ?? env.CODEX_AUTH_FILE) : undefined;
  const options = { ...settings, originator: "codex-oauth", userAgent: describeAgent(settings.version) };
  const open = (store: CredentialStore) => createSession({ ...options, store });
  const place = choosePlace({ env, root, profile, named, isEncrypted: key !== undefined });
  const toStore = (path: string, codexHome?: string) =>
    key === undefined
      ? createFileStore({ path, codexHome, onWarning })
      : createEncryptedStore({ path, codexHome, key: key === "keyring" ? createKeyringKey(path) : key, onWarning });
  const openProfile = (name: string) => {
    const { path, folder: codexHome } = findProfile(root, name);
    return withHint(toStore(path, codexHome), name);
  };
  const login = {
    ...place,
    ...(settings.authFile !== undefined && { namedFile: settings.authFile }),
    profiles: async () =>
      (await listProfiles(root)).map(({ name }) => {
        const store = openProfile(name);
        return { profile: name, store, session: open(store) };
      }),
  };

  if (token !== undefined && settings.authFile === undefined && filled(settings.profile) === undefined) {
    const session = createEnvironmentSession({ accessToken: token });
    const { profile: _, ...rest } = login;
    return { ...rest, isOwn: true, isShared: false, isPlainFile: false, session };
  }
  const store =
    profile !== undefined
      ? openProfile(profile)
      : place.isShared
        ? createCodexStore({ path: place.authFile, codexHome: place.codexHome, onWarning })
        : key === undefined
          ? toStore(place.authFile, place.codexHome)
          : withHint(toStore(place.authFile, place.codexHome));
  return {
    ...login,
    isOwn: profile !== undefined || key !== undefined,
    isPlainFile: key === undefined && !(place.isShared && usesKeyring(defaultCodexHome(env))),
    store,
    session: open(store),
  };
}

interface Place {
  profile?: string;
  authFile: string;
  codexHome?: string;
  isShared: boolean;
}

function choosePlace(asked: {
  env: Environment;
  root: string;
  profile: string | undefined;
  named: string | undefined;
  isEncrypted: boolean;
}): Place {
  const { env, root, profile, named, isEncrypted } = asked;
  if (profile !== undefined) {
    const { path, folder } = findProfile(root, profile);
    return { profile, authFile: path, codexHome: folder, isShared: false };
  }
  if (named !== undefined && isEncrypted !== named.endsWith(".jwe")) {
    throw wrong(
      isEncrypted
        ? `CODEX_AUTH_KEY keeps the login in an encrypted file, whose name ends in .jwe so that no shared login is taken for one. ${named} does not: name another file, or unset one of the two.`
        : `${named} is an encrypted login by its name. Set CODEX_AUTH_KEY to its key, or to the word keyring.`,
    );
  }
  const home = filled(env.CODEX_HOME);
  if (isEncrypted) {
    const authFile = named ?? join(root, "auth.json");
    return { authFile, codexHome: dirname(authFile), isShared: false };
  }
  const authFile = named ?? defaultAuthFile(env);
  return { authFile, ...(home !== undefined && { codexHome: home }), isShared: named === undefined };
}

/** The key's text, the word `keyring`, or nothing. Throws `request_invalid` for a text that is no key. */
function readKey(text: string | undefined): Uint8Array | "keyring" | undefined {
  if (text === undefined || text === "keyring") return text;
  try {
    return parseEncryptionKey(text);
  } catch {
    throw wrong(
      "CODEX_AUTH_KEY is the word keyring, or 32 random bytes in base64 or hex. Make them with `openssl rand -base64 32`.",
    );
  }
}

/** A login of ours that is missing is made by us: `codex login` would make another one. */
function withHint(store: CredentialStore, profile?: string): CredentialStore {
  const { location } = store.describe();
  const message =
    profile === undefined
      ? `No encrypted login found in ${location}. Run \`codex-oauth login\`, with CODEX_AUTH_KEY set as now.`
      : `The profile ${profile} holds no login (${location}). Run \`codex-oauth login --profile ${profile}\`.`;
  return { ...store, explainMissing: async () => new AuthError("absent", message) };
}

/** Whether the Codex CLI keeps its login in the system's keyring, or may. */
function usesKeyring(codexHome: string): boolean {
  try {
    const setting = readCredentialsStoreSetting(readFileSync(join(codexHome, "config.toml"), "utf8"));
    return setting === "keyring" || setting === "auto";
  } catch {
    return false;
  }
}

function describeAgent(version: string): string {
  return `codex-oauth/${version} (${platform()}; ${arch()})`;
}

function wrong(message: string): CodexError {
  return new CodexError("request_invalid", message);
}
