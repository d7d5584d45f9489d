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
import type { LoginLock } from "../lock-wait.js";
import { createRenewalLog } from "../renewal-log.js";
import type { Place } from "./place.js";
import { completeWrite, discardLeftovers, findNewest, findRecovered, tryParse } from "./recover.js";
import { type RefreshOrder, refreshInOrder } from "./refresh-order.js";
import type { CredentialStore, StoreOptions } from "./store.js";

const brokenRetries = 4;
const brokenRetryMs = 20;

/** Makes a store of a place: reading, the one order of a refresh, a new login, logout. */
export function createLockedStore(place: Place, options: StoreOptions = {}): CredentialStore {
  const now = options.now ?? Date.now;
  const { location } = place.describe();
  const log = createRenewalLog(place.beside);
  let unsaved: { text: string; replaces: string } | undefined;
  let saving = false;

  async function readStored(complete = true): Promise<StoredLogin | undefined> {
    for (let attempt = 0; ; attempt += 1) {
      const text = await place.read();
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
    const whole = findNewest(place, (await place.unfinished?.())?.texts ?? [], undefined);
    if (whole === undefined) throw error;
    return whole;
  }

  async function readLocked(): Promise<StoredLogin | undefined> {
    if (await completeWrite(place, commit)) unsaved = undefined;
    const stored = await readStored();
    const recovered = stored === undefined ? undefined : await findRecovered(place, stored);
    if (stored === undefined || recovered === undefined) return stored;
    try {
      await commit(recovered.text);
      await recovered.discard();
    } catch (error) {
      order.keepUnsaved(stored, recovered.text, error);
    }
    await log.noteRenewal(recovered.accessToken, recovered.at);
    return await readStored();
  }

  async function commit(text: string): Promise<void> {
    const prepared = await place.prepare();
    try {
      await prepared.commit(text);
    } catch (error) {
      await prepared.abandon();
      throw error;
    }
  }

  async function locked<T>(work: () => Promise<T>): Promise<T> {
    const lock = (await place.lock()) as LoginLock;
    try {
      return await work();
    } finally {
      await lock.release();
    }
  }

  const missing = async () =>
    (await place.explainMissing?.()) ?? new AuthError("absent", `No login found in ${location}. ${loginHint}`);

  const order: RefreshOrder = {
    place,
    log,
    now,
    step: async (step) => options.onStep?.(step),
    read: () => readStored(),
    readPlain: () => readStored(false),
    readLocked,
    missing,
    keepUnsaved: (started, text, error) => {
      unsaved = { text, replaces: started.credentials.accessToken };
      const why = systemCode(error);
      options.onWarning?.(
        `The renewed login could not be written to ${location}${why === undefined ? "" : ` (${why})`}. This process goes on with it and keeps trying; make the file writable before it ends.`,
      );
      return parseLogin(text, location).credentials;
    },
  };

  // A result that could not be written is tried again each time that somebody looks at the file.
  async function save(): Promise<void> {
    if (unsaved === undefined || saving) return;
    saving = true;
    try {
      await locked(async () => {
        await readLocked();
        const text = await place.read();
        const current = text === undefined ? undefined : tryParse(place, text);
        if (unsaved !== undefined && current?.credentials.accessToken === unsaved.replaces) await commit(unsaved.text);
        unsaved = undefined;
      });
    } catch {
      // Still not writable: the next look tries again.
    } finally {
      saving = false;
    }
  }

  const store: CredentialStore = {
    describe: () => place.describe(),
    read: async () => (await readStored())?.credentials,
    refreshWith: (rejected, issue, signal) => refreshInOrder(order, rejected, issue, signal),
    prove: () => locked(async () => (await place.prepare()).abandon()),
    write: (login) =>
      locked(async () => {
        const document = replaceLogin(await readDocument(place, location), login, now());
        await commit(formatDocument(document));
        unsaved = undefined;
        await discardLeftovers(place);
        return parseLogin(formatDocument(document), location).credentials;
      }),
    clear: () =>
      locked(async () => {
        unsaved = undefined;
        await discardLeftovers(place);
        const rest = withoutLogin(await readDocument(place, location));
        if (rest === undefined) return await place.remove();
        await commit(formatDocument(rest));
        return true;
      }),
    inspect: async () => {
      const refreshToken = (await readStored().catch(() => undefined))?.credentials.refreshToken;
      const fate = refreshToken === undefined ? undefined : await log.findFate(refreshToken);
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
