import type { Session } from "@codex/auth";
import { CodexError, isCodexError } from "@codex/errors";
import { toTransportError } from "@codex/transport";
import { failureFromResponse } from "./failure.js";
import { accountHeaders, type Identity } from "./headers.js";
import { readLimited } from "./limited-body.js";

export interface AccountGetParts {
  session: Session;
  fetch: typeof globalThis.fetch;
  identity: Identity;
  /** Milliseconds since 1970. */
  now: () => number;
}

export interface AccountAnswer {
  /** 2xx, or 304. */
  status: number;
  headers: Headers;
  text: string;
}

/** Asks the backend for something small in the account's name. Throws a CodexError for every other answer. */
export type AccountGet = (
  request: { url: string; headers?: Record<string, string>; maxBytes: number },
  signal: AbortSignal,
) => Promise<AccountAnswer>;

/** The same with something to say, as JSON. */
export type AccountPost = (
  request: { url: string; body: unknown; maxBytes: number },
  signal: AbortSignal,
) => Promise<AccountAnswer>;

/** `GET` with the login's headers. */
export function createAccountGet(parts: AccountGetParts): AccountGet {
  const ask = createAsk(parts);
  return ({ url, headers, maxBytes }, signal) => ask({ url, init: {}, headers: headers ?? {}, maxBytes }, signal);
}

/** `POST` with the login's headers. */
export function createAccountPost(parts: AccountGetParts): AccountPost {
  const ask = createAsk(parts);
  return ({ url, body, maxBytes }, signal) => {
    const init = { method: "POST", body: JSON.stringify(body) };
    return ask({ url, init, headers: { "content-type": "application/json" }, maxBytes }, signal);
  };
}

/** A 401 is answered by one refreshed token, as for any request. */
function createAsk({ session, fetch, identity, now }: AccountGetParts) {
  const send = async (url: string, init: RequestInit, signal: AbortSignal) => {
    try {
      return await fetch(url, { ...init, signal, redirect: "error" });
    } catch (error) {
      throw explain(error, url, signal);
    }
  };
  return async (
    asked: { url: string; init: RequestInit; headers: Record<string, string>; maxBytes: number },
    signal: AbortSignal,
  ): Promise<AccountAnswer> => {
    const { url, init, headers: more, maxBytes } = asked;
    let access = await session.current(signal);
    for (let isRetry = false; ; isRetry = true) {
      const response = await send(url, { ...init, headers: { ...accountHeaders(access, identity), ...more } }, signal);
      if (response.status === 401 && !isRetry) {
        await response.body?.cancel();
        access = await session.refresh(access, signal);
        continue;
      }
      const text = await readLimited(response, maxBytes).catch((error: unknown) => {
        throw explain(error, url, signal);
      });
      if (response.ok || response.status === 304) return { status: response.status, headers: response.headers, text };
      throw failureFromResponse(response.status, Object.fromEntries(response.headers), text, now());
    }
  };
}

/** What a `fetch` failed with, in our words; a time limit of the caller's is the backend's silence. */
function explain(error: unknown, url: string, signal: AbortSignal): unknown {
  if (isCodexError(error)) return error;
  const { origin } = new URL(url);
  if (!signal.aborted) return toTransportError(error, { origin, answered: false });
  if ((signal.reason as Error | undefined)?.name !== "TimeoutError") return signal.reason;
  return new CodexError("upstream_timeout", `The backend at ${origin} did not answer in time. Try again.`, {
    cause: error,
  });
}
