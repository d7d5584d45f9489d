import { AuthError, isAuthError, loginHint } from "./auth-error.js";
import type { Layout } from "./credentials.js";
import type { LockKind } from "./locks/lock-wait.js";
import type { StoreDescription, StoreKind } from "./stores/place.js";
import type { CredentialStore } from "./stores/store.js";

/** How a login stands, in one word: scripts tell exit codes apart by it. */
export type LoginState = "signed_in" | "expired" | "absent" | "keyring_only" | "broken" | "unreadable";

/** What there is to know about a login, without any token. */
export interface LoginStatus {
  state: LoginState;
  email?: string | undefined;
  accountId?: string | undefined;
  planType?: string | undefined;
  isFedramp?: boolean | undefined;
  /** Unix milliseconds. */
  expiresAt?: number | undefined;
  /** Unix milliseconds. */
  lastRefresh?: number | undefined;
  /** Whether there is a refresh token to renew the login with, and nothing known against it. */
  renewable: boolean;
  store: StoreKind;
  /** A path, or the name of a keyring item. */
  location: string;
  layout?: Layout | undefined;
  /** Which promise the lock against other programs holds. */
  lock: LockKind;
  warnings: string[];
  /** What is wrong, with the next command to run; absent when nothing is. */
  problem?: string | undefined;
}

const clockSkewMs = 5 * 60_000;

/** Reads a store and says how its login stands. Renews nothing, changes nothing, does not throw. */
export async function readStatus(store: CredentialStore, now: () => number): Promise<LoginStatus> {
  const inspected = await store.inspect?.().catch(() => undefined);
  // A store that looks in several places knows by now in which one the login is.
  const description = store.describe();
  const { lock = "none", warnings = [], dead } = inspected ?? {};
  const base = { renewable: false, store: description.kind, location: description.location, lock, warnings };
  try {
    const login = await store.read();
    if (login === undefined)
      throw (await store.explainMissing?.()) ?? new AuthError("absent", `No login found. ${loginHint}`);
    const { email, accountId, planType, isFedramp, expiresAt, lastRefresh, issuedAt, layout } = login;
    const renewable = login.refreshToken !== undefined && dead === undefined;
    const expired = expiresAt !== undefined && expiresAt <= now();
    const notes = [...warnings, ...describeWeakness(lock)];
    if (layout === "codex" && login.idToken === undefined) {
      notes.push("The file has no id_token: the Codex CLI itself cannot use it. Run `codex login`.");
    }
    if (layout === "codex" && lastRefresh === undefined) {
      notes.push("The file has no last_refresh: the Codex CLI itself sends no token. The next renewal adds it.");
    }
    if (issuedAt !== undefined && lastRefresh !== undefined && Math.abs(issuedAt - lastRefresh) > clockSkewMs) {
      notes.push("This machine's clock and the issuer's differ, or the file comes from another machine.");
    }
    return {
      ...base,
      state: expired && !renewable ? "expired" : "signed_in",
      email,
      accountId,
      planType,
      isFedramp,
      expiresAt,
      lastRefresh,
      renewable,
      layout,
      warnings: notes,
      problem: dead ?? describeProblem(expired, renewable, description),
    };
  } catch (error) {
    return { ...base, state: stateOf(error), problem: error instanceof Error ? error.message : "It cannot be read." };
  }
}

function describeWeakness(lock: LockKind): string[] {
  if (lock !== "heartbeat") return [];
  return [
    "The system's file lock is not available (packages fs-ext-extra-prebuilt and koffi): a lock file is used instead, which the Codex CLI does not know.",
  ];
}

function describeProblem(expired: boolean, renewable: boolean, { location }: StoreDescription): string | undefined {
  if (!expired || renewable) return undefined;
  return `The login in ${location} has expired and cannot be renewed. ${loginHint}`;
}

function stateOf(error: unknown): LoginState {
  if (!isAuthError(error)) return "unreadable";
  switch (error.reason) {
    case "keyring_only":
      return "keyring_only";
    case "unreadable":
    case "store_unavailable":
      return "unreadable";
    case "broken":
    case "unknown_layout":
      return "broken";
    default:
      return "absent";
  }
}
