import { AuthError } from "../auth-error.js";
import type { Credentials } from "../credentials.js";
import { buildAuthorizeUrl, type Redirect, readRedirect } from "./authorize-url.js";
import { callbackPorts, startCallbackServer } from "./callback-server.js";
import { exchangeCode, type LoginOptions, type ResolvedLogin, resolveLogin } from "./exchange.js";
import { describeFailure, describeSuccess } from "./page.js";
import { createPkce, createState } from "./pkce.js";
import { createTimeLimit } from "./time-limit.js";

export interface BrowserLoginOptions extends LoginOptions {
  /** Called with the page to open: open it, print it, or both. What it throws does not end the login. */
  onUrl: (url: string) => unknown;
  /**
   * Asks the person for the address that the browser ended at, where the browser is on another machine. Asked again
   * with the problem when the address is not the right one. The signal ends the question when the browser was faster.
   */
  paste?: ((question: { problem?: string | undefined; signal: AbortSignal }) => Promise<string>) | undefined;
  /** Default 1455, then 1457: the ones that the issuer accepts. */
  ports?: readonly number[] | undefined;
  /** Default: the scopes of the Codex CLI. */
  scope?: string | undefined;
}

const defaultTimeoutMs = 10 * 60_000;

/**
 * Logs in by a browser, with PKCE and state, and stores the login. Ends after 10 minutes (`login_timeout`), at the
 * person's no (`login_denied`), at an abort, or with `login_failed`; nothing stays open in any case.
 */
export async function loginWithBrowser(options: BrowserLoginOptions): Promise<Credentials> {
  const login = resolveLogin(options);
  const limit = createTimeLimit(options.timeoutMs ?? defaultTimeoutMs, options.signal);
  const { verifier, challenge } = createPkce();
  const state = createState();
  let settle: { resolve: (credentials: Credentials) => void; reject: (error: unknown) => void };
  const outcome = new Promise<Credentials>((resolve, reject) => {
    settle = { resolve, reject };
  });
  outcome.catch(() => {});
  let redirectUri = "";
  let taken = false;

  /** Ends the login with what came back, once; a wrong state ends nothing, since anybody can send one. */
  async function finish(redirect: Exclude<Redirect, { problem: string }>): Promise<Credentials> {
    if (taken) return await outcome;
    taken = true;
    try {
      if ("error" in redirect) throw redirect.error;
      const credentials = await complete(login, { code: redirect.code, redirectUri, verifier }, limit.signal);
      settle.resolve(credentials);
      return credentials;
    } catch (error) {
      settle.reject(error);
      throw error;
    }
  }

  limit.throwIfOver();
  const listening = async () => {
    await login.store.prove?.();
    return await startCallbackServer({
      ports: options.ports ?? callbackPorts,
      onCallback: async (url) => {
        const redirect = readRedirect(url, state);
        if ("problem" in redirect) return { status: 400, title: "Not this login", text: redirect.problem, good: false };
        return await finish(redirect).then(describeSuccess, describeFailure);
      },
      onCancel: () => settle.reject(new AuthError("login_failed", "Another program's login has taken over the port.")),
    });
  };
  const server = await listening().catch((error: unknown) => {
    limit.end();
    throw error;
  });
  const answered = new AbortController();
  try {
    redirectUri = server.redirectUri;
    const url = buildAuthorizeUrl(login, { redirectUri, challenge, state, scope: options.scope });
    void Promise.resolve()
      .then(() => options.onUrl(url))
      .catch(() => {});
    if (options.paste !== undefined) {
      const signal = AbortSignal.any([limit.signal, answered.signal]);
      void askForPaste(options.paste, state, signal, finish).catch((error: unknown) => settle.reject(error));
    }
    return await limit.race(outcome);
  } finally {
    answered.abort();
    limit.end();
    await server.close();
  }
}

async function complete(
  login: ResolvedLogin,
  grant: { code: string; redirectUri: string; verifier: string },
  signal: AbortSignal,
): Promise<Credentials> {
  return await login.store.write(await exchangeCode(login, grant, signal));
}

async function askForPaste(
  paste: NonNullable<BrowserLoginOptions["paste"]>,
  state: string,
  signal: AbortSignal,
  finish: (redirect: Exclude<Redirect, { problem: string }>) => Promise<Credentials>,
): Promise<void> {
  let problem: string | undefined;
  while (!signal.aborted) {
    const text = await paste({ problem, signal });
    if (signal.aborted) return;
    const redirect = readRedirect(text, state);
    if (!("problem" in redirect)) {
      await finish(redirect).catch(() => {});
      return;
    }
    problem = redirect.problem;
  }
}
