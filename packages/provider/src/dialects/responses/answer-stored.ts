import { CodexError } from "@codex/errors";
import { speaksCodex } from "../../canonical/caller.js";
import type { ResponseObject } from "../../canonical/events.js";
import { isPublicItem, withPublicItems } from "../../canonical/public-api.js";
import type { ResponseStore } from "../../responses-store/store.js";
import { listInputItems } from "./list-input-items.js";

/** What can be asked about a kept response: `GET`, `DELETE`, `GET .../input_items` and `POST .../cancel`. */
export type StoredAction = "retrieve" | "delete" | "input_items" | "cancel";

export interface StoredRequest {
  action: StoredAction;
  id: string;
  /** As in `ExchangeRequest`. Default: an empty string. */
  owner?: string;
  /** The caller's headers, names in lower case: they tell whether it knows items that the public API does not have. */
  headers?: Readonly<Record<string, string | undefined>>;
  /** Default: no query. */
  query?: URLSearchParams;
}

/**
 * The JSON that answers a question about a kept response. Throws `response_not_found` (a 404 in the words of OpenAI's API)
 * for an id that there is not, or not for this owner, and `request_invalid` with `param`.
 */
export async function answerStored(
  { responseStore: store }: { readonly responseStore?: ResponseStore | undefined },
  { action, id, owner = "", headers = {}, query = new URLSearchParams() }: StoredRequest,
): Promise<string> {
  if (action === "delete") {
    if (!(await store?.delete(owner, id))) throw unknown(id);
    return JSON.stringify({ id, object: "response", deleted: true });
  }
  const stored = await store?.get(owner, id);
  if (stored === undefined) throw unknown(id);
  switch (action) {
    case "input_items":
      return JSON.stringify(listInputItems(stored, query, speaksCodex(headers) ? undefined : isPublicItem));
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
      return speaksCodex(headers) ? stored.response : publicResponse(stored.response);
  }
}

/** As it was kept, in nearly all cases. */
function publicResponse(json: string): string {
  const response = JSON.parse(json) as ResponseObject;
  const known = withPublicItems(response);
  return known === response ? json : JSON.stringify(known);
}

function unknown(id: string): CodexError {
  return new CodexError("response_not_found", `Response with id '${id.slice(0, 200)}' not found.`);
}
