import { CodexError } from "@codex/errors";
import type { Recalled } from "../canonical/context.js";
import { isUnset } from "../canonical/read-fields.js";
import type { InputItem } from "../canonical/request.js";
import type { ResponseStore, StoredResponse, StoredTurn } from "./store.js";

/** Reads the `input` of a request's body, which has been found to be in order when it came. */
export type ReadInput = (input: unknown) => InputItem[];

/** What a request refers to, and the turns that come before its own input. */
export interface RecalledTurns extends Recalled {
  turns: readonly StoredTurn[];
}

const nothing: RecalledTurns = { earlier: [], items: new Map(), turns: [] };

/**
 * Looks up what the body of a Responses request refers to: `previous_response_id` and items of type `item_reference`.
 * Most requests refer to nothing and wait for nothing. Throws `previous_response_not_found`; an item that is not found
 * is left out, for the backend client to note.
 */
export function recall(
  store: ResponseStore,
  owner: string,
  body: unknown,
  readInput: ReadInput,
): RecalledTurns | Promise<RecalledTurns> {
  if (typeof body !== "object" || body === null) return nothing;
  const { previous_response_id: previousId, input } = body as Record<string, unknown>;
  const itemIds = Array.isArray(input) ? referredItems(input) : [];
  const hasPrevious = typeof previousId === "string" && previousId !== "";
  if (!hasPrevious && itemIds.length === 0) return nothing;
  return lookUp(store, owner, hasPrevious ? previousId : undefined, itemIds, readInput);
}

async function lookUp(
  store: ResponseStore,
  owner: string,
  previousId: string | undefined,
  itemIds: readonly string[],
  readInput: ReadInput,
): Promise<RecalledTurns> {
  const turns = previousId === undefined ? [] : await turnsUpTo(store, owner, previousId);
  const items = new Map<string, InputItem>();
  const accounts = new Map<string, string>();
  for (const itemId of itemIds) {
    // One answer often has several of the items that are asked for.
    if (items.has(itemId)) continue;
    const holder = await store.findItem(owner, itemId);
    if (holder === undefined) continue;
    const output = outputOf(holder);
    for (const item of output) if (typeof item.id === "string") items.set(item.id, item);
    noteAccount(accounts, output, holder.account);
  }
  const earlier = turns.flatMap((turn) => {
    const found = itemsOf(turn, readInput);
    noteAccount(accounts, found, turn.account);
    return found;
  });
  return { earlier: earlier.filter(isWhole), items, turns, accounts };
}

/** By the content itself, since the items are copied on their way to the backend. */
function noteAccount(accounts: Map<string, string>, items: readonly InputItem[], account: string | undefined): void {
  if (account === undefined) return;
  for (const { encrypted_content: content } of items) if (typeof content === "string") accounts.set(content, account);
}

async function turnsUpTo(store: ResponseStore, owner: string, id: string): Promise<StoredTurn[]> {
  const previous = await store.get(owner, id);
  if (previous === undefined) {
    throw new CodexError("previous_response_not_found", `Previous response with id '${id}' not found.`, {
      param: "previous_response_id",
    });
  }
  const { account } = previous;
  const json = JSON.stringify(outputOf(previous));
  return [...previous.turns, { key: `${id}:output`, kind: "items", json, ...(account !== undefined && { account }) }];
}

/** The items of a turn. */
export function itemsOf({ kind, json }: StoredTurn, readInput: ReadInput): InputItem[] {
  return kind === "items" ? (JSON.parse(json) as InputItem[]) : inputOf(JSON.parse(json), readInput);
}

/** The items of a request's body. */
export function inputOf(body: { input?: unknown }, readInput: ReadInput): InputItem[] {
  return isUnset(body.input) ? [] : readInput(body.input);
}

function outputOf(stored: StoredResponse): InputItem[] {
  return (JSON.parse(stored.response) as { output?: InputItem[] }).output ?? [];
}

/** What was cut off in the middle of a call or of reasoning can't be sent back; a half message can. */
function isWhole(item: InputItem): boolean {
  return item.status !== "incomplete" || item.type === "message";
}

function referredItems(input: readonly unknown[]): string[] {
  const ids: string[] = [];
  for (const item of input) {
    if (typeof item !== "object" || item === null) continue;
    const { type, id } = item as Record<string, unknown>;
    if (type === "item_reference" && typeof id === "string") ids.push(id);
  }
  return ids;
}
