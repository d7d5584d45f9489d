import type { CodexError } from "@codex/errors";
import type { CallOutcome } from "./call.js";
import type { Sdk } from "./sdk.js";

/** What is known of the request that failed. */
interface FailedCall {
  url: string;
  requestBodyValues: unknown;
  responseHeaders?: Record<string, string> | undefined;
  responseBody?: string | undefined;
}

/**
 * A failure as the AI SDK knows failures: its status is the true one, and whether it is tried again is decided by what
 * happened, not by the status, so that a usage limit is not. The CodexError is its `cause`.
 */
function toApiCallError(sdk: Pick<Sdk, "APICallError">, error: CodexError, call: FailedCall): Error {
  return new sdk.APICallError({
    message: error.message,
    url: call.url,
    requestBodyValues: call.requestBodyValues,
    statusCode: error.status,
    ...(call.responseHeaders !== undefined && { responseHeaders: call.responseHeaders }),
    ...(call.responseBody !== undefined && { responseBody: call.responseBody }),
    cause: error,
    isRetryable: error.retryable,
    data: { error: { message: error.message, code: error.code, param: error.param ?? null } },
  });
}

/** What is known of a call's failure, in place of what the SDK made of it. Anything else that was thrown stays as it is. */
export function explain(sdk: Pick<Sdk, "APICallError">, { error }: CallOutcome, thrown: unknown): unknown {
  if (error === undefined || error.code === "aborted") return thrown;
  const known = sdk.APICallError.isInstance(thrown) ? thrown : { url: "", requestBodyValues: {} };
  return toApiCallError(sdk, error, known);
}
