import type { ResponseStore, StoredResponse } from "./store.js";
import { bytesOf, TurnChains, type TurnLink, turnsOf } from "./turn-chains.js";

/** Default for the size of a memory store, in bytes. */
export const defaultStoreBytes = 64 * 1024 * 1024;
/** Default for how long a memory store keeps a response, in milliseconds: a week. */
export const defaultStoreAgeMs = 7 * 24 * 60 * 60 * 1000;

export interface MemoryStoreOptions {
  /** How much it may hold, in bytes. Default `defaultStoreBytes`. The least recently used goes first. */
  maxBytes?: number | undefined;
  /** How long a response is kept, in milliseconds since it was made. Default `defaultStoreAgeMs`. */
  maxAgeMs?: number | undefined;
  /** Milliseconds since 1970. Default Date.now. */
  now?: (() => number) | undefined;
}

/** A store that ends with its process. */
export interface MemoryStore extends ResponseStore {
  put(response: StoredResponse): void;
  get(owner: string, id: string): StoredResponse | undefined;
  findItem(owner: string, itemId: string): StoredResponse | undefined;
  delete(owner: string, id: string): boolean;
  /** How much it holds, in bytes. */
  readonly bytes: number;
  /** How many responses it holds. */
  readonly size: number;
}

interface Entry {
  stored: Omit<StoredResponse, "turns">;
  turns: TurnLink | undefined;
  expiresAt: number;
}

/** What an entry costs beside its texts, roughly; and the id of an item, by which its response is found. */
const entryBytes = 512;
const itemIdBytes = 192;
/** How often all entries are looked through for old ones. */
const sweepMs = 60_000;

/**
 * The default store: bounded by bytes and by age. A response that is larger than the whole store is not kept. There is
 * no timer: what is too old is never handed out, and goes when something is put.
 */
export function createMemoryStore(options: MemoryStoreOptions = {}): MemoryStore {
  const maxBytes = options.maxBytes ?? defaultStoreBytes;
  const maxAgeMs = options.maxAgeMs ?? defaultStoreAgeMs;
  const now = options.now ?? Date.now;
  /** In the order of their last use. */
  const entries = new Map<string, Entry>();
  const holders = new Map<string, string>();
  const chains = new TurnChains();
  /** What the entries hold, turns aside. */
  let entryTotal = 0;
  let sweptAt = now();

  function add(key: string, { turns, ...stored }: StoredResponse): void {
    const link = chains.hold(turns);
    const size = sizeOfEntry(stored);
    // It would push out everything else and then itself.
    if (size + (link?.total ?? 0) > maxBytes) {
      chains.release(link);
      return;
    }
    entries.set(key, { stored, turns: link, expiresAt: now() + maxAgeMs });
    entryTotal += size;
    for (const itemId of stored.itemIds) holders.set(keyOf(stored.owner, itemId), key);
  }

  function remove(key: string, { stored, turns }: Entry): void {
    entries.delete(key);
    entryTotal -= sizeOfEntry(stored);
    chains.release(turns);
    for (const itemId of stored.itemIds) {
      const itemKey = keyOf(stored.owner, itemId);
      if (holders.get(itemKey) === key) holders.delete(itemKey);
    }
  }

  /** The entry, now the most recently used, unless it is too old. */
  function use(key: string): StoredResponse | undefined {
    const entry = entries.get(key);
    if (entry === undefined) return undefined;
    if (entry.expiresAt <= now()) {
      remove(key, entry);
      return undefined;
    }
    entries.delete(key);
    entries.set(key, entry);
    const link = entry.turns;
    return {
      ...entry.stored,
      // Whoever looks for an item alone does not pay for the turns of a long conversation.
      get turns() {
        return turnsOf(link);
      },
    };
  }

  const bytes = () => entryTotal + chains.bytes;

  function makeRoom(): void {
    const time = now();
    if (time - sweptAt >= sweepMs) {
      sweptAt = time;
      for (const [key, entry] of entries) if (entry.expiresAt <= time) remove(key, entry);
    }
    for (const [key, entry] of entries) {
      if (bytes() <= maxBytes) return;
      remove(key, entry);
    }
  }

  return {
    put(stored) {
      const key = keyOf(stored.owner, stored.id);
      const known = entries.get(key);
      if (known !== undefined) remove(key, known);
      add(key, stored);
      makeRoom();
    },
    get: (owner, id) => use(keyOf(owner, id)),
    findItem(owner, itemId) {
      const key = holders.get(keyOf(owner, itemId));
      return key === undefined ? undefined : use(key);
    },
    delete(owner, id) {
      const key = keyOf(owner, id);
      if (use(key) === undefined) return false;
      remove(key, entries.get(key) as Entry);
      return true;
    },
    get bytes() {
      return bytes();
    },
    get size() {
      return entries.size;
    },
  };
}

/** No owner and no id can be spelled so that it reads as another pair. */
function keyOf(owner: string, id: string): string {
  return `${owner.length}:${owner}${id}`;
}

function sizeOfEntry({ id, owner, response, itemIds }: Omit<StoredResponse, "turns">): number {
  const ids = itemIds.reduce((sum, itemId) => sum + itemIdBytes + bytesOf(itemId) + bytesOf(owner), 0);
  return entryBytes + bytesOf(response) + 2 * (bytesOf(id) + bytesOf(owner)) + ids;
}
