import { mkdir, readFile, stat, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { AuthError, systemCode } from "../auth-error.js";
import { loadFlock } from "../locks/flock.js";
import { lockLogin } from "../locks/lock.js";
import { findUnfinished, prepareWrite } from "./atomic-write.js";
import { explainMissingFile, readCodexStorage } from "./codex-storage.js";
import { createLockedStore } from "./locked.js";
import { explainSystemError } from "./not-writable.js";
import type { Place } from "./place.js";
import type { CredentialStore, StoreOptions } from "./store.js";
import { isOpenToOthers, realFolder, resolveTarget } from "./target.js";

export interface FileStoreOptions extends StoreOptions {
  /** The login file, usually from `defaultAuthFile`. */
  path: string;
  /** The Codex CLI's folder, with its config.toml and its lock; default: the folder of `path`. */
  codexHome?: string | undefined;
  /** How long to wait for another program's lock; default 30 s. */
  lockTimeoutMs?: number | undefined;
  /** `heartbeat` does without flock, even where it can be loaded; default `auto`. */
  locking?: "auto" | "heartbeat" | undefined;
}

/** The login file that the Codex CLI uses, shared with it by its own locks and rules. */
export function createFileStore(options: FileStoreOptions): CredentialStore {
  return createLockedStore(createFilePlace(options), options);
}

/** How a document becomes the text of a file, and back. */
export interface Codec {
  kind: "file" | "encrypted";
  encode(document: string): Promise<string>;
  decode(text: string): Promise<string>;
  /** Whether a text was written to its end. */
  isWhole(text: string): boolean;
}

const plain: Codec = {
  kind: "file",
  encode: async (document) => document,
  decode: async (text) => text,
  isWhole: (text) => /^\{[\s\S]*\}\s*$/.test(text),
};

/** The file as a place that keeps one text; other stores are built on it as well. `location` names it in messages. */
export function createFilePlace(options: FileStoreOptions, codec: Codec = plain, location = options.path): Place {
  const { path } = options;
  const codexHome = options.codexHome ?? dirname(path);
  return {
    describe: () => ({ kind: codec.kind, location }),
    read: async () => {
      const text = await readText(path);
      return text === undefined ? undefined : await codec.decode(text);
    },
    prepare: async () => {
      const prepared = await prepareWrite(await resolveTarget(path));
      return {
        ...prepared,
        commit: async (document, confirm) => prepared.commit(await codec.encode(document), confirm),
      };
    },
    remove: () => removeFile(path),
    unfinished: async () => {
      const left = await findUnfinished(await resolveTarget(path), codec.isWhole);
      const decoded = await Promise.all(left.texts.map((text) => codec.decode(text).catch(() => "")));
      return { ...left, texts: decoded };
    },
    lock: async (settled, signal) => {
      const target = await resolveTarget(path);
      const lock = async () =>
        lockLogin({
          codexHome: await realFolder(codexHome),
          target,
          timeoutMs: options.lockTimeoutMs,
          locking: options.locking,
          settled,
          signal,
        });
      try {
        return await lock().catch(async (error: unknown) => {
          if (systemCode(error) !== "ENOENT") throw error;
          // A first login: the folder is not there yet.
          await mkdir(codexHome, { recursive: true, mode: 0o700 });
          await mkdir(dirname(target), { recursive: true, mode: 0o700 });
          return await lock();
        });
      } catch (error) {
        throw explainSystemError(error, location);
      }
    },
    lockKind: async () =>
      options.locking !== "heartbeat" && (await loadFlock()) !== undefined ? "flock" : "heartbeat",
    modified: async () => {
      try {
        const { mtimeNs, size, ino } = await stat(path, { bigint: true });
        return `${mtimeNs} ${size} ${ino}`;
      } catch (error) {
        return systemCode(error) ?? "unknown";
      }
    },
    warnings: async () =>
      (await isOpenToOthers(path)) ? [`Other users can read ${path}. Run \`chmod 600 ${path}\`.`] : [],
    explainMissing: async () => explainMissingFile(location, await readCodexStorage(codexHome)),
    beside: () => resolveTarget(path),
    pin: async () => {
      const [target, home] = await Promise.all([resolveTarget(path), realFolder(codexHome)]);
      return createFilePlace({ ...options, path: target, codexHome: home }, codec, location);
    },
  };
}

async function readText(path: string): Promise<string | undefined> {
  try {
    const found = await stat(path);
    // Reading a pipe or a device may take for ever.
    if (!found.isFile() && !found.isDirectory()) throw Object.assign(new Error("no file"), { code: "ENXIO" });
    return await readFile(path, "utf8");
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT") return undefined;
    const why = unreadable[code ?? ""] ?? `a system error (${code})`;
    throw new AuthError("unreadable", `The login file ${path} cannot be read: ${why}.`, { cause: error });
  }
}

const unreadable: Record<string, string> = {
  EACCES: "this user may not read it. Give this user the right to read it",
  EPERM: "this user may not read it. Give this user the right to read it",
  ENXIO: "it is not an ordinary file. Move it away, then log in again",
  EISDIR: "it is a folder. Move the folder away, then log in again",
  ENOTDIR: "its folder is a file. Correct the path",
  ELOOP: "its symbolic links go round in a circle. Correct the links",
};

/** Removes the file behind the path; a link to it stays, as a link to nothing. */
async function removeFile(path: string): Promise<boolean> {
  const target = await resolveTarget(path);
  try {
    await unlink(target);
    return true;
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT") return false;
    if (code !== "EBUSY") throw explainSystemError(error, target);
    // A file that is mounted by itself cannot be removed, only emptied.
    const prepared = await prepareWrite(target);
    await prepared.commit("{}").catch(async (failure: unknown) => {
      await prepared.abandon();
      throw explainSystemError(failure, target);
    });
    return true;
  }
}
