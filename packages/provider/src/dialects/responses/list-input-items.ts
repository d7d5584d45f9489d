import { createHash } from "node:crypto";
import { CodexError } from "@codex/errors";
import type { InputItem } from "../../canonical/request.js";
import { itemsOf } from "../../responses-store/recall.js";
import type { StoredResponse } from "../../responses-store/store.js";
import { readKeptInput } from "./read-kept-input.js";

/** A page of a response's input items. */
export interface InputItemList {
  object: "list";
  data: InputItem[];
  first_id: string | null;
  last_id: string | null;
  has_more: boolean;
}

/** The query of `GET /v1/responses/{id}/input_items`, as text. */
export type ListQuery = Readonly<Pick<URLSearchParams, "get">>;

const idPrefixes: Readonly<Record<string, string>> = {
  message: "msg",
  reasoning: "rs",
  function_call: "fc",
  function_call_output: "fco",
  custom_tool_call: "ctc",
  custom_tool_call_output: "ctco",
  web_search_call: "ws",
  image_generation_call: "ig",
};

/**
 * All that the model was shown before a response, earlier turns included, newest first unless `order=asc`: 20 items a
 * page, or `limit` from 1 to 100, from behind the item `after`. Throws `request_invalid` with `param`.
 * @param isListed default: all are
 */
export function listInputItems(
  stored: StoredResponse,
  query: ListQuery,
  isListed: (item: InputItem) => boolean = () => true,
): InputItemList {
  const order = query.get("order") ?? "desc";
  if (order !== "asc" && order !== "desc") throw wrong("order", "`order` must be asc or desc.");
  const limit = Number(query.get("limit") ?? 20);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) {
    throw wrong("limit", "`limit` must be a whole number from 1 to 100.");
  }
  const items = stored.turns.flatMap((turn) =>
    itemsOf(turn, readKeptInput)
      .map((item, index) => withId(item, `${turn.key}:${index}`))
      .filter(isListed),
  );
  if (order === "desc") items.reverse();
  const after = query.get("after");
  const start = after === null || after === "" ? 0 : items.findIndex((item) => item.id === after) + 1;
  if (start === 0 && after) throw wrong("after", `There is no input item with id '${after}' in this response.`);
  const data = items.slice(start, start + limit);
  return {
    object: "list",
    data,
    first_id: (data[0]?.id as string | undefined) ?? null,
    last_id: (data.at(-1)?.id as string | undefined) ?? null,
    has_more: start + data.length < items.length,
  };
}

/** Items as callers send them have no id and no status; the API gives them both. The same item always gets the same id. */
function withId(item: InputItem, place: string): InputItem {
  const id =
    item.id ?? `${idPrefixes[item.type] ?? "item"}_${createHash("sha256").update(place).digest("hex").slice(0, 48)}`;
  return item.type === "message" ? { status: "completed", ...item, id } : { ...item, id };
}

function wrong(param: string, message: string): CodexError {
  return new CodexError("request_invalid", message, { param });
}
