import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, unlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** A text that was fetched, and what is needed to ask whether it changed. */
export interface CacheEntry {
  readonly url: string;
  readonly etag?: string;
  readonly text: string;
  /** When the source last confirmed it, in milliseconds since 1970. */
  readonly checkedAt: number;
}

/** Where a key's entry lies. Keys are file names of ours. */
export function entryPath(cacheDir: string, key: string): string {
  return join(cacheDir, "instructions", `${key}.json`);
}

/** Reads an entry; undefined when there is none, or none that is whole. Rejects for a file that may not be read. */
export async function readEntry(path: string): Promise<CacheEntry | undefined> {
  let content: string;
  try {
    content = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    const entry: unknown = JSON.parse(content);
    return isEntry(entry) ? entry : undefined;
  } catch {
    // A file that was cut off is the same as none: it is fetched anew and written over.
    return undefined;
  }
}

/**
 * Writes an entry whole or not at all: into a file of its own beside the place, then renamed. Several processes may
 * write at once; the last one wins. Not synced to disk: a power cut costs one more fetch.
 */
export async function writeEntry(path: string, entry: CacheEntry): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}.${randomUUID()}.tmp`;
  try {
    await writeFile(draft, JSON.stringify(entry), { flag: "wx" });
    await rename(draft, path);
  } catch (error) {
    await unlink(draft).catch(() => undefined);
    throw error;
  }
}

function isEntry(value: unknown): value is CacheEntry {
  if (typeof value !== "object" || value === null) return false;
  const { url, etag, text, checkedAt } = value as Record<string, unknown>;
  return (
    typeof url === "string" &&
    (etag === undefined || typeof etag === "string") &&
    typeof text === "string" &&
    text !== "" &&
    typeof checkedAt === "number" &&
    Number.isFinite(checkedAt)
  );
}
