import { closeSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";

export interface LogOptions {
  /** Size at which a file is set aside, in bytes. Default 5 MiB. */
  maxBytes?: number;
  /** How many files that were set aside are kept: `.1`, the youngest, to `.3`. Default 3. */
  keep?: number;
}

/**
 * Appends lines to a file for its owner only, and sets the file aside when it is full. What
 * was logged is on its way to the disk when the call returns, so that a crash loses none of it.
 */
export function openLog(file: string, { maxBytes = 5 * 1024 * 1024, keep = 3 }: LogOptions = {}) {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const open = () => openSync(file, "a", 0o600);
  let handle = open();
  let size = fstatSync(handle).size;

  function rotate(): void {
    closeSync(handle);
    rmSync(`${file}.${keep}`, { force: true });
    for (let number = keep - 1; number >= 0; number--) {
      try {
        renameSync(number === 0 ? file : `${file}.${number}`, `${file}.${number + 1}`);
      } catch {
        // There are not that many yet; or the disk does not let us, and the file grows on.
      }
    }
    handle = open();
    size = fstatSync(handle).size;
  }

  return {
    write(line: string): void {
      const bytes = Buffer.from(`${line}\n`);
      if (size > 0 && size + bytes.length > maxBytes) rotate();
      try {
        size += writeSync(handle, bytes);
      } catch {
        // A full disk is no reason to stop serving.
      }
    },
    close: () => closeSync(handle),
  };
}
