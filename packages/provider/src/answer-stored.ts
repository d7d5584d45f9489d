import { CodexError } from "@codex/errors";
import { listInputItems } from "./responses-store/list-input-items.js";
import type { ResponseStore } from "./responses-store.js";

/** What can be asked about a kept response: `GET`, `DELETE`, `GET .../input_items` and `POST .../cancel`. */
export type StoredAction = "retrieve" | "delete" | "input_items" | "cancel";

export interface StoredRequest {
  action: StoredAction;
  id: string;
  /** As in `ExchangeRequest`. Default: an empty string. */
  owner?: string;
  /** Default: no query. */
  query?: URLSearchParams;
}

/**
 * The JSON that answers a question about a kept response. Throws `response_not_found` (a 404 in the words of OpenAI's API)
 * for an id that there is not, or not for this owner, and `request_invalid` with `param`.
 */
export async function answerStored(
  { responseStore: store }: { readonly responseStore?: ResponseStore | undefined },
  { action, id, owner = "", query = new URLSearchParams() }: StoredRequest,
): Promise<string> {
  if (action === "delete") {
    if (!(await store?.delete(owner, id))) throw unknown(id);
    return JSON.stringify({ id, object: "response", deleted: true });
  }
  const stored = await store?.get(owner, id);
  if (stored === undefined) throw unknown(id);
  switch (action) {
    case "input_items":
      return JSON.stringify(listInputItems(stored, query));
    case "cancel":
      throw new CodexError(
        "request_invalid",
        "Only responses made with `background: true` can be cancelled, and there are none here. To stop a response while it streams, close its connection.",
        { param: "background" },
      );
    case "retrieve":
      // Only what is still being made in the background can be streamed again.
      if (query.get("stream") === "true") {
        throw new CodexError("request_invalid", "A kept response can't be streamed again. Leave `stream` out.", {
          param: "stream",
        });
      }
      return stored.response;
  }
}

function unknown(id: string): CodexError {
  return new CodexError("response_not_found", `Response with id '${id.slice(0, 200)}' not found.`);
}
