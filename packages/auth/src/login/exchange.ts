import { AuthError } from "../auth-error.js";
import { readClaims } from "../claims.js";
import type { NewLogin } from "../credentials.js";
import { type EndpointAnswer, postOnce } from "../endpoint/post.js";
import { NoAnswerError } from "../endpoint/raw-answer.js";
import { readErrorCode, readTokens, unavailable, unreachable } from "../endpoint/read-answer.js";
import { codexClientId, defaultIssuer } from "../refresh.js";
import { requireSafeUrl } from "../safe-url.js";
import type { CredentialStore } from "../stores/store.js";

/** What all ways to log in share. */
export interface LoginOptions {
  /** Where the login goes when it is there. */
  store: CredentialStore;
  /** Default: Node's own `https`. */
  fetch?: typeof fetch | undefined;
  /** Default https://auth.openai.com. https or loopback. */
  issuer?: string | undefined;
  /** Default: the Codex CLI's public client id. */
  clientId?: string | undefined;
  /** Who we are, shown to the issuer; default `codex-oauth`. */
  originator?: string | undefined;
  /** Unix milliseconds; default Date.now. */
  now?: (() => number) | undefined;
  /** Ends the login, e.g. on Ctrl-C. */
  signal?: AbortSignal | undefined;
  /** How long the person may take. */
  timeoutMs?: number | undefined;
}

/** The options with their defaults, and the issuer as a URL without a slash at its end. */
export interface ResolvedLogin {
  store: CredentialStore;
  fetch: typeof fetch | undefined;
  issuer: string;
  clientId: string;
  originator: string;
  now: () => number;
}

const answerTimeoutMs = 30_000;

/** Fills in the defaults. Throws an AuthError (`insecure_url`) for an issuer that is neither https nor loopback. */
export function resolveLogin(options: LoginOptions): ResolvedLogin {
  const issuer = (options.issuer ?? defaultIssuer).replace(/\/+$/, "");
  requireSafeUrl(issuer, "The issuer");
  return {
    store: options.store,
    fetch: options.fetch,
    issuer,
    clientId: options.clientId ?? codexClientId,
    originator: options.originator ?? "codex-oauth",
    now: options.now ?? Date.now,
  };
}

/** POSTs JSON or a form to the issuer. Throws an AuthError when it is not reached or does not answer. */
export async function askIssuer(
  login: ResolvedLogin,
  path: string,
  body: Record<string, string>,
  form: "json" | "form",
  signal?: AbortSignal,
): Promise<EndpointAnswer> {
  const url = new URL(login.issuer + path);
  try {
    return await postOnce({
      fetch: login.fetch,
      url,
      headers: {
        "content-type": form === "json" ? "application/json" : "application/x-www-form-urlencoded",
        originator: login.originator,
        "user-agent": login.originator,
      },
      body: form === "json" ? JSON.stringify(body) : new URLSearchParams(body).toString(),
      timeoutMs: answerTimeoutMs,
      signal,
    });
  } catch (error) {
    if (!(error instanceof NoAnswerError)) throw error;
    if (!error.sent) throw unreachable(url.host, error.code);
    throw new AuthError("issuer_unavailable", `The login issuer ${url.host} did not answer. Start the login again.`);
  }
}

/** Trades an authorization code for a login, once. Throws an AuthError (`login_failed`). */
export async function exchangeCode(
  login: ResolvedLogin,
  grant: { code: string; redirectUri: string; verifier: string },
  signal?: AbortSignal,
): Promise<NewLogin> {
  const body = {
    grant_type: "authorization_code",
    code: grant.code,
    redirect_uri: grant.redirectUri,
    client_id: login.clientId,
    code_verifier: grant.verifier,
  };
  const answer = await askIssuer(login, "/oauth/token", body, "form", signal);
  if (!answer.ok) throw loginRefused(answer);
  const tokens = readTokens(answer.json, login.now());
  if (tokens?.accessToken === undefined || tokens.refreshToken === undefined || tokens.idToken === undefined) {
    throw new AuthError("login_failed", "The issuer's answer does not hold a whole login. Start the login again.");
  }
  const accountId = readClaims(tokens.idToken).accountId ?? readClaims(tokens.accessToken).accountId;
  return { ...tokens, accessToken: tokens.accessToken, accountId };
}

/** The error for an answer that ends a login. */
export function loginRefused(answer: EndpointAnswer): AuthError {
  if (answer.status === 429 || answer.status >= 500 || answer.isHtml) return unavailable(answer);
  const code = readErrorCode(answer.json);
  return new AuthError(
    "login_failed",
    `The issuer refused the login (${answer.status}${code === undefined ? "" : `, ${code}`}). Start the login again.`,
  );
}
