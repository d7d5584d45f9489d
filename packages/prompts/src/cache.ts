import { type CacheEntry, entryPath, readEntry, writeEntry } from "./cache-files.js";
import { waitFor } from "./wait.js";

export interface CacheOptions {
  /** The folder of the file cache; undefined: memory only. */
  cacheDir: string | undefined;
  now: () => number;
  ttlMs: number;
  /** The least time between two tries when the first failed. A `not_found` is left alone for the TTL. */
  retryMs: number;
  /** Limit for one fetch, all its requests together. */
  timeoutMs: number;
  onFailure: (error: unknown) => void;
}

/** Gets a text from its source. `previous` is the last one, whose etag may save the way. Rejects on any failure. */
export type Load = (previous: CacheEntry | undefined, signal: AbortSignal) => Promise<Omit<CacheEntry, "checkedAt">>;

/** Texts by key, in memory and in files. Nothing here rejects: what fails is told to `onFailure`, and what was there stays. */
export interface TextCache {
  /**
   * What is there, without waiting where that is possible: an old text is served at once and renewed in the background.
   * Waits only for the first answer. Undefined when there is none.
   */
  serve(key: string, load: Load): CacheEntry | undefined | Promise<CacheEntry | undefined>;
  /**
   * A text within its TTL; if that fails, an old one; undefined when there is none. Asks however lately it failed: it is
   * for loads, which have a pause of their own.
   */
  renew(key: string, load: Load): Promise<CacheEntry | undefined>;
  /** Settles when what is being fetched has come or failed, its files written; undefined where nothing is. */
  flights(): Promise<void> | undefined;
}

interface Slot {
  entry: CacheEntry | undefined;
  /** The first look at the file; undefined before it. */
  opening: Promise<void> | undefined;
  opened: boolean;
  /** Whether the source was asked at least once. */
  tried: boolean;
  failedAt: number;
  /** How long to leave the source alone after `failedAt`. */
  pauseMs: number;
  flight: Promise<void> | undefined;
}

export function createTextCache(options: CacheOptions): TextCache {
  const { cacheDir, now, ttlMs, retryMs, timeoutMs, onFailure } = options;
  const slots = new Map<string, Slot>();

  function slotOf(key: string): Slot {
    const known = slots.get(key);
    if (known !== undefined) return known;
    const slot: Slot = {
      entry: undefined,
      opening: undefined,
      opened: false,
      tried: false,
      failedAt: Number.NEGATIVE_INFINITY,
      pauseMs: retryMs,
      flight: undefined,
    };
    slots.set(key, slot);
    return slot;
  }

  /** A time to come is outside: the clock was set back, and then nothing is known. */
  const within = (time: number, spanMs: number) => now() >= time && now() - time < spanMs;
  const isFresh = (entry: CacheEntry | undefined) => entry !== undefined && within(entry.checkedAt, ttlMs);
  const isDue = (slot: Slot) => !isFresh(slot.entry) && !within(slot.failedAt, slot.pauseMs);

  function open(key: string, slot: Slot): Promise<void> {
    slot.opening ??= adopt(key, slot).then(() => {
      slot.opened = true;
    });
    return slot.opening;
  }

  /** Takes what the file has, if that is newer: another process may have fetched it. */
  async function adopt(key: string, slot: Slot): Promise<void> {
    if (cacheDir === undefined) return;
    try {
      const filed = await readEntry(entryPath(cacheDir, key));
      if (filed !== undefined && !(slot.entry !== undefined && slot.entry.checkedAt >= filed.checkedAt))
        slot.entry = filed;
    } catch (error) {
      onFailure(error);
    }
  }

  function join(key: string, slot: Slot, load: Load): Promise<void> {
    slot.flight ??= update(key, slot, load).finally(() => {
      slot.flight = undefined;
      slot.tried = true;
    });
    return slot.flight;
  }

  async function update(key: string, slot: Slot, load: Load): Promise<void> {
    await adopt(key, slot);
    if (isFresh(slot.entry)) return;
    try {
      const limit = AbortSignal.timeout(timeoutMs);
      const loaded = await waitFor(load(slot.entry, limit), limit);
      slot.entry = { ...loaded, checkedAt: now() };
      slot.failedAt = Number.NEGATIVE_INFINITY;
    } catch (error) {
      slot.failedAt = now();
      slot.pauseMs = isGone(error) ? ttlMs : retryMs;
      onFailure(error);
      return;
    }
    await file(key, slot.entry);
  }

  async function file(key: string, entry: CacheEntry): Promise<void> {
    if (cacheDir === undefined) return;
    try {
      await writeEntry(entryPath(cacheDir, key), entry);
    } catch (error) {
      onFailure(error);
    }
  }

  function serve(key: string, load: Load): CacheEntry | undefined | Promise<CacheEntry | undefined> {
    const slot = slotOf(key);
    if (!slot.opened) return open(key, slot).then(() => serve(key, load));
    const flight = isDue(slot) ? join(key, slot, load) : slot.flight;
    if (slot.entry !== undefined || slot.tried || flight === undefined) return slot.entry;
    return flight.then(() => slot.entry);
  }

  return {
    serve,
    async renew(key, load) {
      const slot = slotOf(key);
      await open(key, slot);
      if (!isFresh(slot.entry)) await join(key, slot, load);
      return slot.entry;
    },
    flights() {
      const flying = [...slots.values()].flatMap(({ flight }) => flight ?? []);
      return flying.length === 0 ? undefined : Promise.all(flying).then(() => undefined);
    },
  };
}

function isGone(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "not_found";
}
