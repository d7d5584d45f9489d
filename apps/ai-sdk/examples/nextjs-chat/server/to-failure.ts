import { APICallError, RetryError } from "ai";
import type { Failure } from "../chat/failure";

/**
 * What the page shows of an error. The provider's errors say what to do and hold no token; anything else stays in the
 * server's log, since nobody knows what it holds.
 */
export function toFailure(error: unknown): Failure {
  if (RetryError.isInstance(error)) return toFailure(error.lastError);
  const told = APICallError.isInstance(error) ? error.cause : error;
  if (!isTold(told)) {
    return { code: "internal", message: "Something failed inside this app. Its log in the terminal has the cause." };
  }
  const { code, message, resetsAt } = told;
  return { code, message, ...(typeof resetsAt === "number" && { resetsAt }) };
}

/** For the log: what is not told to the page, told here, without the conversation that an APICallError carries. */
export function describeError(error: unknown): string {
  const { code, message } = toFailure(error);
  if (code !== "internal") return `${code}: ${message}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** The family of `@codex/errors`, by its shape. */
function isTold(error: unknown): error is Error & { code: string; resetsAt?: unknown } {
  return error instanceof Error && "code" in error && typeof error.code === "string" && "retryable" in error;
}
