import { setTimeout as delay } from "node:timers/promises";
import { AuthError, isAuthError, loginHint } from "../auth-error.js";
import {
  type AccessContext,
  type Credentials,
  isOtherAccount,
  renewalTime,
  type Tokens,
  youngUntil,
} from "../credentials.js";
import { formatDocument, mergeTokens, type StoredLogin } from "../document.js";
import type { LoginLock } from "../lock-wait.js";
import type { RenewalLog } from "../renewal-log.js";
import { explainSystemError } from "./not-writable.js";
import type { Place, PreparedWrite } from "./place.js";
import { type AnswerRoom, reserveAnswer } from "./set-aside.js";
import type { IssueTokens, RefreshStep } from "./store.js";

/** What the order works with; the store that runs it supplies it. */
export interface RefreshOrder {
  place: Place;
  log: RenewalLog;
  now: () => number;
  step: (step: RefreshStep) => Promise<void>;
  /** Reads the login, without a lock. */
  read: () => Promise<StoredLogin | undefined>;
  /** Reads the login, and nothing that lies beside it: there our own new one may be. */
  readPlain: () => Promise<StoredLogin | undefined>;
  /** Reads the login under the lock, and first completes the write of a program that was killed in between. */
  readLocked: () => Promise<StoredLogin | undefined>;
  /** Keeps a result in memory that could not be written after all. */
  keepUnsaved: (started: StoredLogin, text: string, error: unknown) => Credentials;
  missing: () => Promise<Error>;
}

/** How long the winner of a race is waited for, once the issuer has said that there is one. */
const winnerMs = 5_000;
const winnerPollMs = 50;

/**
 * Renews a login that several programs share, so that none of them loses it: adopt if possible; lock; look again;
 * prove that the result can be kept; POST once; merge; replace the file whole.
 */
export async function refreshInOrder(
  order: RefreshOrder,
  rejected: AccessContext | undefined,
  issue: IssueTokens,
  signal?: AbortSignal,
): Promise<Credentials> {
  const adoptNow = async () => adoptable(order, rejected, await order.read());
  const early = await adoptNow();
  if (early !== undefined) return early;
  for (;;) {
    let meanwhile: Credentials | undefined;
    await order.step("lock");
    const lock = await order.place.lock(async () => {
      meanwhile = await adoptNow().catch(() => undefined);
      return meanwhile !== undefined;
    }, signal);
    if (lock === undefined) {
      if (meanwhile !== undefined) return meanwhile;
      continue;
    }
    try {
      const renewed = await renewLocked(order, lock, rejected, issue);
      if (renewed !== undefined) return renewed;
    } catch (error) {
      if (!isAuthError(error) || error.reason !== "refresh_reused") throw error;
      // The winner has posted without a lock and needs both of them to write.
      await lock.release();
      return await awaitWinner(adoptNow, error);
    } finally {
      await lock.release();
    }
  }
}

/** `undefined`: the lock was lost before anything was spent; begin again. */
async function renewLocked(
  order: RefreshOrder,
  lock: LoginLock,
  rejected: AccessContext | undefined,
  issue: IssueTokens,
): Promise<Credentials | undefined> {
  await order.step("reread");
  const stored = await order.readLocked();
  const adopted = await adoptable(order, rejected, stored);
  if (adopted !== undefined || stored === undefined) return adopted;
  const refreshToken = await spendable(order, stored.credentials);
  await order.step("prove");
  const proof = await proveRoom(order, refreshToken);
  let end: Kept["end"] | undefined;
  try {
    await order.step("post");
    if (!(await lock.isOurs())) return undefined;
    const tokens = await issue(refreshToken, proof.answer?.keep).catch(async (error: unknown) => {
      await order.log.noteFailure(refreshToken, error);
      throw error;
    });
    const result = await keep(order, proof.write, stored, tokens);
    end = result.end;
    await order.step("done");
    if (tokens.accessToken !== undefined || end === "foreign") return result.credentials;
    throw new AuthError("refresh_refused", `The issuer renewed the login without an access token. ${loginHint}`);
  } finally {
    if (end !== "written" && end !== "pending") await proof.write.abandon();
    // What could not be put in place stays beside it: the next one who takes the lock completes it.
    await (end === "pending" ? proof.answer?.close() : proof.answer?.remove());
  }
}

/** Everything that the result of a refresh needs, taken before the refresh token is spent. */
interface Proof {
  write: PreparedWrite;
  answer: AnswerRoom | undefined;
}

async function proveRoom({ place }: RefreshOrder, refreshToken: string): Promise<Proof> {
  const write = await place.prepare();
  if (place.beside === undefined) return { write, answer: undefined };
  const beside = await place.beside();
  try {
    return { write, answer: await reserveAnswer(beside, refreshToken) };
  } catch (error) {
    await write.abandon();
    throw explainSystemError(error, beside);
  }
}

/** The stored login, if it is another one than the rejected and not yet due. Throws when it is another account's. */
async function adoptable(
  order: RefreshOrder,
  rejected: AccessContext | undefined,
  stored: StoredLogin | undefined,
): Promise<Credentials | undefined> {
  if (stored === undefined) throw await order.missing();
  const { credentials } = stored;
  if (rejected !== undefined && isOtherAccount(rejected, credentials)) throw accountChanged(order);
  if (credentials.accessToken === rejected?.accessToken) return undefined;
  const now = order.now();
  return renewalTime(credentials, now) > now ? credentials : undefined;
}

async function spendable(order: RefreshOrder, credentials: Credentials): Promise<string> {
  const { location } = order.place.describe();
  const now = order.now();
  const young = youngUntil(credentials, now);
  if (young !== undefined && young > now) {
    throw new AuthError(
      "too_young",
      `The login in ${location} was renewed a moment ago and is refused again. It is not renewed twice within a minute: check this machine's clock, and that the account still has access.`,
    );
  }
  const { refreshToken } = credentials;
  if (refreshToken === undefined) {
    throw new AuthError("no_refresh_token", `The login in ${location} has expired and cannot be renewed. ${loginHint}`);
  }
  const fate = await order.log.findFate(refreshToken);
  if (fate !== undefined) throw fate;
  return refreshToken;
}

interface Kept {
  credentials: Credentials;
  /** `pending`: it could not be put in place. `foreign`: it is the login that another program has stored meanwhile. */
  end: "written" | "pending" | "foreign";
}

async function keep(order: RefreshOrder, write: PreparedWrite, started: StoredLogin, tokens: Tokens): Promise<Kept> {
  await order.step("merge");
  const latest = await readLatest(order, started);
  const { layout } = latest.credentials;
  if (isOtherAccount(started.credentials, latest.credentials)) throw accountChanged(order);
  if (isForeignNewer(latest.credentials, started.credentials)) {
    return { credentials: latest.credentials, end: "foreign" };
  }
  const { accessToken, refreshToken, idToken } = started.credentials;
  const whole: Tokens = {
    accessToken: tokens.accessToken ?? accessToken,
    refreshToken: tokens.refreshToken ?? refreshToken,
    idToken: tokens.idToken ?? idToken,
    expiresAt: tokens.expiresAt,
  };
  const text = formatDocument(mergeTokens(latest.document, layout, whole, order.now()));
  await order.step("write");
  try {
    await write.commit(text);
  } catch (error) {
    return { credentials: order.keepUnsaved(started, text, error), end: "pending" };
  }
  await order.log.noteRenewal(whole.accessToken as string, order.now());
  const written = (await order.read().catch(() => undefined))?.credentials;
  if (written !== undefined && written.accessToken === whole.accessToken) {
    return { credentials: written, end: "written" };
  }
  return { credentials: order.keepUnsaved(started, text, undefined), end: "pending" };
}

async function readLatest(order: RefreshOrder, started: StoredLogin): Promise<StoredLogin> {
  let latest: StoredLogin | undefined;
  try {
    latest = await order.readPlain();
  } catch {
    // Broken by another program meanwhile: what we have read before, with the new tokens, repairs it.
    return started;
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

async function awaitWinner(adoptNow: () => Promise<Credentials | undefined>, reused: AuthError): Promise<Credentials> {
  const end = performance.now() + winnerMs;
  for (;;) {
    const adopted = await adoptNow();
    if (adopted !== undefined) return adopted;
    if (performance.now() >= end) throw reused;
    await delay(winnerPollMs);
  }
}

function accountChanged(order: RefreshOrder): AuthError {
  return new AuthError(
    "account_changed",
    `The login in ${order.place.describe().location} belongs to another account now. Send the request again to use that one.`,
  );
}
