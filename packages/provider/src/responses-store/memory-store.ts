import type { ResponseStore, StoredResponse, StoredTurn } from "../responses-store.js";

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
  stored: StoredResponse;
  expiresAt: number;
}

/** What an entry costs beside its texts, roughly. */
const entryBytes = 512;
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
  const uses = new Map<StoredTurn, number>();
  let bytes = 0;
  let sweptAt = now();

  function add(key: string, stored: StoredResponse): void {
    entries.set(key, { stored, expiresAt: now() + maxAgeMs });
    bytes += entryBytes + bytesOf(stored.response);
    for (const turn of stored.turns) {
      const known = uses.get(turn) ?? 0;
      uses.set(turn, known + 1);
      if (known === 0) bytes += bytesOf(turn.json);
    }
    for (const itemId of stored.itemIds) holders.set(keyOf(stored.owner, itemId), key);
  }

  function remove(key: string, { stored }: Entry): void {
    entries.delete(key);
    bytes -= entryBytes + bytesOf(stored.response);
    for (const turn of stored.turns) {
      const left = (uses.get(turn) ?? 1) - 1;
      if (left > 0) uses.set(turn, left);
      else {
        uses.delete(turn);
        bytes -= bytesOf(turn.json);
      }
    }
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
    return entry.stored;
  }

  function makeRoom(): void {
    const time = now();
    if (time - sweptAt >= sweepMs) {
      sweptAt = time;
      for (const [key, entry] of entries) if (entry.expiresAt <= time) remove(key, entry);
    }
    for (const [key, entry] of entries) {
      if (bytes <= maxBytes) return;
      remove(key, entry);
    }
  }

  return {
    put(stored) {
      const key = keyOf(stored.owner, stored.id);
      const known = entries.get(key);
      if (known !== undefined) remove(key, known);
      // It would push out everything else and then itself.
      if (sizeOf(stored) > maxBytes) return;
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
      return bytes;
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

function sizeOf(stored: StoredResponse): number {
  return stored.turns.reduce((sum, turn) => sum + bytesOf(turn.json), entryBytes + bytesOf(stored.response));
}

/** Node keeps a text that is all ASCII in one byte a letter; others it may keep in two. */
function bytesOf(text: string): number {
  return Buffer.byteLength(text) === text.length ? text.length : text.length * 2;
}
