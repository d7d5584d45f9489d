import { AuthError, isAuthError, loginHint } from "../auth-error.js";
import { type Credentials, isOtherAccount, type Tokens } from "../credentials.js";
import { formatDocument, mergeTokens, type StoredLogin } from "../document.js";
import type { LoginLock } from "../locks/lock-wait.js";
import type { RefreshOrder } from "./order-parts.js";
import type { PreparedWrite } from "./place.js";

/** What became of a result. */
export interface Kept {
  credentials: Credentials;
  /** `pending`: it could not be put in place. `foreign`: it is the login that another program has stored meanwhile. */
  end: "written" | "pending" | "foreign";
}

/**
 * Puts the result of a refresh where the login is, merged into what is stored by now. Throws an AuthError
 * (`account_changed`) when somebody has stored something else there meanwhile, which stays.
 */
export async function keepResult(
  order: RefreshOrder,
  lock: LoginLock,
  write: PreparedWrite,
  started: StoredLogin,
  tokens: Tokens,
): Promise<Kept> {
  const { accessToken, refreshToken, idToken } = started.credentials;
  const whole = {
    accessToken: tokens.accessToken ?? accessToken,
    refreshToken: tokens.refreshToken ?? refreshToken,
    idToken: tokens.idToken ?? idToken,
    expiresAt: tokens.expiresAt,
  };
  for (;;) {
    await order.step("merge");
    let latest: StoredLogin;
    try {
      latest = await readLatest(order, started);
    } catch (error) {
      // What cannot be read must not be overwritten either.
      if (!isAuthError(error) || error.reason !== "unreadable") throw error;
      const text = formatDocument(mergeTokens(started.document, started.credentials.layout, whole, order.now()));
      return { credentials: order.keepUnsaved(started, text, error.cause), end: "pending" };
    }
    if (isOtherAccount(started.credentials, latest.credentials)) throw accountChanged(order);
    const isWritten = latest.credentials.accessToken === tokens.accessToken;
    if (isWritten || isForeignNewer(latest.credentials, started.credentials)) {
      return { credentials: latest.credentials, end: "foreign" };
    }
    const text = formatDocument(mergeTokens(latest.document, latest.credentials.layout, whole, order.now()));
    await order.step("write");
    let isOurs = true;
    // Who was asleep until now may have lost the lock, and what was read may be old.
    const confirm = async () => {
      isOurs = await lock.isOurs();
      return isOurs && formatDocument((await readLatest(order, started)).document) === formatDocument(latest.document);
    };
    try {
      if (!(await write.commit(text, confirm))) {
        if (isOurs) continue;
        return await leaveToOthers(order, started, whole.accessToken, text);
      }
    } catch (error) {
      if (isAuthError(error) && error.reason === "account_changed") throw error;
      return { credentials: order.keepUnsaved(started, text, error), end: "pending" };
    }
    await order.log.noteRenewal(whole.accessToken, order.now());
    const written = (await order.read().catch(() => undefined))?.credentials;
    if (written !== undefined && written.accessToken === whole.accessToken) {
      return { credentials: written, end: "written" };
    }
    return { credentials: order.keepUnsaved(started, text, undefined), end: "pending" };
  }
}

/** The lock is another program's by now. It completes the renewal with what lies beside the login, or has done so. */
async function leaveToOthers(order: RefreshOrder, started: StoredLogin, accessToken: string, text: string) {
  const stored = (await order.readPlain().catch(() => undefined))?.credentials;
  const isRenewed = stored !== undefined && stored.accessToken !== started.credentials.accessToken;
  if (isRenewed && !isOtherAccount(started.credentials, stored))
    return { credentials: stored, end: "foreign" } as const;
  await order.log.noteRenewal(accessToken, order.now());
  return { credentials: order.keepUnsaved(started, text, undefined), end: "pending" } as const;
}

/** What is stored now; what was read before, where that has been broken meanwhile. Anything else is not ours to touch. */
async function readLatest(order: RefreshOrder, started: StoredLogin): Promise<StoredLogin> {
  let latest: StoredLogin | undefined;
  try {
    latest = await order.readPlain();
  } catch (error) {
    // Broken by another program meanwhile: what we have read before, with the new tokens, repairs it.
    if (isAuthError(error) && error.reason === "broken") return started;
    throw isAuthError(error) && error.reason === "unreadable" ? error : accountChanged(order);
  }
  if (latest !== undefined) return latest;
  throw new AuthError(
    "account_changed",
    `The login in ${order.place.describe().location} was removed while it was being renewed. ${loginHint}`,
  );
}

/** Another program has stored a token of its own while we were renewing, and not an old one from a backup. */
function isForeignNewer(latest: Credentials, started: Credentials): boolean {
  if (latest.accessToken === started.accessToken) return false;
  if (latest.issuedAt === undefined || started.issuedAt === undefined) return true;
  return latest.issuedAt > started.issuedAt;
}

/** The error for a login that is not the one any more that was to be renewed. */
export function accountChanged(order: RefreshOrder): AuthError {
  return new AuthError(
    "account_changed",
    `The login in ${order.place.describe().location} belongs to another account now. Send the request again to use that one.`,
  );
}
