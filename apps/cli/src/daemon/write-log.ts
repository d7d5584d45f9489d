import { closeSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";

/** Where what the detached proxy has to say is kept. */
export function logFile(stateFolder: string): string {
  return join(stateFolder, "proxy.log");
}

export interface LogOptions {
  /** Size at which a file is set aside, in bytes. Default 5 MiB. */
  maxBytes?: number;
  /** How many files that were set aside are kept: `.1`, the youngest, to `.3`. Default 3. */
  keep?: number;
  /** How often it is looked at whether the file is still there, in milliseconds. Default 5,000. */
  checkMs?: number;
}

/** How soon a file that could not be opened is tried again. */
const retryMs = 200;

/**
 * Appends lines to a file for its owner only, and sets the file aside when it is full. What was logged is on its way to the
 * disk when the call returns, so that a crash loses none of it. Nothing that goes wrong is thrown: where the folder is gone
 * it is made again, where the disk is full or no file can be opened lines are lost until that is over.
 */
export function openLog(file: string, { maxBytes = 5 * 1024 * 1024, keep = 3, checkMs = 5000 }: LogOptions = {}) {
  let handle: number | undefined;
  let size = 0;
  /** Whether the last line could be written only in part. */
  let isTorn = false;
  let checkedAt = Number.NEGATIVE_INFINITY;
  let isClosed = false;

  /** Leaves everything as it is where the file cannot be opened. */
  function open(path = file): boolean {
    try {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      const next = openSync(path, "a", 0o600);
      const before = handle;
      handle = next;
      size = fstatSync(next).size;
      if (before !== undefined) closeSync(before);
      return true;
    } catch {
      return false;
    }
  }

  /** The new file is there before the old one is let go: when no more can be opened, the old one grows on. */
  function rotate(): void {
    const draft = `${file}.new`;
    if (!open(draft)) return;
    try {
      rmSync(`${file}.${keep}`, { force: true });
    } catch {
      // It is written over below, or stays.
    }
    for (let number = keep - 1; number >= 0; number--)
      rename(number === 0 ? file : `${file}.${number}`, `${file}.${number + 1}`);
    rename(draft, file);
  }

  /** Somebody may have taken the file away, or its folder: what is written to it then is nowhere. */
  function check(): void {
    const now = performance.now();
    if (isClosed || now - checkedAt < (handle === undefined ? retryMs : checkMs)) return;
    checkedAt = now;
    try {
      if (handle !== undefined && statSync(file).ino === fstatSync(handle).ino) return;
    } catch {
      // It is not there.
    }
    open();
  }

  function write(bytes: Buffer): void {
    if (handle === undefined) return;
    try {
      const written = writeSync(handle, bytes);
      size += written;
      isTorn = written < bytes.length;
    } catch {
      // A full disk is no reason to stop serving.
    }
  }

  check();
  return {
    write(line: string): void {
      check();
      const bytes = Buffer.from(`${isTorn ? "\n" : ""}${line}\n`);
      if (size > 0 && size + bytes.length > maxBytes) rotate();
      write(bytes);
    },
    close(): void {
      if (handle !== undefined) closeSync(handle);
      handle = undefined;
      isClosed = true;
    },
  };
}

/** Where there is nothing to rename, or the disk does not let us, all stays as it is. */
function rename(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch {
    // The file grows on.
  }
}
