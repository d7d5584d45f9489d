import { randomBytes, randomUUID } from "node:crypto";
import type { Questions } from "../questions.js";
import { type Account, createJwt, readJwt } from "./jwt.js";

/** What the token endpoint hands out, with the account id beside it as auth.json keeps it. */
export interface IssuedCredentials {
  id_token: string;
  access_token: string;
  refresh_token: string;
  account_id: string;
}

/** Why a bearer token is not taken; `undefined` means that it is. */
export type TokenProblem = "missing" | "unparsable" | "expired" | "invalidated";

export type RefreshOutcome =
  | { ok: true; credentials: IssuedCredentials; account: Account; rotated: boolean }
  | { ok: false; code: "refresh_token_expired" | "refresh_token_reused" | "refresh_token_invalidated" };

interface AccessRecord {
  account: Account;
  family: string;
  /** Unix seconds. */
  expiresAt: number;
  invalidated: boolean;
}

interface RefreshRecord {
  account: Account;
  family: string;
  expiresAt: number;
  invalidated: boolean;
  used?: { at: number; credentials: IssuedCredentials };
}

export interface TokenStoreOptions {
  issuer: () => string;
  now: () => number;
  accessLifetimeSeconds: number;
  /** Default: 30 days. */
  refreshLifetimeSeconds?: number;
  /** Looked at on every use: it may change while the simulator runs. */
  questions: Questions;
}

/** Every token that this issuer ever made, and what became of it. */
export class TokenStore {
  readonly #options: TokenStoreOptions;
  readonly #access = new Map<string, AccessRecord>();
  readonly #refresh = new Map<string, RefreshRecord>();

  constructor(options: TokenStoreOptions) {
    this.#options = options;
  }

  /** Makes a set of tokens. `expiresIn` is the access token's life in seconds and may be negative. */
  issue(
    account: Account,
    expiresIn = this.#options.accessLifetimeSeconds,
    family: string = randomUUID(),
  ): IssuedCredentials {
    const iat = this.#seconds();
    const times = { iat: expiresIn > 0 ? iat : iat + expiresIn - 3600, exp: iat + expiresIn };
    const issuer = this.#options.issuer();
    const credentials = {
      id_token: createJwt("id", account, issuer, { iat, exp: iat + 3600 }),
      access_token: createJwt("access", account, issuer, times),
      refresh_token: `rt_simulator_${randomBytes(32).toString("base64url")}`,
      account_id: account.accountId,
    };
    this.#access.set(credentials.access_token, { account, family, expiresAt: times.exp, invalidated: false });
    this.#refresh.set(credentials.refresh_token, {
      account,
      family,
      expiresAt: iat + (this.#options.refreshLifetimeSeconds ?? 30 * 86_400),
      invalidated: false,
    });
    return credentials;
  }

  /** Looks at an Authorization header. */
  check(authorization: string | undefined): { account?: Account; problem?: TokenProblem } {
    const token = authorization?.match(/^bearer (.+)$/i)?.[1]?.trim();
    if (!token) return { problem: "missing" };
    const record = this.#access.get(token);
    if (!record) return this.#checkForeign(token);
    if (record.invalidated) return { account: record.account, problem: "invalidated" };
    if (record.expiresAt <= this.#seconds()) return { account: record.account, problem: "expired" };
    return { account: record.account };
  }

  /** Spends a refresh token: single use, but for the grace period of the question `refreshGraceSeconds`. */
  refresh(token: string): RefreshOutcome {
    const record = this.#refresh.get(token);
    if (!record || record.invalidated) return { ok: false, code: "refresh_token_invalidated" };
    const now = this.#seconds();
    if (record.used) {
      if (now - record.used.at < this.#options.questions.refreshGraceSeconds) {
        return { ok: true, credentials: record.used.credentials, account: record.account, rotated: false };
      }
      if (this.#options.questions.refreshReuseRevokes) this.#revokeFamily(record.family, false);
      return { ok: false, code: "refresh_token_reused" };
    }
    if (record.expiresAt <= now) return { ok: false, code: "refresh_token_expired" };
    if (this.#options.questions.refreshInvalidatesAccess) {
      for (const access of this.#access.values()) if (access.family === record.family) access.invalidated = true;
    }
    const credentials = this.issue(record.account, undefined, record.family);
    record.used = { at: now, credentials };
    return { ok: true, credentials, account: record.account, rotated: true };
  }

  /** Makes every access token issued so far, or the given one, look expired. The token's own `exp` does not change. */
  expireAccess(token?: string): void {
    for (const [key, record] of this.#access) if (!token || key === token) record.expiresAt = 0;
  }

  /** Makes every refresh token issued so far, or the given one, expired. */
  expireRefresh(token?: string): void {
    for (const [key, record] of this.#refresh) if (!token || key === token) record.expiresAt = 0;
  }

  /** Makes an access token answer `token_invalidated`. */
  invalidateAccess(token: string): void {
    const record = this.#access.get(token);
    if (record) record.invalidated = true;
  }

  /** Revokes everything that descends from the same login as this access or refresh token. False when it is unknown. */
  revoke(token: string): boolean {
    const family = (this.#refresh.get(token) ?? this.#access.get(token))?.family;
    if (family === undefined) return false;
    this.#revokeFamily(family, true);
    return true;
  }

  #revokeFamily(family: string, withAccess: boolean): void {
    for (const record of this.#refresh.values())
      if (record.family === family && !record.used) record.invalidated = true;
    if (!withAccess) return;
    for (const record of this.#access.values()) if (record.family === family) record.invalidated = true;
  }

  #checkForeign(token: string): { account?: Account; problem?: TokenProblem } {
    const claims = this.#options.questions.bearer === "any-jwt" ? readJwt(token) : undefined;
    if (!claims) return { problem: "unparsable" };
    if (typeof claims.exp === "number" && claims.exp <= this.#seconds()) return { problem: "expired" };
    const auth = (claims["https://api.openai.com/auth"] ?? {}) as Record<string, unknown>;
    const text = (value: unknown, fallback: string) => (typeof value === "string" ? value : fallback);
    return {
      account: {
        accountId: text(auth.chatgpt_account_id, ""),
        userId: text(auth.chatgpt_user_id ?? auth.user_id, "user-unknown"),
        email: text(claims.email, "unknown@example.com"),
        plan: text(auth.chatgpt_plan_type, "plus"),
        fedramp: auth.chatgpt_account_is_fedramp === true,
      },
    };
  }

  #seconds(): number {
    return Math.floor(this.#options.now() / 1000);
  }
}
