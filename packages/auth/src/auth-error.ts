import { CodexError, type CodexErrorCode, type CodexErrorOptions } from "@codex/errors";

/** What is wrong with a login, finer than an error code: status lines and exit codes are made from it. */
export type AuthReason =
  | "absent"
  | "keyring_only"
  | "unreadable"
  | "broken"
  | "unknown_layout"
  | "api_key_only"
  | "no_refresh_token"
  | "refresh_refused"
  | "refresh_reused"
  | "answer_unknown"
  | "not_writable"
  | "account_changed"
  | "too_young"
  | "lock_timeout"
  | "issuer_unavailable"
  | "insecure_url"
  | "store_unavailable"
  | "login_failed"
  | "login_denied"
  | "login_timeout";

/** The error code of each reason. */
const codeByReason: Record<AuthReason, CodexErrorCode> = {
  absent: "auth_missing",
  keyring_only: "auth_missing",
  unreadable: "auth_missing",
  broken: "auth_missing",
  unknown_layout: "auth_missing",
  api_key_only: "auth_missing",
  no_refresh_token: "auth_expired",
  refresh_refused: "auth_expired",
  refresh_reused: "auth_expired",
  answer_unknown: "auth_expired",
  not_writable: "auth_expired",
  account_changed: "auth_changed",
  too_young: "auth_expired",
  lock_timeout: "busy",
  issuer_unavailable: "upstream_unreachable",
  insecure_url: "request_invalid",
  store_unavailable: "auth_missing",
  login_failed: "auth_missing",
  login_denied: "forbidden",
  login_timeout: "upstream_timeout",
};

export interface AuthErrorOptions extends CodexErrorOptions {
  /** The error code; default: the one that belongs to the reason. */
  code?: CodexErrorCode;
}

/** A CodexError about a login. Its message says what to do next and never holds a token, nor a part of one. */
export class AuthError extends CodexError {
  override readonly name = "AuthError";
  readonly reason: AuthReason;

  constructor(reason: AuthReason, message: string, options: AuthErrorOptions = {}) {
    super(options.code ?? codeByReason[reason], message, options);
    this.reason = reason;
  }
}

/** Whether a thrown value is an AuthError, by shape, so that two copies of this package agree. */
export function isAuthError(value: unknown): value is AuthError {
  return value instanceof Error && value.name === "AuthError" && "reason" in value;
}

/** The sentence that ends every message whose cure is a new login. */
export const loginHint = "Run `codex login` or `codex-oauth login`.";

/** The error code of a failed system call, e.g. `ENOSPC`; `undefined` for anything else. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
