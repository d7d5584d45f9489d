import * as z from "zod/mini";
import { AuthError, loginHint } from "../auth-error.js";
import { isTime } from "../claims.js";
import type { Tokens } from "../credentials.js";
import type { EndpointAnswer } from "./post.js";

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
    expiresAt: expires_in == null || !isTime(now + expires_in * 1000) ? undefined : now + expires_in * 1000,
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
