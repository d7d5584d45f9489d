import type { LockKind, LoginLock } from "../locks/lock-wait.js";

export type StoreKind = "file" | "encrypted" | "keyring" | "memory" | "environment";

/** Where a login lies, for status lines and messages. */
export interface StoreDescription {
  kind: StoreKind;
  /** A path, the name of a keyring item, or a few words. */
  location: string;
}

/** A write whose success was proven before anything was spent for it. */
export interface PreparedWrite {
  /**
   * Puts the text in place, whole or not at all. `confirm` is asked last of all: when it says no, nothing is put in place,
   * `false` comes back, and another text may be committed.
   */
  commit(text: string, confirm?: () => Promise<boolean>): Promise<boolean>;
  /** Gives the proof up and leaves everything as it was. */
  abandon(): Promise<void>;
  /** Leaves a text that could not be put in place beside it, for whoever takes the lock next. */
  leave(): Promise<void>;
}

/** One place that keeps one login document as text. The order of a refresh is the same for all of them. */
export interface Place {
  describe(): StoreDescription;
  /** The text, or `undefined` when there is none. Takes no lock. Throws an AuthError when it cannot be read. */
  read(): Promise<string | undefined>;
  /** Proves that a text can be kept here, or throws an AuthError (`not_writable`) that says why not. Under the lock. */
  prepare(): Promise<PreparedWrite>;
  /** Removes the text; `false` when there was none. Under the lock. */
  remove(): Promise<boolean>;
  /** Waits for the other programs that share this place; `undefined` when `settled` ended the wait. */
  lock(settled?: () => Promise<boolean>, signal?: AbortSignal): Promise<LoginLock | undefined>;
  /** Which promise the lock holds here. */
  lockKind(): Promise<LockKind>;
  /** Whole texts that a killed program has left beside this place. Under the lock, but for reading a broken file. */
  unfinished?(): Promise<{ texts: string[]; discard(): Promise<void> }>;
  /** A cheap mark that changes when the text does; absent where there is nothing to look at. */
  modified?(): Promise<string>;
  /** What a person should know about this place, e.g. that others can read it. */
  warnings?(): Promise<string[]>;
  /** Why there is no login here, when that can be said better than `absent`. */
  explainMissing?(): Promise<Error>;
  /** The real path that our own files lie beside: the log of renewals, an answer set aside. Absent: there are none. */
  beside?(): Promise<string>;
  /**
   * The same place without its links: what is locked, read and written by it is one real file, also when a link is turned
   * meanwhile. Absent where there are no links.
   */
  pin?(): Promise<Place>;
}
