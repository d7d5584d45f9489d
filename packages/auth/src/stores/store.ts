import type { AccessContext, Credentials, NewLogin, Tokens } from "../credentials.js";
import type { LockKind } from "../locks/lock-wait.js";
import type { StoreDescription } from "./place.js";

/**
 * Spends a refresh token and returns what came of it. It only POSTs; the store does everything around it. `setAside`,
 * where the store gives it, takes the bytes of the issuer's answer (JSON) piece by piece as they come, so that a kill
 * in the next moment loses nothing.
 */
export type IssueTokens = (refreshToken: string, setAside?: (piece: Uint8Array) => void) => Promise<Tokens>;

/** Where a login is kept. All stores share one order of a refresh, so that no refresh token is spent for nothing. */
export interface CredentialStore {
  describe(): StoreDescription;
  /** The login as it is now, or `undefined`. Waits for no lock. Throws an AuthError when it cannot be read. */
  read(): Promise<Credentials | undefined>;
  /**
   * Gets a login other than the rejected one: adopts what another program has stored, else renews it under the lock.
   * Only the wait for the lock can be aborted: a refresh token that was sent must not be lost.
   */
  refreshWith(rejected: AccessContext | undefined, issue: IssueTokens, signal?: AbortSignal): Promise<Credentials>;
  /**
   * Proves that a new login could be stored, before a person is sent to sign in for nothing. Throws an AuthError
   * (`not_writable`); changes nothing.
   */
  prove?(): Promise<void>;
  /** Stores a new login. Throws an AuthError (`not_writable`). */
  write(login: NewLogin): Promise<Credentials>;
  /** Removes the login; `false` when there was none. */
  clear(): Promise<boolean>;
  /** A cheap mark that changes when another program changes the login; absent for stores that nobody shares. */
  modified?(): Promise<string>;
  /** For status lines: which promise the lock holds, what a person should know, and why it cannot be renewed any more. */
  inspect?(): Promise<{ lock: LockKind; warnings: string[]; dead?: string | undefined }>;
  /** The error for a missing login, when the store can say more than that it is missing. */
  explainMissing?(): Promise<Error>;
}

/** The moments of a refresh, each named before it begins. */
export type RefreshStep = "lock" | "reread" | "prove" | "post" | "merge" | "write" | "done";

export interface StoreOptions {
  /** Unix milliseconds; default Date.now. */
  now?: (() => number) | undefined;
  /** Called with each step of a refresh, and waited for; for logs and tests. */
  onStep?: ((step: RefreshStep) => void | Promise<void>) | undefined;
  /** Told in plain words of what went wrong without stopping the work. */
  onWarning?: ((message: string) => void) | undefined;
}
