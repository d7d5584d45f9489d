import type { FileHandle } from "node:fs/promises";
import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { systemCode } from "../auth-error.js";
import { isMountPoint, reserveInPlace, writeInPlace } from "./in-place.js";
import { explainSystemError } from "./not-writable.js";
import type { PreparedWrite } from "./place.js";
import { createPrivateFile, findLeftovers, type PrivateFile, removeFiles, writeFully } from "./private-file.js";
import { checkReplaceable } from "./target.js";

const temporarySuffix = ".codex-oauth.tmp";
/** Room for the new tokens beside what is there. */
const reserveBytes = 16 * 1024;

/**
 * Proves that `target` (a real path) can be replaced: not a folder, not read-only by its mode, not hard-linked, and
 * a temporary file beside it has room. Throws an AuthError (`not_writable`) otherwise. Call it under the lock.
 */
export async function prepareWrite(target: string): Promise<PreparedWrite> {
  const old = await checkReplaceable(target);
  const size = (old?.size ?? 0) * 2 + reserveBytes;
  let temporary: PrivateFile | undefined;
  try {
    temporary = await createPrivateFile(target, temporarySuffix, size, old);
    const padding =
      old !== undefined && (await isMountPoint(target)) ? await reserveInPlace(target, old.size, size) : undefined;
    let draft = temporary;
    return {
      commit: async (text, confirm) => {
        const bytes = Buffer.from(text, "utf8");
        for (let attempt = 0; ; attempt += 1) {
          await finish(draft.handle, bytes, target);
          if ((await confirm?.()) === false) return false;
          await draft.handle.close();
          try {
            if (padding !== undefined || !(await replace(draft.path, target))) {
              // A single file mounted by itself cannot be replaced; the new text stays beside it until the old is overwritten.
              await writeInPlace(target, bytes, draft.path);
            }
            return true;
          } catch (error) {
            if (systemCode(error) !== "ENOENT" || attempt > 0) throw error;
            // Whoever cleans up has taken our temporary file away meanwhile.
            draft = await createPrivateFile(target, temporarySuffix, size, old);
          }
        }
      },
      abandon: async () => {
        await padding?.giveBack();
        await draft.remove();
      },
      leave: () => draft.handle.close(),
    };
  } catch (error) {
    await temporary?.remove();
    throw explainSystemError(error, target);
  }
}

/**
 * The text of a write that a killed program had finished but not put in place: beside `target`, whole, in a file of
 * ours. Call it under the lock; `discard` removes what is there.
 */
export async function findUnfinished(
  target: string,
  isWhole: (text: string) => boolean,
): Promise<{ texts: string[]; discard(): Promise<void> }> {
  const left = await findLeftovers(target, temporarySuffix);
  const texts = left.map(({ content }) => content.toString("utf8")).filter(isWhole);
  const done = left.filter(({ content, isAbandoned }) => isAbandoned || isWhole(content.toString("utf8")));
  return { texts, discard: () => removeFiles(done.map(({ path }) => path)) };
}

async function finish(handle: FileHandle, bytes: Buffer, target: string): Promise<void> {
  await writeFully(handle, bytes);
  await handle.truncate(bytes.length);
  await handle.sync();
  const { size } = await handle.stat();
  if (size !== bytes.length) throw new Error(`The new text of ${target} was cut off while it was written.`);
}

/** `false` when this file can only be written in place. */
async function replace(from: string, target: string): Promise<boolean> {
  try {
    await rename(from, target);
  } catch (error) {
    const code = systemCode(error) ?? "";
    if (["EBUSY", "EXDEV", "EPERM", "EACCES", "ETXTBSY"].includes(code)) return false;
    throw error;
  }
  await syncFolder(dirname(target));
  return true;
}

async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open a folder, some file systems cannot sync one: the rename itself has happened.
  const handle = await open(folder, "r").catch(() => undefined);
  await handle?.sync().catch(() => {});
  await handle?.close();
}
