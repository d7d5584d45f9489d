import { CodexError, isCodexError } from "@codex/errors";

/** What an aborted request failed with: the signal's own reason where that is an error of ours, else the caller's leaving. */
export function abortedError(signal: AbortSignal, cause?: unknown): CodexError {
  if (isCodexError(signal.reason)) return signal.reason;
  return new CodexError("aborted", "The request was cancelled by the caller.", { cause });
}
