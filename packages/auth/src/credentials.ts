import { readClaims } from "./claims.js";

/** What a request to the backend needs: the bearer token, and the account that it acts for. */
export interface AccessContext {
  readonly accessToken: string;
  /** Goes into the account header; absent for tokens that name no account. */
  readonly accountId?: string | undefined;
  readonly planType?: string | undefined;
  /** The account lives in the FedRAMP environment: requests carry a header that says so. */
  readonly isFedramp?: boolean | undefined;
  /** Unix milliseconds. */
  readonly expiresAt?: number | undefined;
  readonly email?: string | undefined;
}

/** The three known shapes of a login file: the Codex CLI's `tokens`, a `chatgpt` object, and flat keys. */
export type Layout = "codex" | "chatgpt" | "flat";

/** One login as a store keeps it. */
export interface Credentials extends AccessContext {
  readonly refreshToken?: string | undefined;
  readonly idToken?: string | undefined;
  /** When the issuer made the access token, Unix milliseconds by the issuer's clock. */
  readonly issuedAt?: number | undefined;
  /** When it was last refreshed, Unix milliseconds by the clock of whoever wrote it. */
  readonly lastRefresh?: number | undefined;
  /** When one of our programs renewed it, Unix milliseconds by this machine's clock; absent for all other logins. */
  readonly renewedAt?: number | undefined;
  readonly layout?: Layout | undefined;
}

/** What an issuer hands out. A refresh may leave any of them out: what is there replaces what was stored. */
export interface Tokens {
  accessToken?: string | undefined;
  refreshToken?: string | undefined;
  idToken?: string | undefined;
  /** Unix milliseconds, when the issuer said so and the token itself does not. */
  expiresAt?: number | undefined;
}

/** A whole new login, as a login flow gets it. */
export interface NewLogin extends Tokens {
  accessToken: string;
  accountId?: string | undefined;
}

/** How long before its end a token is renewed: 5 minutes, as the Codex CLI does. */
export const refreshBufferMs = 5 * 60_000;
/** A token that does not say when it ends is renewed after 8 days, as the Codex CLI does. */
export const refreshAgeMs = 8 * 24 * 60 * 60_000;
/** A token that we have just got is not renewed for a minute: where the clock is wrong that would go on for ever. */
export const youngTokenMs = 60_000;

/** Fills in what the tokens themselves say: account, plan, mail, times. What the caller knows already wins. */
export function describeTokens(known: Omit<Credentials, "planType" | "isFedramp" | "email" | "issuedAt">): Credentials {
  const access = readClaims(known.accessToken);
  const id = readClaims(known.idToken);
  return {
    ...known,
    accountId: known.accountId ?? access.accountId ?? id.accountId,
    planType: access.planType ?? id.planType,
    isFedramp: access.isFedramp ?? id.isFedramp ?? false,
    email: id.email ?? access.email,
    expiresAt: access.expiresAt ?? known.expiresAt,
    issuedAt: access.issuedAt,
  };
}

/** The part of a login that a request may see: without refresh token and id token. */
export function toAccessContext(credentials: Credentials): AccessContext {
  const { accessToken, accountId, planType, isFedramp, expiresAt, email } = credentials;
  return Object.freeze({ accessToken, accountId, planType, isFedramp, expiresAt, email });
}

/**
 * When a login is due for renewal, Unix milliseconds; `Infinity` for never. Five minutes before its end; without a known
 * end 8 days after the last refresh; in no case within a minute of our own renewal.
 */
export function renewalTime(credentials: Credentials, now: number): number {
  const { expiresAt, lastRefresh } = credentials;
  const due =
    expiresAt !== undefined
      ? expiresAt - refreshBufferMs
      : lastRefresh !== undefined
        ? lastRefresh + refreshAgeMs
        : Number.POSITIVE_INFINITY;
  const young = youngUntil(credentials, now);
  return young === undefined ? due : Math.max(due, young);
}

/** Until when a login counts as just renewed (Unix milliseconds), or `undefined` when it does not. */
export function youngUntil({ renewedAt }: Credentials, now: number): number | undefined {
  return renewedAt !== undefined && Math.abs(now - renewedAt) < youngTokenMs ? renewedAt + youngTokenMs : undefined;
}

/** Whether two logins name different accounts. One that names none is taken to be the same. */
export function isOtherAccount(a: AccessContext, b: AccessContext): boolean {
  return a.accountId !== undefined && b.accountId !== undefined && a.accountId !== b.accountId;
}
