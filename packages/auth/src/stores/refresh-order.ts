import { setTimeout as delay } from "node:timers/promises";
import { AuthError, isAuthError, loginHint } from "../auth-error.js";
import { type AccessContext, type Credentials, isOtherAccount, renewalTime, youngUntil } from "../credentials.js";
import type { StoredLogin } from "../document.js";
import type { LockHolder } from "../locks/lock-holder.js";
import type { LoginLock } from "../locks/lock-wait.js";
import type { RenewalLog } from "../renewal-log.js";
import { accountChanged, type Kept, keepResult } from "./keep-result.js";
import { explainSystemError } from "./not-writable.js";
import type { RefreshOrder } from "./order-parts.js";
import type { PreparedWrite } from "./place.js";
import { noteSending, type SendingNote } from "./sending.js";
import { type AnswerRoom, findAnswers, reserveAnswer } from "./set-aside.js";
import type { IssueTokens } from "./store.js";

/** How long the winner of a race is waited for, once the issuer has said that there is one. */
const winnerMs = 5_000;
const winnerPollMs = 50;
/** How long a program is waited for that is sending the refresh token though its lock was lost, the wait for that lock included. */
const senderMs = 30_000;

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
  const sendingUntil = performance.now() + senderMs;
  for (;;) {
    let meanwhile: Credentials | undefined;
    await order.step("lock");
    // From here on it is one real file, also when a link to it is turned: to that one the result belongs.
    const pinned = await order.pin();
    const lock = await pinned.place.lock(async () => {
      meanwhile = await adoptNow().catch(() => undefined);
      return meanwhile !== undefined;
    }, signal);
    if (lock === undefined) {
      if (meanwhile !== undefined) return meanwhile;
      continue;
    }
    try {
      if ((await order.place.beside?.()) !== (await pinned.place.beside?.())) continue;
      const renewed = await renewLocked(pinned, lock, rejected, issue);
      if (isSender(renewed)) {
        if (performance.now() >= sendingUntil) throw stillSending(order, renewed.sender);
      } else if (renewed !== undefined) return renewed;
    } catch (error) {
      if (!isAuthError(error) || error.reason !== "refresh_reused") throw error;
      // The winner has posted without a lock and needs both of them to write.
      await lock.release();
      return await awaitWinner(adoptNow, error);
    } finally {
      await lock.release();
    }
    // Two that have found each other do not try again at the same moment.
    await delay(winnerPollMs * (0.5 + Math.random()), undefined, signal ? { signal } : {});
  }
}

/** Another program is sending the refresh token right now. */
interface Sender {
  sender: LockHolder;
}

function isSender(renewed: Credentials | Sender | undefined): renewed is Sender {
  return renewed !== undefined && "sender" in renewed;
}

function stillSending({ place }: RefreshOrder, { pid }: LockHolder): AuthError {
  return new AuthError(
    "lock_timeout",
    `The login in ${place.describe().location} is being renewed by another program (process ${pid}), which has not finished for ${senderMs / 1000} s. Let it finish, or end it, and try again.`,
    { status: 503 },
  );
}

/** `undefined`: the lock was lost before anything was spent; begin again. */
async function renewLocked(
  order: RefreshOrder,
  lock: LoginLock,
  rejected: AccessContext | undefined,
  issue: IssueTokens,
): Promise<Credentials | Sender | undefined> {
  await order.step("reread");
  const stored = await order.readLocked();
  const adopted = await adoptable(order, rejected, stored);
  if (adopted !== undefined || stored === undefined) return adopted;
  const refreshToken = await spendable(order, stored.credentials);
  await order.step("prove");
  const proof = await proveRoom(order, refreshToken);
  let end: Kept["end"] | undefined;
  try {
    if (proof.sending?.other !== undefined) return { sender: proof.sending.other };
    await order.step("post");
    if (!(await isStillToSend(order, stored, refreshToken)) || !(await lock.isOurs())) return undefined;
    const tokens = await issue(refreshToken, proof.answer?.keep).catch(async (error: unknown) => {
      await order.log.noteFailure(refreshToken, error);
      throw error;
    });
    const result = await keepResult(order, lock, proof.write, stored, tokens);
    end = result.end;
    await order.step("done");
    if (tokens.accessToken !== undefined || end === "foreign") return result.credentials;
    throw new AuthError("refresh_refused", `The issuer renewed the login without an access token. ${loginHint}`);
  } finally {
    // What could not be put in place stays beside it: the next one who takes the lock completes it.
    if (end === "pending") await proof.write.leave();
    else if (end !== "written") await proof.write.abandon();
    await (end === "pending" ? proof.answer?.close() : proof.answer?.remove());
    // Last of all: whoever no longer finds the note finds what has become of the token.
    await proof.sending?.withdraw();
  }
}

/**
 * Whether nobody has renewed the login while our lock was lost: asked once our note is there, since another program that
 * has withdrawn its own has left the login, an answer beside it, or the fate of the token.
 */
async function isStillToSend({ place, log, readPlain }: RefreshOrder, stored: StoredLogin, refreshToken: string) {
  const fate = await log.findFate(refreshToken);
  if (fate !== undefined) throw fate;
  if (place.beside !== undefined) {
    const { answers } = await findAnswers(await place.beside(), refreshToken);
    if (answers.length > 0) return false;
  }
  return (await readPlain())?.credentials.accessToken === stored.credentials.accessToken;
}

/** Everything that the result of a refresh needs, taken before the refresh token is spent. */
interface Proof {
  write: PreparedWrite;
  answer: AnswerRoom | undefined;
  sending: SendingNote | undefined;
}

async function proveRoom({ place, log }: RefreshOrder, refreshToken: string): Promise<Proof> {
  const write = await place.prepare();
  if (place.beside === undefined) return { write, answer: undefined, sending: undefined };
  const beside = await place.beside();
  let answer: AnswerRoom | undefined;
  let sending: SendingNote | undefined;
  try {
    answer = await reserveAnswer(beside, refreshToken);
    sending = await noteSending(beside, refreshToken);
    // Not beside another sender, whose note of the token's fate would be overwritten.
    if (sending.other === undefined) await proveLog(log, beside);
    return { write, answer, sending };
  } catch (error) {
    await sending?.withdraw();
    await answer?.remove();
    await write.abandon();
    throw explainSystemError(error, beside);
  }
}

/** Before the token is sent, since a fate that cannot be noted would let the next program send it again. */
async function proveLog(log: RenewalLog, beside: string): Promise<void> {
  try {
    await log.prove();
  } catch (error) {
    throw explainSystemError(error, `${beside}.codex-oauth.log`);
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

async function awaitWinner(adoptNow: () => Promise<Credentials | undefined>, reused: AuthError): Promise<Credentials> {
  const end = performance.now() + winnerMs;
  for (;;) {
    const adopted = await adoptNow();
    if (adopted !== undefined) return adopted;
    if (performance.now() >= end) throw reused;
    await delay(winnerPollMs);
  }
}
