import type { CodexClient } from "@codex/provider";
import { readAccounts, writeAccounts } from "./accounts-file.js";
import type { QuotaPolicy } from "./policy.js";
import { createQuota, type Quota } from "./quota.js";

/** How long after a change the accounts are written, in milliseconds: what a crash may lose. */
const writeDelayMs = 10_000;

/** The quota of a running proxy, with the accounts that it has kept. */
export interface OpenQuota extends Quota {
  /** Writes what has not been written yet. */
  close(): Promise<void>;
}

/**
 * @param file where the accounts of keys are kept; nowhere when undefined. It is made when a key first uses something.
 * @param warn told once when it cannot be written
 */
export async function openQuota(
  client: CodexClient,
  policy: QuotaPolicy | undefined,
  file: string | undefined,
  warn: (message: string) => void,
): Promise<OpenQuota> {
  let timer: NodeJS.Timeout | undefined;
  let writing = Promise.resolve();
  let hasWarned = false;
  const write = () => {
    timer = undefined;
    if (file === undefined) return;
    writing = writing
      .then(() => writeAccounts(file, quota.store()))
      .catch((error: NodeJS.ErrnoException) => {
        if (!hasWarned) warn(`What each key has used cannot be kept in ${file} (${error.code}).`);
        hasWarned = true;
      });
  };
  const quota = createQuota({
    client,
    policy: policy ?? { reserve: [], shares: {} },
    stored: file === undefined ? [] : await readAccounts(file),
    onChange: () => {
      timer ??= setTimeout(write, writeDelayMs).unref();
    },
  });
  return {
    ...quota,
    async close() {
      if (timer !== undefined) {
        clearTimeout(timer);
        write();
      }
      await writing;
    },
  };
}
