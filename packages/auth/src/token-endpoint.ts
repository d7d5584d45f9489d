import * as z from "zod/mini";
import { AuthError, loginHint } from "./auth-error.js";
import type { Tokens } from "./credentials.js";

/** The issuer's answer as far as it is of use: status, parsed JSON if it was JSON. */
export interface EndpointAnswer {
  status: number;
  ok: boolean;
  json: unknown;
  /** Whether it was a web page instead of JSON: some gateway's, not the issuer's. */
  isHtml: boolean;
}

/** Thrown when a request did not end in an answer. `sent: false`: it never reached the issuer. */
export class NoAnswerError extends Error {
  override readonly name = "NoAnswerError";
  readonly sent: boolean;
  readonly code: string | undefined;
  constructor(sent: boolean, code: string | undefined) {
    super(sent ? "The answer was lost." : "The issuer was not reached.");
    this.sent = sent;
    this.code = code;
  }
}

export interface EndpointRequest {
  fetch: typeof fetch;
  url: URL;
  headers: Record<string, string>;
  body: string;
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

const maxAnswerBytes = 1_000_000;

/**
 * POSTs once and reads the whole answer. Redirects are not followed: they would carry the token to another host.
 * Throws a NoAnswerError; causes are withheld, since a client's error may quote the request.
 */
export async function postOnce(request: EndpointRequest): Promise<EndpointAnswer> {
  const timeout = AbortSignal.timeout(request.timeoutMs);
  const signal = request.signal === undefined ? timeout : AbortSignal.any([timeout, request.signal]);
  let response: Response;
  try {
    response = await request.fetch(request.url, {
      method: "POST",
      headers: { accept: "application/json", ...request.headers },
      body: request.body,
      redirect: "manual",
      signal,
    });
  } catch (error) {
    request.signal?.throwIfAborted();
    throw new NoAnswerError(!neverSent(error), findCode(error));
  }
  let text = "";
  try {
    text = await response.text();
  } catch (error) {
    request.signal?.throwIfAborted();
    // The status alone is an answer when it is a refusal; a success without its tokens is not.
    if (response.ok) throw new NoAnswerError(true, findCode(error));
  }
  const json = text.length > maxAnswerBytes ? undefined : parseJson(text);
  return { status: response.status, ok: response.ok, json, isHtml: json === undefined && /^\s*</.test(text) };
}

const tokenText = z.nullish(z.string().check(z.regex(/^[\x21-\x7e]+$/)));
const tokenAnswer = z.looseObject({
  access_token: tokenText,
  refresh_token: tokenText,
  id_token: tokenText,
  expires_in: z.nullish(z.number()),
});

/** Reads the tokens of a successful answer; `undefined` when it holds none, or not in the form of tokens. */
export function readTokens(json: unknown, now: number): Tokens | undefined {
  const parsed = tokenAnswer.safeParse(json);
  if (!parsed.success) return undefined;
  const { access_token, refresh_token, id_token, expires_in } = parsed.data;
  if (!access_token && !refresh_token) return undefined;
  return {
    accessToken: access_token ?? undefined,
    refreshToken: refresh_token ?? undefined,
    // The Codex CLI cannot load a file whose id_token is not a JWT of three parts.
    idToken: id_token?.split(".").length === 3 ? id_token : undefined,
    expiresAt: expires_in == null ? undefined : now + expires_in * 1000,
  };
}

/** The issuer's error code, from `error.code`, `error` or `code`, in lower case; only if it looks like one. */
export function readErrorCode(json: unknown): string | undefined {
  if (typeof json !== "object" || json === null) return undefined;
  const { error, code } = json as { error?: unknown; code?: unknown };
  const nested = typeof error === "object" && error !== null ? (error as { code?: unknown }).code : error;
  // Anything else might be a token that some gateway has quoted back.
  const found = [nested, code].find((c) => typeof c === "string" && /^[a-z][a-z0-9_.-]{0,63}$/i.test(c));
  return (found as string | undefined)?.toLowerCase();
}

/** The error for an answer that tells of a passing trouble (429, 5xx, a redirect, a gateway's page). */
export function unavailable(answer: EndpointAnswer): AuthError {
  const { status } = answer;
  if (status === 429) {
    return new AuthError("issuer_unavailable", "The login issuer asks to slow down (429). Try again in a minute.", {
      code: "rate_limited",
    });
  }
  const page = answer.isHtml ? ", with a web page instead of JSON: perhaps a network filter stands in between" : "";
  const redirect = status >= 300 && status < 400 ? ", a redirect, which is not followed with a login" : "";
  return new AuthError(
    "issuer_unavailable",
    `The login issuer answered ${status}${page}${redirect}. Nothing was changed; try again later.`,
    { retryable: status >= 500, ...(status === 403 ? { code: "forbidden" as const } : {}) },
  );
}

/** The error for an issuer that was not reached at all: nothing was sent, so trying again is safe. */
export function unreachable(host: string, code: string | undefined): AuthError {
  return new AuthError(
    "issuer_unavailable",
    `The login issuer ${host} is not reachable${code === undefined ? "" : ` (${code})`}. Nothing was sent. Check the network or the proxy settings, and try again.`,
  );
}

/** The error for an answer that was lost after the refresh token had been sent. */
export function answerUnknown(detail: string): AuthError {
  return new AuthError(
    "answer_unknown",
    `The login was sent for renewal, but ${detail}. The issuer may have replaced it or not; the stored login is unchanged, and it is not sent again. ${loginHint}`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function* chain(error: unknown): Generator<Record<string, unknown>> {
  let current = error;
  for (let depth = 0; depth < 6 && typeof current === "object" && current !== null; depth += 1) {
    yield current as Record<string, unknown>;
    const { cause, errors } = current as { cause?: unknown; errors?: unknown };
    current = cause ?? (Array.isArray(errors) ? errors[0] : undefined);
  }
}

function findCode(error: unknown): string | undefined {
  for (const { code, name } of chain(error)) {
    if (typeof code === "string" && /^[A-Z][A-Z0-9_]{2,40}$/.test(code)) return code;
    if (name === "TimeoutError") return "timeout";
  }
  return undefined;
}

const beforeSending =
  /^(UND_ERR_CONNECT_TIMEOUT|ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EPROTO|ERR_TLS_.*|CERT_.*|DEPTH_ZERO_.*|SELF_SIGNED_.*|UNABLE_TO_.*|ERR_INVALID_URL)$/;

/** Whether the connection was never made: no name, no route, no handshake. */
function neverSent(error: unknown): boolean {
  for (const { code, syscall, message } of chain(error)) {
    if (typeof code === "string" && beforeSending.test(code)) return true;
    if (syscall === "connect" || syscall === "getaddrinfo") return true;
    if (typeof message === "string" && message.includes("before secure TLS connection was established")) return true;
  }
  return false;
}
