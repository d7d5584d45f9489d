/**
 * The Codex CLI's login, shared without breaking it. Withheld on purpose: the locks of a login, places and the order of a
 * refresh, which only make sense together, inside a store.
 */
export { AuthError, type AuthErrorOptions, type AuthReason, isAuthError } from "./auth-error.js";
export { type CredentialsStoreSetting, readCredentialsStoreSetting } from "./config-toml.js";
export type { AccessContext, Credentials, Layout, NewLogin, Tokens } from "./credentials.js";
export { defaultAuthFile, defaultCodexHome, type Environment } from "./default-file.js";
export { type Folders, findFolders } from "./folders.js";
export { homeFolder } from "./home-folder.js";
export {
  createEnvironmentSession,
  createInjectedSession,
  type EnvironmentSessionOptions,
  type InjectedSessionOptions,
  type InjectedToken,
} from "./injected-session.js";
export { type LockedFile, withLockFile } from "./locks/lock-file.js";
export type { LockKind } from "./locks/lock-wait.js";
export { type BrowserLoginOptions, loginWithBrowser } from "./login/browser.js";
export { type DeviceCode, type DeviceLoginOptions, loginWithDevice } from "./login/device.js";
export type { LoginOptions } from "./login/exchange.js";
export { type LogoutOptions, type LogoutResult, logout } from "./logout.js";
export { findProfile, listProfiles, type Profile } from "./profiles.js";
export { codexClientId, defaultIssuer } from "./refresh.js";
export { type Login, type LoginSettings, resolveLogin, type StoredProfile } from "./resolve-login.js";
export { isLoopback, requireSafeUrl } from "./safe-url.js";
export { createSession, type Session, type SessionOptions } from "./session.js";
export type { LoginState, LoginStatus } from "./status.js";
export { type CodexStoreOptions, createCodexStore } from "./stores/codex.js";
export { createEncryptedStore, type EncryptedStoreOptions } from "./stores/encrypted.js";
export { createKeyringKey, parseEncryptionKey } from "./stores/encryption-key.js";
export { createFileStore, type FileStoreOptions } from "./stores/file.js";
export { createKeyringStore, type KeyringStoreOptions } from "./stores/keyring.js";
export type { KeyringEntry, OpenKeyringEntry } from "./stores/keyring-entry.js";
export { createMemoryStore } from "./stores/memory.js";
export type { StoreDescription, StoreKind } from "./stores/place.js";
export type { CredentialStore, IssueTokens, RefreshStep, StoreOptions } from "./stores/store.js";
