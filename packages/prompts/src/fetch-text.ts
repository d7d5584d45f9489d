import { CodexError } from "@codex/errors";
import type { CacheEntry } from "./cache-files.js";

/** Far more than any instructions have; in characters. */
const longestText = 1_000_000;

/**
 * Fetches a text, with `If-None-Match` when the last one came from the same address. `read` may take the wanted part out
 * of the body. Throws `not_found` for 404, `upstream_rejected` for other statuses and for what cannot be such a text.
 */
export async function fetchText(
  fetch: typeof globalThis.fetch,
  url: string,
  previous: CacheEntry | undefined,
  signal: AbortSignal,
  read: (body: string) => string = (body) => body,
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
  const text = read(await response.text());
  // The sign-in page of a hotel network answers 200 to everything.
  const isPage = response.headers.get("content-type")?.includes("html") ?? false;
  if (isPage || text.trim() === "" || text.length > longestText) {
    throw new CodexError("upstream_rejected", `${url} answered with something that is no instructions.`);
  }
  const etag = response.headers.get("etag");
  return { url, text, ...(etag === null ? {} : { etag }) };
}
