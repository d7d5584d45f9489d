import { AuthError } from "./auth-error.js";
import { type AccessContext, describeTokens, toAccessContext } from "./credentials.js";
import type { Session } from "./session.js";
import type { LoginStatus } from "./status.js";
import { withSignal } from "./with-signal.js";

/** What a caller's own source of tokens may return: the bare token, or what it knows about it as well. */
export type InjectedToken = string | { accessToken: string; accountId?: string | undefined };

export interface InjectedSessionOptions {
  /** Asked for a token whenever the last one is missing, due, or refused (`rejected`). */
  getAccessToken: (request: { rejected?: AccessContext | undefined }) => InjectedToken | Promise<InjectedToken>;
  /** Where the token comes from, for messages and status lines. */
  location: string;
  /** What to do when the token does not work, for messages. */
  hint: string;
  /** Unix milliseconds; default Date.now. */
  now?: (() => number) | undefined;
}

/** How long before its end a token is asked for anew. */
const bufferMs = 60_000;

/** A session on tokens that somebody else keeps and renews, a server's own vault for example. */
export function createInjectedSession(options: InjectedSessionOptions): Session {
  const now = options.now ?? Date.now;
  const listeners = new Set<(context: AccessContext | undefined) => void>();
  let context: AccessContext | undefined;
  let ready: Promise<AccessContext> | undefined;
  let pending: Promise<AccessContext> | undefined;

  async function ask(rejected?: AccessContext): Promise<AccessContext> {
    const given = await options.getAccessToken({ rejected });
    const { accessToken, accountId } =
      typeof given === "string" ? { accessToken: given } : { accountId: undefined, ...given };
    const next = readToken(accessToken, accountId, options);
    if (next.expiresAt !== undefined && next.expiresAt <= now()) {
      throw new AuthError("no_refresh_token", `The token from ${options.location} has expired. ${options.hint}`);
    }
    if (next.accessToken === rejected?.accessToken) {
      throw new AuthError(
        "no_refresh_token",
        `The backend refuses the token from ${options.location}. ${options.hint}`,
      );
    }
    if (context?.accessToken === next.accessToken) return context;
    context = next;
    ready = Promise.resolve(next);
    for (const listener of [...listeners]) {
      try {
        listener(next);
      } catch {
        // The token is as good as before.
      }
    }
    return next;
  }

  function shared(rejected?: AccessContext): Promise<AccessContext> {
    pending ??= ask(rejected).finally(() => {
      pending = undefined;
    });
    return pending;
  }

  return {
    current: (signal) => {
      if (
        ready !== undefined &&
        !signal?.aborted &&
        now() < (context?.expiresAt ?? Number.POSITIVE_INFINITY) - bufferMs
      ) {
        return ready;
      }
      return withSignal(() => shared(), signal);
    },
    refresh: (rejected, signal) =>
      withSignal(async () => {
        // What is being asked for already was asked for without knowing of the refusal.
        const other = await pending?.catch(() => undefined);
        if (other !== undefined && other.accessToken !== rejected.accessToken) return other;
        return await shared(rejected);
      }, signal),
    reread: (signal) => withSignal(() => shared(), signal),
    onChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    status: async () => describe(await shared().catch((error: unknown) => error), options.location),
    close: () => {},
  };
}

export interface EnvironmentSessionOptions {
  /** The text of CODEX_ACCESS_TOKEN: a bare access token, which cannot be renewed. */
  accessToken: string;
  /** For tokens that do not name their account. */
  accountId?: string | undefined;
  /** Unix milliseconds; default Date.now. */
  now?: (() => number) | undefined;
}

/** A session on the bare access token of the environment, as used in CI. It is never renewed nor stored. */
export function createEnvironmentSession(options: EnvironmentSessionOptions): Session {
  return createInjectedSession({
    getAccessToken: () => ({ accessToken: options.accessToken, accountId: options.accountId }),
    location: "CODEX_ACCESS_TOKEN",
    hint: "Set CODEX_ACCESS_TOKEN to a fresh token, or unset it to use the stored login.",
    now: options.now,
  });
}

function readToken(raw: string, accountId: string | undefined, options: InjectedSessionOptions): AccessContext {
  const accessToken = raw.trim();
  if (!/^[\x21-\x7e]+$/.test(accessToken)) {
    throw new AuthError("unknown_layout", `What ${options.location} holds is not a token. ${options.hint}`);
  }
  return toAccessContext(describeTokens({ accessToken, accountId }));
}

function describe(outcome: unknown, location: string): LoginStatus {
  const base = {
    renewable: false,
    store: "environment",
    location,
    lock: "none",
    warnings: [],
  } satisfies Partial<LoginStatus>;
  if (outcome instanceof Error) {
    const expired = outcome instanceof AuthError && outcome.reason === "no_refresh_token";
    return { ...base, warnings: [], state: expired ? "expired" : "broken", problem: outcome.message };
  }
  const { email, accountId, planType, isFedramp, expiresAt } = outcome as AccessContext;
  return { ...base, warnings: [], state: "signed_in", email, accountId, planType, isFedramp, expiresAt };
}
