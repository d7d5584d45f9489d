import type { ResponseObject } from "../../canonical/events.js";

/** Why an answer ended, in chat's words. `calls` is what it is called when tools were called. */
export function finishReason(response: ResponseObject, calls: "tool_calls" | "function_call" | undefined): string {
  if (response.status === "incomplete" || response.incomplete_details?.reason !== undefined) {
    return response.incomplete_details?.reason === "content_filter" ? "content_filter" : "length";
  }
  return calls ?? "stop";
}
