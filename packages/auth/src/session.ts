import { toCodexError, withoutFrames } from "@codex/errors";
import { AuthError, isAuthError, loginHint } from "./auth-error.js";
import { type AccessContext, type Credentials, isOtherAccount, renewalTime, toAccessContext } from "./credentials.js";
import { codexClientId, defaultIssuer, requestRefresh } from "./refresh.js";
import { requireSafeUrl } from "./safe-url.js";
import { type LoginStatus, readStatus } from "./status.js";
import type { CredentialStore, IssueTokens } from "./stores/store.js";
import { watchStore } from "./watch.js";
import { withSignal } from "./with-signal.js";

export interface SessionOptions {
  store: CredentialStore;
  /**
   * Default: Node's own `https`, which has an answer in hand sooner than the global fetch. Give one to send refreshes
   * over connections, or through a proxy, of your own.
   */
  fetch?: typeof fetch | undefined;
  /** Unix milliseconds; default Date.now. */
  now?: (() => number) | undefined;
  /** The issuer of logins; default https://auth.openai.com. */
  issuer?: string | undefined;
  /** The token endpoint; default `/oauth/token` of the issuer. https or loopback. */
  refreshTokenUrl?: string | undefined;
  /** Default: the Codex CLI's public client id, under which its logins were made. */
  clientId?: string | undefined;
  /** Who we are; default `codex-oauth`. */
  originator?: string | undefined;
  /** Default: the originator. */
  userAgent?: string | undefined;
  /** How long the issuer may take to answer; default 30 s. */
  refreshTimeoutMs?: number | undefined;
  /** How often the store is looked at in the background; default 2 s. */
  lookIntervalMs?: number | undefined;
  /** Told in plain words of what went wrong without failing a request. */
  onWarning?: ((message: string) => void) | undefined;
}

/** One login in use: a token that is valid now, at the cost of a memory read. */
export interface Session {
  /**
   * A valid access token, from memory; renewed when it has 5 minutes left. Throws an AuthError. The signal ends this
   * caller's wait, not the renewal that others wait for as well.
   */
  current(signal?: AbortSignal): Promise<AccessContext>;
  /** Another token than the one that the backend has refused: one that another program stored, or a renewed one. */
  refresh(rejected: AccessContext, signal?: AbortSignal): Promise<AccessContext>;
  /** What the store holds now, without renewing it: after a 401 a newer token may already lie there. */
  reread(signal?: AbortSignal): Promise<AccessContext>;
  /** Calls the listener with each other token that comes into use, and with `undefined` after a logout. */
  onChange(listener: (context: AccessContext | undefined) => void): () => void;
  /** What there is to know about the login, read afresh. Renews nothing and does not throw. */
  status(): Promise<LoginStatus>;
  /** Ends the background look at the store. Not needed for a process to end. */
  close(): void;
}

/** How long a failed early renewal is left alone while the token still works. */
const retryEarlyMs = 30_000;
const defaultRefreshTimeoutMs = 30_000;
const defaultLookIntervalMs = 2_000;
/** Reasons that stay until the store changes: asking again would only spend the token again. */
const lasting = new Set(["refresh_refused", "refresh_reused", "answer_unknown", "no_refresh_token"]);

/**
 * Opens a session on a store. `current()` from the warm cache does no I/O; one renewal at a time, shared by all
 * callers. Throws an AuthError (`insecure_url`) for a token endpoint that is neither https nor loopback.
 */
export function createSession(options: SessionOptions): Session {
  const { store, onWarning } = options;
  const now = options.now ?? Date.now;
  const originator = options.originator ?? "codex-oauth";
  const refreshUrl = requireSafeUrl(
    options.refreshTokenUrl ?? `${(options.issuer ?? defaultIssuer).replace(/\/+$/, "")}/oauth/token`,
    options.refreshTokenUrl === undefined ? "The issuer" : "The refresh token URL",
  );
  const listeners = new Set<(context: AccessContext | undefined) => void>();

  let credentials: Credentials | undefined;
  let context: AccessContext | undefined;
  let ready: Promise<AccessContext> | undefined;
  let renewAt = 0;
  let pending: Promise<AccessContext> | undefined;
  let failure: { error: unknown; mark: string | undefined } | undefined;

  const issue: IssueTokens = (refreshToken, setAside) =>
    requestRefresh(refreshToken, {
      fetch: options.fetch,
      url: refreshUrl,
      clientId: options.clientId ?? codexClientId,
      headers: { originator, "user-agent": options.userAgent ?? originator },
      timeoutMs: options.refreshTimeoutMs ?? defaultRefreshTimeoutMs,
      now,
      setAside,
    });

  function keep(next: Credentials): AccessContext {
    const changed = next.accessToken !== credentials?.accessToken || next.accountId !== credentials.accountId;
    credentials = next;
    failure = undefined;
    renewAt = renewalTime(next, now());
    if (!changed && context !== undefined) return context;
    const fresh = toAccessContext(next);
    context = fresh;
    ready = Promise.resolve(fresh);
    watch.start();
    notify(fresh);
    return fresh;
  }

  function drop(): void {
    const had = context !== undefined;
    credentials = undefined;
    context = undefined;
    ready = undefined;
    if (had) notify(undefined);
  }

  function notify(next: AccessContext | undefined): void {
    for (const listener of [...listeners]) {
      try {
        listener(next);
      } catch {
        onWarning?.("A listener of the login session threw an error.");
      }
    }
  }

  async function load(): Promise<Credentials> {
    const found = await watch.read();
    if (found !== undefined) return found;
    drop();
    throw (await store.explainMissing?.()) ?? new AuthError("absent", `No login found. ${loginHint}`);
  }

  async function renew(rejected: AccessContext | undefined): Promise<AccessContext> {
    const mark = await store.modified?.();
    if (failure !== undefined && failure.mark === mark) throw failure.error;
    failure = undefined;
    try {
      return keep(await store.refreshWith(rejected, issue));
    } catch (error) {
      if (!isAuthError(error)) throw toCodexError(error);
      if (lasting.has(error.reason)) failure = { error: withoutFrames(error), mark };
      // Whose login it is now is read afresh by the next request.
      if (error.reason === "account_changed" || error.reason === "absent") drop();
      throw error;
    }
  }

  async function bring(): Promise<AccessContext> {
    const found = await load();
    const at = now();
    if (renewalTime(found, at) > at) return keep(found);
    try {
      return await renew(toAccessContext(found));
    } catch (error) {
      // Renewing comes five minutes early: as long as the token still works, its failure is no request's failure.
      if (found.expiresAt === undefined || found.expiresAt <= now() || !isAuthError(error)) throw error;
      if (error.code === "auth_changed" || error.code === "auth_missing") throw error;
      onWarning?.(error.message);
      const still = keep(found);
      renewAt = Math.min(now() + retryEarlyMs, found.expiresAt);
      return still;
    }
  }

  function shared(work: () => Promise<AccessContext>): Promise<AccessContext> {
    pending ??= work().finally(() => {
      pending = undefined;
    });
    return pending;
  }

  const watch = watchStore({
    store,
    intervalMs: options.lookIntervalMs ?? defaultLookIntervalMs,
    onWarning,
    onChange: (found) => {
      if (pending !== undefined) return;
      if (found === undefined) drop();
      else keep(found);
    },
  });

  return {
    current: (signal) => {
      if (ready !== undefined && now() < renewAt && signal?.aborted !== true) return ready;
      return withSignal(() => shared(bring), signal);
    },
    refresh: (rejected, signal) =>
      withSignal(async () => {
        if (context !== undefined && context.accessToken !== rejected.accessToken && now() < renewAt) {
          if (!isOtherAccount(context, rejected)) return context;
          throw new AuthError("account_changed", "The login belongs to another account now. Send the request again.");
        }
        // A renewal that is under way may bring the very token that is asked for.
        if (pending !== undefined) {
          const other = await pending.catch(() => undefined);
          if (other !== undefined && other.accessToken !== rejected.accessToken) return other;
        }
        return await shared(() => renew(rejected));
      }, signal),
    reread: (signal) => withSignal(async () => keep(await load()), signal),
    onChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    status: () => readStatus(store, now),
    close: () => watch.stop(),
  };
}
