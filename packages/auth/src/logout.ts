import type { Credentials } from "./credentials.js";
import { postOnce } from "./endpoint/post.js";
import { codexClientId, defaultIssuer } from "./refresh.js";
import { requireSafeUrl } from "./safe-url.js";
import type { CredentialStore } from "./stores/store.js";

export interface LogoutOptions {
  store: CredentialStore;
  /** Default: Node's own `https`. */
  fetch?: typeof fetch | undefined;
  /** Default https://auth.openai.com. */
  issuer?: string | undefined;
  /** The token endpoint, when it is not the issuer's: the login is revoked beside it. */
  refreshTokenUrl?: string | undefined;
  /** Where to revoke; default `/oauth/revoke` beside the token endpoint. https or loopback. */
  revokeUrl?: string | undefined;
  /** Default: the Codex CLI's public client id. */
  clientId?: string | undefined;
  /** Who we are; default `codex-oauth`. */
  originator?: string | undefined;
  /** How long the issuer may take; default 10 s. */
  timeoutMs?: number | undefined;
  /** Ends the wait for the issuer; the login is removed all the same. */
  signal?: AbortSignal | undefined;
}

export interface LogoutResult {
  /** Whether there was a login to remove. */
  removed: boolean;
  /** Whether the issuer has confirmed that the login is over. `false`: it could not be told, or there was none. */
  revoked: boolean;
}

const defaultTimeoutMs = 10_000;

/**
 * Ends a login: tells the issuer, at best effort, and removes it from the store in any case, also when it cannot be
 * read. Whoever shares the store is logged out as well: ask before. Throws an AuthError (`not_writable`).
 */
export async function logout(options: LogoutOptions): Promise<LogoutResult> {
  const url = findRevokeUrl(options);
  const credentials = await options.store.read().catch(() => undefined);
  const revoked = credentials === undefined ? false : await revoke(credentials, url, options);
  return { removed: await options.store.clear(), revoked };
}

function findRevokeUrl(options: LogoutOptions): URL {
  if (options.revokeUrl !== undefined) return requireSafeUrl(options.revokeUrl, "The revoke URL");
  if (options.refreshTokenUrl !== undefined) {
    return new URL("/oauth/revoke", requireSafeUrl(options.refreshTokenUrl, "The refresh token URL"));
  }
  return requireSafeUrl(`${(options.issuer ?? defaultIssuer).replace(/\/+$/, "")}/oauth/revoke`, "The issuer");
}

async function revoke(credentials: Credentials, url: URL, options: LogoutOptions): Promise<boolean> {
  const { refreshToken } = credentials;
  const body =
    refreshToken === undefined
      ? { token: credentials.accessToken, token_type_hint: "access_token" }
      : { token: refreshToken, token_type_hint: "refresh_token", client_id: options.clientId ?? codexClientId };
  const originator = options.originator ?? "codex-oauth";
  try {
    const answer = await postOnce({
      fetch: options.fetch,
      url,
      headers: { "content-type": "application/json", originator, "user-agent": originator },
      body: JSON.stringify(body),
      timeoutMs: options.timeoutMs ?? defaultTimeoutMs,
      signal: options.signal,
    });
    return answer.ok;
  } catch {
    return false;
  }
}
