import type { LeftOutItem, OutputItem, ResponseObject } from "../canonical/events.js";
import { resolveReferences } from "../canonical/item-references.js";
import { inputOf, type ReadInput, type RecalledTurns } from "./recall.js";
import type { ResponseStore, StoredTurn } from "./store.js";

/** What is kept beside an answer itself. */
export interface KeptRequest {
  owner: string;
  recalled: RecalledTurns;
  /** The request's body, parsed. */
  body: { input?: unknown };
  /** The same as JSON, where it came as that: it is kept as it is. */
  text: string | undefined;
  readInput: ReadInput;
  /** The account that has answered. */
  account?: string | undefined;
}

/**
 * Puts an answer into the store, before its caller can ask for it. What a store fails with is told and not thrown: the
 * answer itself is whole. An answer without an id can't be asked for.
 * @param json the response as JSON
 */
export function keepResponse(
  store: ResponseStore,
  response: { id?: string; output?: OutputItem[] },
  json: string,
  request: KeptRequest,
  onFailure: (error: unknown) => void,
): void | Promise<void> {
  const { id } = response;
  if (typeof id !== "string" || id === "") return;
  const itemIds = (response.output ?? []).flatMap((item) => item.id ?? []);
  try {
    const turns = [...request.recalled.turns, ownTurn(`${id}:input`, request)];
    const account = request.account === undefined ? {} : { account: request.account };
    const kept = store.put({ id, owner: request.owner, turns, response: json, itemIds, ...account });
    return kept?.catch(onFailure);
  } catch (error) {
    onFailure(error);
  }
}

/** An answer with the items that its caller did not get: the next turn needs them. */
export function withLeftOut(
  ended: { response: ResponseObject; json: string },
  leftOut: readonly LeftOutItem[] = [],
): { response: ResponseObject; json: string } {
  if (leftOut.length === 0) return ended;
  const { output = [] } = ended.response;
  const all: OutputItem[] = [];
  let next = 0;
  for (const { index, item } of leftOut) {
    while (all.length < index && next < output.length) all.push(output[next++] as OutputItem);
    all.push(item);
  }
  const response = { ...ended.response, output: [...all, ...output.slice(next)] };
  return { response, json: JSON.stringify(response) };
}

/** What it refers to may be forgotten before it is itself: then the items are kept in the place of the references. */
function ownTurn(key: string, { recalled, body, text, readInput }: KeptRequest): StoredTurn {
  if (recalled.items.size > 0) {
    return { key, kind: "items", json: JSON.stringify(resolveReferences(inputOf(body, readInput), recalled)) };
  }
  return { key, kind: "request", json: text ?? JSON.stringify({ input: body.input }) };
}
