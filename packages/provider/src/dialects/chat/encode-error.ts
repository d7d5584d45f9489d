import type { CodexError } from "@codex/errors";
import { type ErrorBody, errorBody } from "../openai/error-body.js";
import { dataEvent } from "../openai/framing.js";

/** The body of an error answer. */
export function encodeChatError(error: CodexError): { error: ErrorBody } {
  return { error: errorBody(error) };
}

/** The in-band error of a chat stream, which the OpenAI SDK throws; no `[DONE]` follows, since nothing is done. */
export function encodeChatStreamError(error: CodexError): string {
  return dataEvent(JSON.stringify(encodeChatError(error)));
}
