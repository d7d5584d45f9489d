import type { RateLimitWindow } from "@codex/provider";
import { isSameWindow, windowName } from "./windows.js";

/** What one key has used of one window. */
export interface KeyUse {
  /** Percent of the whole window that is put down to the key. */
  percent: number;
  tokens: number;
  /** Tokens that no rise has been put down to yet. */
  pending: number;
}

/** A window as it was last seen, and who has used what of it. */
interface Account {
  minutes: number;
  resetsAt: number | undefined;
  usedPercent: number;
  /** A rise that was seen while requests ran that have not told their tokens yet. */
  unclaimed: number;
  keys: Map<string, KeyUse>;
}

/** The accounts as they are kept in a file. */
export type StoredAccounts = (Omit<Account, "keys" | "resetsAt"> & {
  resetsAt?: number;
  keys: Record<string, KeyUse>;
})[];

/**
 * Puts down to keys what the backend only tells of the whole account. Every rise of a window's percentage is shared out
 * among the keys by the tokens that they have used since the last rise. So what was used outside of this proxy in the
 * meantime counts for them too; what is used while none of them works counts for nobody.
 */
export interface KeyAccounts {
  /** A request of a key begins. */
  begin(): void;
  /** It has ended, and has used so many tokens. */
  end(key: string, tokens: number): void;
  /** Windows as the backend has just told them. */
  observe(windows: readonly RateLimitWindow[], nowSeconds: number): void;
  /** What a key has used of the windows that are known. */
  usedBy(
    key: string,
  ): { name: string; minutes: number; percent: number; tokens: number; resetsAt: number | undefined }[];
  /** Keys that have used something. */
  keys(): string[];
  store(): StoredAccounts;
}

export function createKeyAccounts(stored: StoredAccounts = []): KeyAccounts {
  const accounts: Account[] = stored.map(({ keys, resetsAt, ...rest }) => ({
    ...rest,
    resetsAt,
    keys: new Map(Object.entries(keys)),
  }));
  let running = 0;

  function shareOut(account: Account, rise: number): void {
    let tokens = 0;
    for (const use of account.keys.values()) tokens += use.pending;
    if (tokens === 0) {
      account.unclaimed = running > 0 ? account.unclaimed + rise : 0;
      return;
    }
    for (const use of account.keys.values()) {
      use.percent += (rise * use.pending) / tokens;
      use.pending = 0;
    }
    account.unclaimed = 0;
  }

  function beginAnew(account: Account): void {
    account.usedPercent = 0;
    account.unclaimed = 0;
    for (const [key, use] of account.keys) {
      if (use.pending === 0) account.keys.delete(key);
      else account.keys.set(key, { percent: 0, tokens: use.pending, pending: use.pending });
    }
  }

  function observeWindow({ usedPercent, windowMinutes: minutes, resetsAt }: RateLimitWindow, nowSeconds: number): void {
    if (minutes === undefined) return;
    const account = accounts.find((one) => isSameWindow(one.minutes, minutes));
    if (account === undefined) {
      accounts.push({ minutes, resetsAt, usedPercent, unclaimed: 0, keys: new Map() });
      return;
    }
    const before = account.resetsAt;
    // The end of the same window may be told with some seconds' difference.
    const isOver = before !== undefined && (before <= nowSeconds || (resetsAt ?? before) - before > minutes * 6);
    if (isOver) beginAnew(account);
    account.resetsAt = resetsAt;
    const rise = usedPercent - account.usedPercent;
    if (rise < 0) {
      // The backend has given something back: everybody has used that much less.
      const factor = account.usedPercent === 0 ? 0 : usedPercent / account.usedPercent;
      for (const use of account.keys.values()) use.percent *= factor;
    }
    account.usedPercent = usedPercent;
    if (rise > 0) shareOut(account, rise);
  }

  return {
    begin() {
      running++;
    },
    end(key, tokens) {
      running--;
      if (tokens === 0) return;
      for (const account of accounts) {
        const use = account.keys.get(key) ?? { percent: 0, tokens: 0, pending: 0 };
        use.tokens += tokens;
        use.pending += tokens;
        account.keys.set(key, use);
        if (account.unclaimed > 0) shareOut(account, account.unclaimed);
      }
    },
    observe(windows, nowSeconds) {
      for (const window of windows) observeWindow(window, nowSeconds);
    },
    usedBy: (key) =>
      accounts.map(({ minutes, resetsAt, keys }) => {
        const { percent = 0, tokens = 0 } = keys.get(key) ?? {};
        return { name: windowName(minutes), minutes, percent, tokens, resetsAt };
      }),
    keys: () => [...new Set(accounts.flatMap(({ keys }) => [...keys.keys()]))].sort(),
    store: () =>
      accounts.map(({ keys, resetsAt, ...rest }) => ({
        ...rest,
        ...(resetsAt !== undefined && { resetsAt }),
        keys: Object.fromEntries(keys),
      })),
  };
}
