import type { CodexError } from "@codex/errors";
import type { CodexClient, PlanUsage, RateLimitWindow } from "@codex/provider";
import { asksBackend, type Observer } from "../observe/request-record.js";
import { findBreach } from "./find-breach.js";
import { createKeyAccounts, type StoredAccounts } from "./key-accounts.js";
import { type QuotaPolicy, shareOf } from "./policy.js";

/** How much of the plan is used, by whom, and whether more may be. */
export interface Quota extends Required<Observer> {
  /** What is known without asking. */
  known(): PlanUsage | undefined;
  /** Asks the backend, once for all who ask at the same time. Rejects when it does not say. */
  ask(): Promise<PlanUsage>;
  /** Whether a request of this key must wait for a window to end: the refusal, or nothing. */
  check(key: string | undefined): Promise<CodexError | undefined>;
  /** Whether there is a policy to check. */
  isLimited(): boolean;
  keys(): KeyUsage[];
  configure(policy: QuotaPolicy): void;
  /** The accounts of keys, to be kept. */
  store(): StoredAccounts;
}

export interface KeyUsage {
  name: string;
  windows: { name: string; usedPercent: number; tokens: number; sharePercent?: number; resetsAt?: number }[];
}

export interface QuotaParts {
  client: Pick<CodexClient, "usage" | "lastUsage">;
  policy: QuotaPolicy;
  stored?: StoredAccounts;
  /** Called when the accounts have changed. */
  onChange?: () => void;
  /** Milliseconds since 1970. Default Date.now. */
  now?: () => number;
  /** How long a request waits for the backend to say what is used, in milliseconds. Default 3,000. */
  patienceMs?: number;
}

/** Up to this age what is known is taken for true; beyond it the backend is asked, beside the request. */
const freshMs = 5 * 60_000;
/** Nobody is refused by what is older than this without the backend being asked first. */
const certainMs = 30_000;

/** For so long after the backend did not say no request waits for it; after that one asks again, beside itself. */
const restMs = 30_000;

export function createQuota({ client, onChange, now = Date.now, patienceMs = 3000, ...parts }: QuotaParts): Quota {
  let { policy } = parts;
  const accounts = createKeyAccounts(parts.stored);
  let asking: Promise<PlanUsage> | undefined;

  const ask = () => {
    asking ??= client.usage().finally(() => {
      asking = undefined;
    });
    return asking;
  };
  let failedAt: number | undefined;
  const askQuietly = () =>
    ask().then(
      () => {
        failedAt = undefined;
      },
      () => {
        failedAt = now();
      },
    );
  /** Waits until more is known; not for a backend that did not say the last time. */
  const learn = async () => {
    if (failedAt !== undefined) {
      if (now() - failedAt < restMs) return;
      failedAt = now();
      void askQuietly();
      return;
    }
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        failedAt = now();
        resolve();
      }, patienceMs);
    });
    await Promise.race([askQuietly(), patience]);
    clearTimeout(timer);
  };
  const known = () => client.lastUsage();
  const observe = () => {
    const windows = codexWindows(known());
    if (windows.length > 0) accounts.observe(windows, now() / 1000);
  };
  const breach = (key: string | undefined) => {
    observe();
    return findBreach(policy, codexWindows(known()), key, key === undefined ? [] : accounts.usedBy(key));
  };

  return {
    known,
    ask,
    isLimited: () => policy.reserve.length > 0 || Object.keys(policy.shares).length > 0,
    async check(key) {
      const age = () => now() - (known()?.observedAt ?? Number.NEGATIVE_INFINITY);
      if (known() === undefined) await learn();
      else if (age() > freshMs && failedAt === undefined) void askQuietly();
      if (breach(key) !== undefined && age() > certainMs) await learn();
      return breach(key);
    },
    begin(record) {
      if (asksBackend(record)) accounts.begin();
    },
    end(record) {
      if (!asksBackend(record)) return;
      accounts.end(record.keyName ?? "", record.keyName === undefined ? 0 : (record.outcome?.usage?.total_tokens ?? 0));
      if (record.keyName === undefined) return;
      observe();
      onChange?.();
    },
    keys: () =>
      accounts.keys().map((name) => ({
        name,
        windows: accounts.usedBy(name).map(({ minutes, percent, tokens, resetsAt, name: window }) => {
          const share = shareOf(policy, name, minutes);
          return {
            name: window,
            usedPercent: percent,
            tokens,
            ...(share !== undefined && { sharePercent: share }),
            ...(resetsAt !== undefined && { resetsAt }),
          };
        }),
      })),
    configure(next) {
      policy = next;
    },
    store: accounts.store,
  };
}

/** The windows of the plan itself: models with limits of their own have theirs beside it. */
function codexWindows(usage: PlanUsage | undefined): readonly RateLimitWindow[] {
  return usage?.limits.find(({ limitId }) => limitId === "codex")?.windows ?? [];
}
