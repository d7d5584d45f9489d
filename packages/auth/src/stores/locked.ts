import { setTimeout as delay } from "node:timers/promises";
import { AuthError, isAuthError, loginHint, systemCode } from "../auth-error.js";
import {
  formatDocument,
  parseDocument,
  parseLogin,
  replaceLogin,
  type StoredLogin,
  withoutLogin,
} from "../document.js";
import type { LoginLock } from "../locks/lock-wait.js";
import { createRenewalLogs } from "../renewal-log.js";
import type { RefreshOrder } from "./order-parts.js";
import type { Place } from "./place.js";
import { completeWrite, discardLeftovers, findNewest, findRecovered, tryParse } from "./recover.js";
import { refreshInOrder } from "./refresh-order.js";
import type { CredentialStore, StoreOptions } from "./store.js";

const brokenRetries = 4;
const brokenRetryMs = 20;

/** Makes a store of a place: reading, the one order of a refresh, a new login, logout. */
export function createLockedStore(place: Place, options: StoreOptions = {}): CredentialStore {
  const now = options.now ?? Date.now;
  const { location } = place.describe();
  const openLog = createRenewalLogs();
  let unsaved: { text: string; replaces: string; order: RefreshOrder } | undefined;
  let saving = false;

  /** The order at a place: at the store's own, or at the real file that it leads to. */
  function openOrder(at: Place): RefreshOrder {
    const log = openLog(at.beside);

    async function readStored(complete = true): Promise<StoredLogin | undefined> {
      for (let attempt = 0; ; attempt += 1) {
        const text = await at.read();
        // An empty object is what a logout leaves where the file itself cannot be removed.
        if (text === undefined || text.trim() === "{}") return undefined;
        try {
          const stored = parseLogin(text, location);
          const isOld = unsaved !== undefined && unsaved.replaces === stored.credentials.accessToken;
          return await addRenewal(isOld && unsaved !== undefined ? parseLogin(unsaved.text, location) : stored);
        } catch (error) {
          if (!isAuthError(error) || error.reason !== "broken") throw error;
          if (attempt >= brokenRetries) {
            if (complete) return await completeBroken(error);
            throw error;
          }
          // Some programs write in place: a moment later the file is whole.
          await delay(brokenRetryMs);
        }
      }
    }

    async function addRenewal({ credentials, document }: StoredLogin): Promise<StoredLogin> {
      const renewedAt = await log.findRenewal(credentials.accessToken);
      return { credentials: { ...credentials, renewedAt }, document };
    }

    async function completeBroken(error: AuthError): Promise<StoredLogin> {
      const whole = findNewest(at, (await at.unfinished?.())?.texts ?? [], undefined);
      if (whole === undefined) throw error;
      return whole;
    }

    async function readLocked(): Promise<StoredLogin | undefined> {
      if (await completeWrite(at, (text) => commit(at, text))) unsaved = undefined;
      const stored = await readStored();
      const recovered = stored === undefined ? undefined : await findRecovered(at, stored);
      if (stored === undefined || recovered === undefined) return stored;
      try {
        await commit(at, recovered.text);
        await recovered.discard();
      } catch (error) {
        order.keepUnsaved(stored, recovered.text, error);
      }
      await log.noteRenewal(recovered.accessToken, recovered.at);
      return await readStored();
    }

    const order: RefreshOrder = {
      place: at,
      log,
      now,
      step: async (step) => options.onStep?.(step),
      pin,
      read: () => readStored(),
      readPlain: () => readStored(false),
      readLocked,
      missing,
      keepUnsaved: (started, text, error) => {
        unsaved = { text, replaces: started.credentials.accessToken, order };
        const why = systemCode(error);
        options.onWarning?.(
          `The renewed login could not be written to ${location}${why === undefined ? "" : ` (${why})`}. This process goes on with it and keeps trying; make the file writable before it ends.`,
        );
        return parseLogin(text, location).credentials;
      },
    };
    return order;
  }

  const pin = async () => (place.pin === undefined ? order : openOrder(await place.pin()));
  const missing = async () =>
    (await place.explainMissing?.()) ?? new AuthError("absent", `No login found in ${location}. ${loginHint}`);
  const order = openOrder(place);

  async function locked<T>(work: (order: RefreshOrder) => Promise<T>, at?: RefreshOrder): Promise<T> {
    const pinned = at ?? (await pin());
    const lock = (await pinned.place.lock()) as LoginLock;
    try {
      return await work(pinned);
    } finally {
      await lock.release();
    }
  }

  // A result that could not be written is tried again each time that somebody looks at the file.
  async function save(): Promise<void> {
    if (unsaved === undefined || saving) return;
    saving = true;
    try {
      await locked(async ({ place: at, readLocked }) => {
        await readLocked();
        const text = await at.read();
        const current = text === undefined ? undefined : tryParse(at, text);
        if (unsaved !== undefined && current?.credentials.accessToken === unsaved.replaces) {
          await commit(at, unsaved.text);
        }
        unsaved = undefined;
      }, unsaved.order);
    } catch {
      // Still not writable: the next look tries again.
    } finally {
      saving = false;
    }
  }

  const store: CredentialStore = {
    describe: () => place.describe(),
    read: async () => (await order.read())?.credentials,
    refreshWith: (rejected, issue, signal) => refreshInOrder(order, rejected, issue, signal),
    prove: () => locked(async ({ place: at }) => (await at.prepare()).abandon()),
    write: (login) =>
      locked(async ({ place: at }) => {
        const document = replaceLogin(await readDocument(at, location), login, now());
        await commit(at, formatDocument(document));
        unsaved = undefined;
        await discardLeftovers(at);
        return parseLogin(formatDocument(document), location).credentials;
      }),
    clear: () =>
      locked(async ({ place: at }) => {
        unsaved = undefined;
        await discardLeftovers(at);
        const rest = withoutLogin(await readDocument(at, location));
        if (rest === undefined) return await at.remove();
        await commit(at, formatDocument(rest));
        return true;
      }),
    inspect: async () => {
      const refreshToken = (await order.read().catch(() => undefined))?.credentials.refreshToken;
      const fate = refreshToken === undefined ? undefined : await order.log.findFate(refreshToken);
      return { lock: await place.lockKind(), warnings: (await place.warnings?.()) ?? [], dead: fate?.message };
    },
    explainMissing: missing,
  };
  const { modified } = place;
  if (modified === undefined) return store;
  return {
    ...store,
    modified: async () => {
      await save();
      return await modified();
    },
  };
}

async function commit(place: Place, text: string): Promise<void> {
  const prepared = await place.prepare();
  try {
    await prepared.commit(text);
  } catch (error) {
    await prepared.abandon();
    throw error;
  }
}

/** The document as far as it can be read: a broken one, or one whose key is lost, is replaced whole. */
async function readDocument(place: Place, location: string): Promise<Record<string, unknown>> {
  try {
    const text = await place.read();
    return text === undefined ? {} : parseDocument(text, location);
  } catch (error) {
    if (isAuthError(error) && error.reason === "unreadable") throw error;
    return {};
  }
}
