import type { StoredTurn } from "./store.js";

/** A turn with the turns before it. */
export interface TurnLink {
  readonly turn: StoredTurn;
  readonly before: TurnLink | undefined;
  /** How many turns that is, with its own. */
  readonly length: number;
  /** What those turns hold; counted once, when the turn is added. */
  readonly total: number;
}

interface HeldLink extends TurnLink {
  readonly before: HeldLink | undefined;
  /** How many responses end with it, and how many turns come right after it. */
  uses: number;
}

/** What a link costs beside its texts, roughly: itself, its turn and its place in the map. */
const linkBytes = 320;

/**
 * The turns of many responses, each held once: the responses of one conversation share all that came before, so that a
 * conversation of thousands of turns holds thousands of links and not millions.
 */
export class TurnChains {
  /** Links by their turns: whoever goes on from a response hands its turns in again, the very same objects. */
  readonly #links = new Map<StoredTurn, HeldLink>();
  #bytes = 0;

  /** How much all turns together hold. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Holds the turns of a response, oldest first; nothing for none. */
  hold(turns: readonly StoredTurn[]): TurnLink | undefined {
    let at = turns.length;
    let link: HeldLink | undefined;
    // What is known from the end backwards is known as a whole, when it stands at the same place.
    while (at > 0 && link === undefined) {
      const known = this.#links.get(turns[at - 1] as StoredTurn);
      if (known?.length === at) link = known;
      else at--;
    }
    for (const turn of turns.slice(at)) link = this.#add(turn, link);
    if (link !== undefined) link.uses++;
    return link;
  }

  /** Lets go of what `hold` gave. */
  release(held: TurnLink | undefined): void {
    let link = held as HeldLink | undefined;
    while (link !== undefined) {
      link.uses--;
      if (link.uses > 0) return;
      if (this.#links.get(link.turn) === link) this.#links.delete(link.turn);
      this.#bytes -= link.total - (link.before?.total ?? 0);
      link = link.before;
    }
  }

  #add(turn: StoredTurn, before: HeldLink | undefined): HeldLink {
    const size = sizeOfTurn(turn);
    const link: HeldLink = {
      turn,
      before,
      length: (before?.length ?? 0) + 1,
      total: (before?.total ?? 0) + size,
      uses: 0,
    };
    if (before !== undefined) before.uses++;
    if (!this.#links.has(turn)) this.#links.set(turn, link);
    this.#bytes += size;
    return link;
  }
}

/** The turns up to a link, oldest first. */
export function turnsOf(link: TurnLink | undefined): StoredTurn[] {
  const turns: StoredTurn[] = [];
  for (let at = link; at !== undefined; at = at.before) turns.push(at.turn);
  return turns.reverse();
}

function sizeOfTurn({ key, json, account = "" }: StoredTurn): number {
  return linkBytes + bytesOf(key) + bytesOf(json) + bytesOf(account);
}

/** Node keeps a text that is all ASCII in one byte a letter; others it may keep in two. */
export function bytesOf(text: string): number {
  return Buffer.byteLength(text) === text.length ? text.length : text.length * 2;
}
