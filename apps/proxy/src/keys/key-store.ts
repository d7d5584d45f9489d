import { createHash, randomBytes } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { type LockedFile, withLockFile } from "@codex/auth";
import { CodexError } from "@codex/errors";

/** A key as it is kept: who has it can check a key, and cannot tell it. */
export interface StoredKey {
  name: string;
  /** SHA-256 of the key, in hex. */
  sha256: string;
  /** ISO 8601. */
  created: string;
}

/** The keys of callers, in a file of ours. */
export interface KeyStore {
  readonly file: string;
  /** Oldest first; none where there is no file. Throws `request_invalid` for a file that is not ours. */
  list(): Promise<StoredKey[]>;
  /**
   * Makes a key and keeps its hash; the key itself is in the answer and nowhere else. Throws `request_invalid` for a
   * name that is taken, or no name.
   * @param name letters, digits, `.`, `-` and `_`, at most 64; default `key-1` and so on
   */
  create(name?: string): Promise<{ key: string; stored: StoredKey }>;
  /** Takes a key away. Throws `not_found` when there is none of that name. */
  remove(name: string): Promise<StoredKey>;
}

export interface KeyStoreOptions {
  /** Milliseconds since 1970. Default Date.now. */
  now?: () => number;
}

/** What keys begin with, so that people and scanners of secrets know one when they see it. */
const keyPrefix = "cxo_";

/**
 * The keys in a file, which is read anew each time. Written as a whole, mode 0600; its folder is made where missing.
 * Changes hold the lock `<file>.lock` from the read to the write, so that none is lost and no removed key comes back.
 */
export function createKeyStore(file: string, { now = Date.now }: KeyStoreOptions = {}): KeyStore {
  const list = async () => {
    const text = await readKeysText(file);
    return text === undefined ? [] : parseKeys(text, file);
  };
  return {
    file,
    list,
    create: (given) =>
      changing(file, async (locked) => {
        const keys = await list();
        const taken = new Set(keys.map((key) => key.name));
        const name = given ?? nextName(taken);
        if (!/^[\w.-]{1,64}$/.test(name)) {
          throw new CodexError("request_invalid", "The name of a key has letters, digits, dots, dashes, at most 64.");
        }
        if (taken.has(name)) {
          throw new CodexError(
            "request_invalid",
            `There is a key ${name} already. Remove it first, or take another name.`,
          );
        }
        const key = keyPrefix + randomBytes(32).toString("base64url");
        const stored: StoredKey = { name, sha256: hashKey(key), created: new Date(now()).toISOString() };
        await write(file, [...keys, stored], locked);
        return { key, stored };
      }),
    remove: (name) =>
      changing(file, async (locked) => {
        const keys = await list();
        const found = keys.find((key) => key.name === name);
        if (found === undefined) {
          const names = keys.length === 0 ? "There are none" : `There are: ${keys.map((key) => key.name).join(", ")}`;
          throw new CodexError("not_found", `There is no key ${JSON.stringify(name.slice(0, 64))}. ${names}.`);
        }
        await write(
          file,
          keys.filter((key) => key !== found),
          locked,
        );
        return found;
      }),
  };
}

async function changing<T>(file: string, work: (locked: LockedFile) => Promise<T>): Promise<T> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  return await withLockFile(file, work, { purpose: "The keys are to be changed" });
}

/** The file's text; undefined where there is none. Throws `request_invalid` when it cannot be read. */
export async function readKeysText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    throw new CodexError("request_invalid", `The keys file ${file} cannot be read (${code}).`, { cause });
  }
}

/** Reads the file's text. Throws `request_invalid` for one that is not ours. */
export function parseKeys(text: string, file: string): StoredKey[] {
  try {
    const { keys } = JSON.parse(text) as { keys: StoredKey[] };
    if (keys.every(isStoredKey)) return keys.map(({ name, sha256, created }) => ({ name, sha256, created }));
  } catch {
    // Said below, with what to do.
  }
  const next = "Remove it and make new keys with `codex-oauth keys create`.";
  throw new CodexError("request_invalid", `The keys file ${file} is broken. ${next}`);
}

/** What stands before a hash where a key may stand as well. */
export const hashPrefix = "sha256:";

/** The hash in a text such as `sha256:HEX`, in lower case; undefined for a key. */
export function storedHash(text: string): string | undefined {
  return /^sha256:([0-9a-f]{64})$/i.exec(text)?.[1]?.toLowerCase();
}

/** SHA-256 in hex. */
export function hashKey(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}

function isStoredKey(key: unknown): key is StoredKey {
  const { name, sha256, created } = (key ?? {}) as Partial<StoredKey>;
  return typeof name === "string" && /^[0-9a-f]{64}$/.test(`${sha256}`) && typeof created === "string";
}

function nextName(taken: ReadonlySet<string>): string {
  for (let number = 1; ; number++) if (!taken.has(`key-${number}`)) return `key-${number}`;
}

async function write(file: string, keys: readonly StoredKey[], locked: LockedFile): Promise<void> {
  const draft = `${file}.${process.pid}.${randomBytes(4).toString("hex")}`;
  try {
    await writeFile(draft, `${JSON.stringify({ version: 1, keys }, null, 2)}\n`, { mode: 0o600, flag: "wx" });
    if (!(await locked.isOurs())) {
      throw new CodexError("internal", "The keys were not changed: the lock on them was lost. Run the command again.");
    }
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
