import { CodexError } from "@codex/errors";
import type { CacheEntry } from "./cache-files.js";

export interface FetchTextOptions {
  /** Takes the wanted part out of the body; may throw. Default: the whole body. */
  read?: (body: string) => string;
  /** Longest body that is read. Default 1,000,000: far more than any instructions have. */
  maxBytes?: number;
}

/**
 * Fetches a text, with `If-None-Match` when the last one came from the same address. Throws `not_found` for 404,
 * `upstream_rejected` for other statuses and for what cannot be such a text.
 */
export async function fetchText(
  fetch: typeof globalThis.fetch,
  url: string,
  previous: CacheEntry | undefined,
  signal: AbortSignal,
  { read = (body) => body, maxBytes = 1_000_000 }: FetchTextOptions = {},
): Promise<Omit<CacheEntry, "checkedAt">> {
  const known = previous?.url === url ? previous : undefined;
  const headers: Record<string, string> = { "user-agent": "codex-oauth", accept: "*/*" };
  if (known?.etag !== undefined) headers["if-none-match"] = known.etag;
  const response = await fetch(url, { headers, signal });
  if (response.status === 304 && known !== undefined) return known;
  if (!response.ok) {
    await response.body?.cancel();
    const code = response.status === 404 ? "not_found" : "upstream_rejected";
    throw new CodexError(code, `${url} answered ${response.status}.`);
  }
  // The sign-in page of a hotel network answers 200 to everything.
  const isPage = response.headers.get("content-type")?.includes("html") ?? false;
  const body = await readAtMost(response, isPage ? 0 : maxBytes);
  const text = body === undefined ? "" : read(body);
  if (text.trim() === "") {
    throw new CodexError("upstream_rejected", `${url} answered with something that is no instructions.`);
  }
  const etag = response.headers.get("etag");
  return { url, text, ...(etag === null ? {} : { etag }) };
}

/** The body as text; undefined, and the rest not read, when it has more bytes. */
async function readAtMost(response: Response, maxBytes: number): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
