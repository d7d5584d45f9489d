import { randomBytes } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { StoredAccounts } from "./key-accounts.js";

/** What was kept before; nothing where there is no such file, or one that is not ours: it only holds estimates. */
export async function readAccounts(file: string): Promise<StoredAccounts> {
  try {
    const { version, windows } = JSON.parse(await readFile(file, "utf8")) as {
      version: number;
      windows: StoredAccounts;
    };
    return version === 1 && windows.every(isAccount) ? windows : [];
  } catch {
    return [];
  }
}

function isAccount(account: unknown): boolean {
  const { minutes, usedPercent, unclaimed, keys } = (account ?? {}) as Partial<StoredAccounts[number]>;
  if (![minutes, usedPercent, unclaimed].every(Number.isFinite)) return false;
  if (typeof keys !== "object" || keys === null) return false;
  return Object.values(keys).every((use) => [use?.percent, use?.tokens, use?.pending].every(Number.isFinite));
}

/** Writes the file as a whole, for its owner only. */
export async function writeAccounts(file: string, windows: StoredAccounts): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}.${randomBytes(4).toString("hex")}`;
  try {
    await writeFile(draft, `${JSON.stringify({ version: 1, windows })}\n`, { mode: 0o600, flag: "wx" });
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
