import { type CodexError, type CodexErrorCode, isUpstreamError } from "@codex/errors";

/** OpenAI's error object, the same in every OpenAI dialect, in-band and as the body of an error answer. */
export interface ErrorBody {
  message: string;
  type: string;
  param: string | null;
  code: string;
  /** When a usage limit ends, in Unix seconds. */
  resets_at?: number;
  /** The backend's own code, where it gave one. */
  upstream?: string;
}

/**
 * Our codes that clients know under a name of OpenAI's: LangChain stops retrying only at `insufficient_quota`, LiteLLM
 * looks for `content_policy_violation`. Every other code is ours, unchanged.
 */
const publicCodes: Partial<Record<CodexErrorCode, string>> = {
  usage_limit_reached: "insufficient_quota",
  rate_limited: "rate_limit_exceeded",
  content_policy: "content_policy_violation",
  proxy_key_invalid: "invalid_api_key",
};

/**
 * The Codex CLI reads a usage limit by its `type`, so that one is kept in the backend's spelling. OpenAI's API calls a
 * response that it does not have an invalid request.
 */
const typesByCode: Partial<Record<CodexErrorCode, string>> = {
  usage_limit_reached: "usage_limit_reached",
  payment_required: "insufficient_quota",
  response_not_found: "invalid_request_error",
};

/** The inside of `{ error: ... }`. */
export function errorBody(error: CodexError): ErrorBody {
  const body: ErrorBody = {
    message: error.message,
    type: typesByCode[error.code] ?? typeByStatus(error.status),
    param: error.param ?? null,
    code: publicCodes[error.code] ?? error.code,
  };
  if (error.resetsAt !== undefined) body.resets_at = error.resetsAt;
  if (isUpstreamError(error) && error.upstreamCode !== undefined) body.upstream = error.upstreamCode;
  return body;
}

function typeByStatus(status: number): string {
  switch (status) {
    case 401:
      return "authentication_error";
    case 402:
      return "insufficient_quota";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    case 429:
      return "rate_limit_error";
    default:
      return status >= 500 ? "server_error" : "invalid_request_error";
  }
}
