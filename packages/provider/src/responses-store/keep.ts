import type { OutputItem } from "../canonical/events.js";
import type { InputItem } from "../canonical/request.js";
import type { ResponseStore } from "../responses-store.js";
import type { RecalledTurns } from "./recall.js";

/** What is kept beside an answer itself. */
export interface KeptInput {
  owner: string;
  recalled: RecalledTurns;
  /** The items that this request brought. */
  input: readonly InputItem[];
}

/**
 * Puts an answer into the store, before its caller can ask for it. What a store fails with is told and not thrown: the
 * answer itself is whole. An answer without an id can't be asked for.
 * @param json the response as JSON, where it is at hand
 */
export function keepResponse(
  store: ResponseStore,
  response: { id?: string; output?: OutputItem[] },
  { owner, recalled, input }: KeptInput,
  onFailure: (error: unknown) => void,
  json?: string,
): void | Promise<void> {
  const { id } = response;
  if (typeof id !== "string" || id === "") return;
  const itemIds = (response.output ?? []).flatMap((item) => item.id ?? []);
  try {
    const own = { key: `${id}:input`, items: JSON.stringify(input) };
    const turns = input.length === 0 ? recalled.turns : [...recalled.turns, own];
    const kept = store.put({ id, owner, turns, response: json ?? JSON.stringify(response), itemIds });
    return kept?.catch(onFailure);
  } catch (error) {
    onFailure(error);
  }
}
