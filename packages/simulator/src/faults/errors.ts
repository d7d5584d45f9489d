import type { PlainReply } from "../http/reply.js";

/** The errors that can be asked for by name, each with the body that reports of the real service show. */
export type ErrorName =
  | "instructions_not_valid"
  | "instructions_required"
  | "invalid_image"
  | "cyber_policy"
  | "context_length_exceeded"
  | "unauthorized"
  | "token_expired"
  | "token_invalidated"
  | "token_unparsable"
  | "deactivated_workspace"
  | "forbidden"
  | "cloudflare"
  | "cloudflare_challenge"
  | "not_found"
  | "usage_limit_as_404"
  | "too_large"
  | "usage_limit"
  | "usage_not_included"
  | "rate_limited"
  | "server_error"
  | "bad_gateway"
  | "overloaded"
  | "slow_down"
  | "gateway_timeout";

/** What an error's body needs to know. */
export interface ErrorContext {
  /** Unix seconds. */
  now: number;
  plan: string;
}

/** The answer of an error by name, status, headers and body. */
export function namedError(name: ErrorName, context: ErrorContext): PlainReply {
  return errors[name](context);
}

/** Whether a text names an error of the table. */
export function isErrorName(name: string): name is ErrorName {
  return Object.hasOwn(errors, name);
}

/** When a used-up window opens again, in seconds from now: as in the report that the body is taken from. */
const resetsInSeconds = 13_872;

const errors: Record<ErrorName, (context: ErrorContext) => PlainReply> = {
  instructions_not_valid: () => ({ status: 400, body: { detail: "Instructions are not valid" } }),
  instructions_required: () => ({ status: 400, body: { detail: "Instructions are required" } }),
  invalid_image: () =>
    refusal(400, "The image data you provided does not represent a valid image.", "invalid_image", "input"),
  cyber_policy: () =>
    refusal(400, "This request has been flagged for possible cybersecurity risk.", "cyber_policy", null),
  context_length_exceeded: () =>
    refusal(400, "Your input exceeds the context window of this model.", "context_length_exceeded", "input"),
  unauthorized: () => ({ status: 401, body: { detail: "Unauthorized" } }),
  token_expired: () =>
    unauthorized("Provided authentication token is expired. Please try signing in again.", "token_expired"),
  token_invalidated: () =>
    unauthorized("Your authentication token has been invalidated. Please try signing in again.", "token_invalidated"),
  token_unparsable: () => {
    const body = {
      error: {
        message: "Could not parse your authentication token. Please try signing in again.",
        type: null,
        code: "unauthorized_unknown",
        param: null,
      },
      status: 401,
    };
    const text = JSON.stringify(body);
    return {
      status: 401,
      body: text,
      headers: {
        "content-type": "text/plain; charset=utf-8",
        "x-error-json": Buffer.from(text).toString("base64"),
        "x-openai-authorization-error": "401",
        "x-openai-ide-error-code": "unauthorized_unknown",
      },
    };
  },
  deactivated_workspace: () => ({ status: 402, body: { detail: { code: "deactivated_workspace" } } }),
  forbidden: () => ({ status: 403, body: { detail: "Forbidden" } }),
  cloudflare: () => html(403, "Attention Required! | Cloudflare", "Sorry, you have been blocked"),
  cloudflare_challenge: () => html(403, "Just a moment...", "Checking your browser", { "cf-mitigated": "challenge" }),
  not_found: () => ({ status: 404, body: { detail: "Not Found" } }),
  usage_limit_as_404: (context) => ({ ...usageLimit(context), status: 404 }),
  too_large: () => ({ status: 413, body: { detail: "Request body too large" } }),
  usage_limit: (context) => usageLimit(context),
  usage_not_included: (context) => ({
    status: 429,
    body: {
      error: {
        type: "usage_not_included",
        message: "To use Codex with your ChatGPT plan, upgrade it.",
        plan_type: context.plan,
      },
    },
  }),
  rate_limited: () => ({
    status: 429,
    body: {
      error: {
        message: "Rate limit reached. Please try again in 1.2s.",
        type: "rate_limit_exceeded",
        param: null,
        code: "rate_limit_exceeded",
      },
    },
    headers: { "retry-after": "2" },
  }),
  server_error: () => serverError(500, "server_error", "The server had an error while processing your request."),
  bad_gateway: () => html(502, "502 Bad Gateway", "502 Bad Gateway"),
  overloaded: () =>
    serverError(503, "server_is_overloaded", "Our servers are currently overloaded. Please try again later."),
  slow_down: () => serverError(503, "slow_down", "Please slow down and try again later."),
  gateway_timeout: () => html(504, "504 Gateway Time-out", "504 Gateway Time-out"),
};

function refusal(status: number, message: string, code: string, param: string | null): PlainReply {
  return { status, body: { error: { message, type: "invalid_request_error", param, code } } };
}

function unauthorized(message: string, code: string): PlainReply {
  return { status: 401, body: { error: { message, type: "invalid_request_error", code, param: null }, status: 401 } };
}

function serverError(status: number, code: string, message: string): PlainReply {
  return { status, body: { error: { message, type: "server_error", param: null, code } } };
}

function usageLimit({ now, plan }: ErrorContext): PlainReply {
  return {
    status: 429,
    body: {
      error: {
        type: "usage_limit_reached",
        message: "The usage limit has been reached",
        plan_type: plan,
        resets_at: now + resetsInSeconds,
        eligible_promo: null,
        resets_in_seconds: resetsInSeconds,
      },
    },
    headers: {
      "x-codex-plan-type": plan,
      "x-codex-active-limit": "codex",
      "x-codex-primary-used-percent": "100",
      "x-codex-primary-window-minutes": "300",
      "x-codex-primary-reset-at": String(now + resetsInSeconds),
      "x-codex-primary-reset-after-seconds": String(resetsInSeconds),
      "x-codex-secondary-used-percent": "41",
      "x-codex-secondary-window-minutes": "10080",
      "x-codex-secondary-reset-at": String(now + 5 * 86_400),
      "x-codex-secondary-reset-after-seconds": String(5 * 86_400),
      "x-codex-primary-over-secondary-limit-percent": "0",
      "x-codex-credits-has-credits": "False",
      "x-codex-credits-unlimited": "False",
      "x-codex-credits-balance": "",
      "x-codex-rate-limit-reached-type": "rate_limit_reached",
    },
  };
}

function html(status: number, title: string, heading: string, headers: Record<string, string> = {}): PlainReply {
  return {
    status,
    body: `<!DOCTYPE html>\n<html lang="en">\n<head><title>${title}</title></head>\n<body><h1>${heading}</h1></body>\n</html>\n`,
    headers: {
      "content-type": "text/html; charset=UTF-8",
      server: "cloudflare",
      "cf-ray": "9a0b1c2d3e4f5061-FRA",
      ...headers,
    },
  };
}
