/**
 * What is kept of answers, so that callers of the Responses API can go on from one by its id: the backend itself keeps
 * nothing. A store of one's own (a file, a database) has these four functions; the default is `createMemoryStore`.
 */
export interface ResponseStore {
  /** Keeps a response; one of the same id and owner is replaced. */
  put(response: StoredResponse): void | Promise<void>;
  /** The response of that id, or nothing: to another owner it does not exist. */
  get(owner: string, id: string): StoredResponse | undefined | Promise<StoredResponse | undefined>;
  /** The response whose output holds the item of that id: callers may refer to an item in place of sending it. */
  findItem(owner: string, itemId: string): StoredResponse | undefined | Promise<StoredResponse | undefined>;
  /** Forgets a response. False when there was none. */
  delete(owner: string, id: string): boolean | Promise<boolean>;
}

/** One kept answer, with all that the model was shown before it. Texts, since those have a size. */
export interface StoredResponse {
  id: string;
  /** Whose it is, in the app's own opaque words, e.g. the hash of an API key. */
  owner: string;
  /**
   * The input that led to it, earlier turns included. The pieces of earlier turns are the very objects that their own
   * responses have, so that a store in memory needs to count them only once.
   */
  turns: readonly StoredTurn[];
  /** The whole Response object as its caller saw it, as JSON. */
  response: string;
  /** The account that gave it, as its login names it: no other can send its encrypted reasoning back. */
  account?: string;
  /** The ids of its output items. */
  itemIds: readonly string[];
}

/** Items that belong together: what one request brought, or what one answer put out. */
export interface StoredTurn {
  /** Tells it from other turns; ids of items that have none are made from it. */
  readonly key: string;
  /** `request`: the body of a request, as it came, of which the `input` counts. `items`: a list of items. */
  readonly kind: "request" | "items";
  /** Either of them as JSON, unparsed: most turns are never asked for. */
  readonly json: string;
  /** The account that gave it, where it is an answer. */
  readonly account?: string;
}
