import type { Context, Exchange } from "../context.js";
import type { PlainReply } from "../http/reply.js";
import { challengeOf, clientId, type GrantStore } from "./grants.js";
import type { IssuedCredentials } from "./token-store.js";

const refusals = {
  refresh_token_expired: "Could not validate your refresh token. Please try signing in again.",
  refresh_token_reused:
    "Your refresh token has already been used to generate a new access token. Please try signing in again.",
  refresh_token_invalidated: "Your session has ended. Please log in again.",
} as const;

/** Answers `POST /oauth/token`: the exchange of a code (form) and the refresh (JSON, or a form too). */
export function answerToken(
  exchange: Exchange,
  context: Context,
  grants: GrantStore,
  accessLifetimeSeconds: number,
): PlainReply {
  const { body } = exchange.record;
  const isForm = exchange.request.headers["content-type"]?.includes("application/x-www-form-urlencoded") ?? false;
  if (typeof body !== "object" || body === null) return failure(400, "invalid_request", "The body could not be read.");
  const fields = body as Record<string, unknown>;
  switch (fields.grant_type) {
    case "authorization_code":
      return exchangeCode(fields, isForm, context, grants, accessLifetimeSeconds);
    case "refresh_token":
      return refresh(fields, isForm, exchange, context, accessLifetimeSeconds);
    default:
      return oauthError("unsupported_grant_type", "This grant type is not supported.");
  }
}

function exchangeCode(
  fields: Record<string, unknown>,
  isForm: boolean,
  context: Context,
  grants: GrantStore,
  lifetime: number,
): PlainReply {
  if (!isForm) return oauthError("invalid_request", "The body must be a form.");
  if (fields.client_id !== clientId) return oauthError("invalid_client", "Invalid client specified.");
  const grant = typeof fields.code === "string" ? grants.takeCode(fields.code) : undefined;
  if (!grant || grant.expiresAt <= context.now())
    return oauthError("invalid_grant", "The code is used, expired or unknown.");
  if (fields.redirect_uri !== grant.redirectUri) return oauthError("invalid_grant", "The redirect_uri does not match.");
  if (typeof fields.code_verifier !== "string" || challengeOf(fields.code_verifier) !== grant.challenge) {
    return oauthError("invalid_grant", "The code_verifier does not match.");
  }
  return tokens(context.tokens.issue(grant.account), lifetime);
}

function refresh(
  fields: Record<string, unknown>,
  isForm: boolean,
  exchange: Exchange,
  context: Context,
  lifetime: number,
): PlainReply {
  context.stats.refreshAttempts++;
  if (isForm && context.questions.refreshBody === "json")
    return failure(400, "invalid_request", "The body must be JSON.");
  if (fields.client_id !== clientId) return failure(401, "invalid_client", "Invalid client specified");
  if (typeof fields.refresh_token !== "string" || fields.refresh_token === "") {
    return failure(400, "invalid_request", "Missing required parameter: 'refresh_token'.");
  }
  const outcome = context.tokens.refresh(fields.refresh_token);
  if (!outcome.ok) return failure(401, outcome.code, refusals[outcome.code]);
  exchange.record.account = outcome.account.accountId;
  if (outcome.rotated) {
    context.stats.refreshes++;
    context.emit("refresh", exchange.record);
  }
  return tokens(outcome.credentials, lifetime);
}

function tokens({ account_id: _, ...issued }: IssuedCredentials, expires_in: number): PlainReply {
  return {
    status: 200,
    body: { ...issued, token_type: "Bearer", expires_in, scope: "openid profile email offline_access" },
    headers: { "cache-control": "no-store" },
  };
}

function failure(status: number, code: string, message: string): PlainReply {
  return { status, body: { error: { message, type: "invalid_request_error", param: null, code } } };
}

function oauthError(error: string, error_description: string): PlainReply {
  return { status: 400, body: { error, error_description } };
}
