import type { CodexError } from "@codex/errors";
import { type EventData, isFailure, isTerminal, type ResponseEvent } from "../canonical/events.js";
import { failureFromEvent } from "./failure.js";

/** The position of the event that ends the stream. Its own function, since the loop runs over every event. */
export function findEnd(
  batch: readonly ResponseEvent[],
  onCodexEvent: ((event: ResponseEvent) => void) | undefined,
): number | undefined {
  let plainType = "";
  for (let i = 0; i < batch.length; i++) {
    const event = batch[i] as ResponseEvent;
    if (event.type === plainType) continue;
    if (isTerminal(event.type) || isFailure(event.type)) return i;
    if (event.type.startsWith("codex.")) onCodexEvent?.(event);
    else plainType = event.type;
  }
  return undefined;
}

/** The failure that an end tells of: a response may say of itself that it has failed, whatever the event is called. */
export function failureAtEnd(last: ResponseEvent, now: number): CodexError | undefined {
  if (isFailure(last.type)) return failureFromEvent(last.data, now);
  const { response } = last.data;
  if (response?.status !== "failed" && response?.status !== "cancelled") return undefined;
  const error = response.error ?? { message: `The backend ended the answer as ${response.status}.` };
  return failureFromEvent({ ...last.data, response: { ...response, error } } as EventData, now);
}

/** The event that ends the answer where only its blank line is missing; undefined for one that was cut off. */
export function wholeEnd(parser: { end(): ResponseEvent | undefined }): ResponseEvent | undefined {
  try {
    const last = parser.end();
    return last && (isTerminal(last.type) || isFailure(last.type)) && last.data ? last : undefined;
  } catch {
    return undefined;
  }
}
