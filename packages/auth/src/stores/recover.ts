import { isAuthError } from "../auth-error.js";
import { readClaims } from "../claims.js";
import type { Credentials, Tokens } from "../credentials.js";
import { formatDocument, mergeTokens, parseLogin, type StoredLogin } from "../document.js";
import { parseJson } from "../endpoint/post.js";
import { readTokens } from "../endpoint/read-answer.js";
import type { Place } from "./place.js";
import { findAnswers } from "./set-aside.js";

/**
 * Puts a text in place that a killed program had finished beside it, when it is later than what is there. Says whether
 * it did. Call it under the lock.
 */
export async function completeWrite(place: Place, commit: (text: string) => Promise<void>): Promise<boolean> {
  const left = await place.unfinished?.();
  if (left === undefined) return false;
  const text = left.texts.length === 0 ? undefined : await place.read();
  const stored = text === undefined ? undefined : readState(place, text);
  // What is no login (an API key, a later layout) was put there on purpose: only a broken text is repaired.
  const newest =
    stored === undefined || stored === "other" ? undefined : findNewest(place, left.texts, toLogin(stored));
  if (newest !== undefined) await commit(formatDocument(newest.document));
  await left.discard();
  return newest !== undefined;
}

/** The latest of some texts, when it is a login and later than the stored one. */
export function findNewest(place: Place, texts: string[], stored: StoredLogin | undefined): StoredLogin | undefined {
  let best = stored;
  for (const text of texts) {
    const found = tryParse(place, text);
    if (found !== undefined && (best === undefined || isLater(found.credentials, best.credentials))) best = found;
  }
  return best === stored ? undefined : best;
}

/** The text of a login with an answer in it that a killed program had set aside. */
export interface RecoveredLogin {
  text: string;
  accessToken: string;
  /** When the answer came, Unix milliseconds. */
  at: number;
  discard(): Promise<void>;
}

/**
 * Merges the answer to the refresh token that is stored, if a killed program has left one; removes others. Call it
 * under the lock.
 */
export async function findRecovered(
  place: Place,
  { credentials, document }: StoredLogin,
): Promise<RecoveredLogin | undefined> {
  if (place.beside === undefined) return undefined;
  const { answers, discard } = await findAnswers(await place.beside(), credentials.refreshToken);
  const answer = answers.at(-1);
  const tokens = answer === undefined ? undefined : readTokens(parseJson(answer.text), answer.at);
  if (answer === undefined || tokens === undefined || !isNewAnswer(tokens, credentials)) {
    await discard();
    return undefined;
  }
  const text = formatDocument(mergeTokens(document, credentials.layout, tokens, answer.at));
  return { text, accessToken: tokens.accessToken ?? credentials.accessToken, at: answer.at, discard };
}

/** Removes what killed programs have left beside a login that is being replaced or removed. */
export async function discardLeftovers(place: Place): Promise<void> {
  await (await place.unfinished?.())?.discard();
  if (place.beside !== undefined) await (await findAnswers(await place.beside(), undefined)).discard();
}

/** The login in a text, or `undefined` when it holds none. */
export function tryParse(place: Place, text: string): StoredLogin | undefined {
  return toLogin(readState(place, text));
}

/** A login; a text that is cut off; or what somebody has put there that is no login. */
type StoredState = StoredLogin | "broken" | "other";

function readState(place: Place, text: string): StoredState {
  try {
    return parseLogin(text, place.describe().location);
  } catch (error) {
    return isAuthError(error) && error.reason === "broken" ? "broken" : "other";
  }
}

function toLogin(state: StoredState): StoredLogin | undefined {
  return typeof state === "object" ? state : undefined;
}

/** Not the token that is stored, and not older than it: somebody may have completed the renewal in another way. */
function isNewAnswer({ accessToken, refreshToken }: Tokens, stored: Credentials): boolean {
  if (accessToken === undefined) return refreshToken !== stored.refreshToken;
  if (accessToken === stored.accessToken) return false;
  const { issuedAt } = readClaims(accessToken);
  return issuedAt === undefined || stored.issuedAt === undefined || issuedAt >= stored.issuedAt;
}

function isLater(a: Credentials, b: Credentials): boolean {
  if (a.accountId !== b.accountId || a.accessToken === b.accessToken) return false;
  if (a.issuedAt !== undefined && b.issuedAt !== undefined) return a.issuedAt > b.issuedAt;
  return (a.lastRefresh ?? 0) > (b.lastRefresh ?? 0);
}
