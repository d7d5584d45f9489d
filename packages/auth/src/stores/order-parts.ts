import type { Credentials } from "../credentials.js";
import type { StoredLogin } from "../document.js";
import type { RenewalLog } from "../renewal-log.js";
import type { Place } from "./place.js";
import type { RefreshStep } from "./store.js";

/** What the order works with; the store that runs it supplies it. */
export interface RefreshOrder {
  place: Place;
  log: RenewalLog;
  now: () => number;
  step: (step: RefreshStep) => Promise<void>;
  /** The same order at the real file that the place leads to right now. */
  pin: () => Promise<RefreshOrder>;
  /** Reads the login, without a lock. */
  read: () => Promise<StoredLogin | undefined>;
  /** Reads the login, and nothing that lies beside it: there our own new one may be. */
  readPlain: () => Promise<StoredLogin | undefined>;
  /** Reads the login under the lock, and first completes the write of a program that was killed in between. */
  readLocked: () => Promise<StoredLogin | undefined>;
  /** Keeps a result in memory that could not be written after all. */
  keepUnsaved: (started: StoredLogin, text: string, error: unknown) => Credentials;
  missing: () => Promise<Error>;
}
