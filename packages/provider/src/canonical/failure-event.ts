import { UpstreamError } from "@codex/errors";
import type { ResponseEvent } from "./events.js";
import { isFields } from "./read-fields.js";

/**
 * The error that a `response.failed` or `error` event tells of, in the backend's own words. The backend client throws
 * such events as errors long before an encoder sees them; this is for events that a transform of the stream made.
 */
export function errorOfEvent(event: ResponseEvent): UpstreamError {
  const { response, error, ...own } = event.data;
  const told = [response?.error, error, own].find(isFields) ?? {};
  const message = typeof told.message === "string" ? told.message : "The backend gave up. Try again.";
  const code = typeof told.code === "string" ? { upstreamCode: told.code } : {};
  return new UpstreamError("upstream_rejected", message, code);
}
