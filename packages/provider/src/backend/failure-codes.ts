import type { CodexErrorCode } from "@codex/errors";

/** The backend's own error codes and types, and what they mean to a caller. Everything not listed goes by status. */
const codeTable: Readonly<Record<string, CodexErrorCode>> = {
  context_length_exceeded: "context_length_exceeded",
  insufficient_quota: "usage_limit_reached",
  usage_limit_reached: "usage_limit_reached",
  organization_spend_limit_exceeded: "usage_limit_reached",
  usage_not_included: "payment_required",
  deactivated_workspace: "payment_required",
  cyber_policy: "content_policy",
  bio_policy: "content_policy",
  misalignment_policy_violation: "content_policy",
  content_policy_violation: "content_policy",
  image_content_policy_violation: "content_policy",
  invalid_prompt: "request_invalid",
  unsupported_value: "request_invalid",
  model_not_found: "model_not_found",
  rate_limit_exceeded: "rate_limited",
  server_is_overloaded: "upstream_overloaded",
  slow_down: "upstream_overloaded",
  token_expired: "auth_expired",
  token_invalidated: "auth_expired",
  token_revoked: "auth_expired",
  unauthorized_unknown: "auth_expired",
};

/**
 * Codes of the public API for a request that is at fault itself, beyond the patterns: asked again it fails again. Those of
 * images are the `ResponseError` codes of its reference.
 */
const requestFaults: ReadonlySet<string> = new Set([
  "bad_request",
  "unknown_parameter",
  "duplicate_parameter",
  "empty_array",
  "empty_string",
  "empty_image_file",
  "failed_to_download_image",
  "file_not_found",
  "image_file_not_found",
  "image_file_too_large",
  "image_parse_error",
  "image_too_large",
  "image_too_small",
  "immutable_field",
  "null_value",
  "max_tokens_exceeded",
  "tool_choice_not_found",
]);

/** Families of such codes: `invalid_function_parameters`, `missing_required_parameter`, `string_above_max_length` ... */
const requestFaultPatterns: readonly RegExp[] = [
  /^(invalid|unsupported|malformed|missing)_\w+$/,
  /^(string|array|integer|number|decimal|object)_(above|below)_(max|min)_\w+$/,
];

/** Names of those families that are about who asks, or about what the model has made. */
const otherFaults =
  /^(invalid|unsupported|missing)_(\w*(token|api_key|auth\w*|credentials?|grant|session|country\w*)|response|(model_)?output)$/;

/** What one of the backend's names means; undefined for those that say nothing. */
export function codeByName(name: string | undefined): CodexErrorCode | undefined {
  if (name === undefined) return undefined;
  if (name.startsWith("credit_balance_")) return "usage_limit_reached";
  if (Object.hasOwn(codeTable, name)) return codeTable[name];
  return undefined;
}

/**
 * Whether names alone, as they come inside a 200, say that the request is at fault. With a status of its own an answer says
 * so by that.
 */
export function isRequestFault(code: string | undefined, type: string | undefined): boolean {
  if (code !== undefined && otherFaults.test(code)) return false;
  if (type === "invalid_request_error") return true;
  return code !== undefined && (requestFaults.has(code) || requestFaultPatterns.some((pattern) => pattern.test(code)));
}
