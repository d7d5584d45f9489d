import { type CodexError, isUpstreamError } from "@codex/errors";
import type { ResponseObject } from "../../canonical/events.js";
import { type ErrorBody, errorBody } from "../openai/error-body.js";
import { namedEvent } from "../openai/framing.js";

/** The body of an error answer. */
export function encodeResponsesError(error: CodexError): { error: ErrorBody } {
  return { error: errorBody(error) };
}

/**
 * The in-band `error` event. The public reference has its fields flat, the servers send them nested under `error`, and
 * clients read one or the other: it carries both.
 */
export function encodeErrorEvent(error: CodexError, sequence: number): string {
  const body = errorBody(error);
  const { message, code, param } = body;
  const event = { type: "error", code, message, param, sequence_number: sequence, error: body };
  return namedEvent("error", JSON.stringify(event));
}

/**
 * The `response.failed` event that ends a stream which had begun. Its code is the backend's own where there is one:
 * the Codex CLI decides by it whether to try again.
 */
export function encodeFailedEvent(error: CodexError, response: ResponseObject, sequence: number): string {
  const body = errorBody(error);
  const code = (isUpstreamError(error) ? error.upstreamCode : undefined) ?? body.code;
  const told = { ...body, code, message: error.message };
  const failed = { ...response, status: "failed", error: told };
  const event = { type: "response.failed", sequence_number: sequence, response: failed };
  return namedEvent(event.type, JSON.stringify(event));
}
