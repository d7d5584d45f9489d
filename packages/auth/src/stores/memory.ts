import { type Credentials, describeTokens, type NewLogin } from "../credentials.js";
import { formatDocument, replaceLogin } from "../document.js";
import { createLockedStore } from "./locked.js";
import type { Place } from "./place.js";
import type { CredentialStore, StoreOptions } from "./store.js";

/** A login in this process's memory alone: for tests, and for servers that keep logins elsewhere. */
export function createMemoryStore(credentials?: NewLogin | Credentials, options: StoreOptions = {}): CredentialStore {
  let text: string | undefined;
  if (credentials !== undefined) {
    const known: Credentials = "lastRefresh" in credentials ? credentials : describeTokens({ ...credentials });
    const { accessToken, refreshToken, idToken, accountId, expiresAt, lastRefresh } = known;
    const document = replaceLogin({}, { accessToken, refreshToken, idToken, accountId }, lastRefresh ?? 0);
    // Without a known last refresh there is none, rather than one in 1970.
    if (lastRefresh === undefined) delete document.last_refresh;
    if (expiresAt !== undefined) Object.assign(document.tokens as object, { expires_at: expiresAt });
    text = formatDocument(document);
  }
  let queue: Promise<unknown> = Promise.resolve();
  const place: Place = {
    describe: () => ({ kind: "memory", location: "this process's memory" }),
    read: async () => text,
    prepare: async () => ({
      commit: async (next, confirm) => {
        if ((await confirm?.()) === false) return false;
        text = next;
        return true;
      },
      abandon: async () => {},
      leave: async () => {},
    }),
    remove: async () => {
      const had = text !== undefined;
      text = undefined;
      return had;
    },
    lock: async () => {
      let free: () => void = () => {};
      const before = queue;
      queue = new Promise<void>((resolve) => {
        free = resolve;
      });
      await before;
      return { kind: "none", isOurs: async () => true, release: async () => free() };
    },
    lockKind: async () => "none",
  };
  return createLockedStore(place, options);
}
