import type { ProxyLimits } from "../settings/limits.js";
import { createWaitingLine, type LineLimits } from "./waiting-line.js";

export type BudgetLimits = Pick<ProxyLimits, "bodyBudgetBytes"> & LineLimits;

/** What one body takes of the budget. */
export interface Share {
  /** Takes more; false where there is no room for it, and then the share stays as it was. */
  grow(bytes: number): boolean;
  /** Gives some of it back. */
  shrink(bytes: number): void;
  /** Gives everything back. Calling it again does nothing. */
  release(): void;
}

/** How many bytes of request bodies, unpacked, are in memory together. */
export interface BodyBudget {
  /**
   * A share of a size that is known, at once where there is room, else when others have gone. Throws or rejects with
   * `busy` when too many wait already or it takes too long, with the reason when the signal aborts.
   */
  reserve(bytes: number, signal: AbortSignal): Share | Promise<Share>;
  /** Takes other limits, for bodies from now on. */
  configure(limits: BudgetLimits): void;
  readonly used: number;
}

/** A body above it is a large one. */
const largeBytes = 1024 * 1024;

/** A large body counts twice, as bytes and as the text that is made of them: both are there for a while. */
export function weigh(bytes: number): number {
  return bytes > largeBytes ? 2 * bytes : bytes;
}

function weighLarge(bytes: number): number {
  return bytes > largeBytes ? weigh(bytes) : 0;
}

/** The part of the budget that large bodies leave to all others, so that a chat comes through while photos go up. */
const partForSmall = 1 / 8;

/**
 * A body of any size comes in while no other large one is there: which ones are too large, `maxBodyBytes` says.
 * @param onShortage called when a body finds no room for so many bytes
 */
export function createBodyBudget(initial: BudgetLimits, onShortage: (bytes: number) => void = () => {}): BodyBudget {
  let limits = initial;
  let used = 0;
  let usedByLarge = 0;
  const line = createWaitingLine<Share>(() => limits);

  function hasRoom(own: number, more: number): boolean {
    const { bodyBudgetBytes: budget } = limits;
    const needed = used - weigh(own) + weigh(own + more);
    if (own + more <= largeBytes) return needed <= budget;
    const large = usedByLarge - weighLarge(own);
    return large === 0 || (needed <= budget && large + weigh(own + more) <= budget * (1 - partForSmall));
  }

  function change(before: number, after: number): void {
    used += weigh(after) - weigh(before);
    usedByLarge += weighLarge(after) - weighLarge(before);
  }

  function take(bytes: number): Share | undefined {
    if (!hasRoom(0, bytes)) return undefined;
    let size = bytes;
    let isReleased = false;
    change(0, size);
    return {
      grow(more) {
        if (!hasRoom(size, more)) onShortage(weigh(size + more) - weigh(size));
        // It may be this very one that was given up for want of room.
        if (isReleased || !hasRoom(size, more)) return false;
        change(size, size + more);
        size += more;
        return true;
      },
      shrink(less) {
        if (isReleased) return;
        change(size, size - less);
        size -= less;
        line.letIn();
      },
      release() {
        if (isReleased) return;
        isReleased = true;
        change(size, 0);
        line.letIn();
      },
    };
  }

  return {
    reserve(bytes, signal) {
      // Who is large comes after the large ones that wait: else they might wait for ever.
      const share = bytes > largeBytes && line.size > 0 ? undefined : take(bytes);
      if (share !== undefined) return share;
      const waiting = line.wait(() => take(bytes), signal, `request bodies of ${describe(used)} are in memory`);
      onShortage(weigh(bytes));
      return waiting;
    },
    configure(next) {
      limits = next;
      line.letIn();
    },
    get used() {
      return used;
    },
  };
}

function describe(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024)} MiB`;
}
