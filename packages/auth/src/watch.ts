import type { Credentials } from "./credentials.js";
import type { CredentialStore } from "./stores/store.js";

export interface WatchOptions {
  store: CredentialStore;
  intervalMs: number;
  /** Called with the login that another program has stored, or `undefined` when it was removed. */
  onChange: (credentials: Credentials | undefined) => void;
  onWarning?: ((message: string) => void) | undefined;
}

export interface Watch {
  /** Reads the store and remembers its mark, so that the next look sees only what came after. */
  read(): Promise<Credentials | undefined>;
  /** Begins to look, if the store can be looked at. May be called again. */
  start(): void;
  stop(): void;
}

/**
 * Looks at a store's mark now and then, so that a login, logout or switch by another program is noticed. The timer
 * never holds a process open and never throws; it ends by itself when nobody holds the watch any more.
 */
export function watchStore(options: WatchOptions): Watch {
  const { store, onChange, onWarning } = options;
  let mark: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  let looking = false;

  async function read(): Promise<Credentials | undefined> {
    // The mark first: a change between the two is then seen by the next look, rather than by none.
    mark = await store.modified?.();
    return await store.read();
  }

  const look = async () => {
    if (looking) return;
    looking = true;
    try {
      const seen = await store.modified?.();
      if (seen === mark) return;
      mark = seen;
      onChange(await store.read());
    } catch (error) {
      // Unreadable now: the token in memory still works, and a repaired file has another mark.
      if (error instanceof Error) onWarning?.(error.message);
    } finally {
      looking = false;
    }
  };
  const watch: Watch & { look: () => Promise<void> } = {
    read,
    look,
    start: () => {
      if (timer === undefined && store.modified !== undefined)
        timer = startTimer(new WeakRef(watch), options.intervalMs);
    },
    stop: () => {
      clearInterval(timer);
      timer = undefined;
    },
  };
  return watch;
}

// Outside the closure above, which would keep the watch alive for as long as the timer runs.
function startTimer(weak: WeakRef<{ look: () => Promise<void> }>, intervalMs: number): NodeJS.Timeout {
  const timer = setInterval(() => {
    const alive = weak.deref();
    if (alive === undefined) clearInterval(timer);
    else void alive.look();
  }, intervalMs);
  return timer.unref();
}
