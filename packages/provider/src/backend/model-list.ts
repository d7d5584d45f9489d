import type { Session } from "@codex/auth";
import type { FetchedModels } from "@codex/models";
import { failureFromResponse } from "./failure.js";
import { accountHeaders, type Identity } from "./headers.js";
import { readLimited } from "./limited-body.js";

/** Longest model list that is read, in bytes. Each entry of the real one carries some 20 kB of instructions. */
const maxListBytes = 8 * 1024 * 1024;

/**
 * Asks the backend for the account's models: `GET {base}/models?client_version=X.Y.Z`. A 401 is answered by one
 * refreshed token, as for any request.
 */
export function createModelFetcher(parts: {
  baseUrl: string;
  session: Session;
  fetch: typeof globalThis.fetch;
  identity: Identity;
  now: () => number;
}): (etag: string | undefined, signal: AbortSignal) => Promise<FetchedModels> {
  const { session, identity } = parts;
  const url = `${parts.baseUrl}/models?client_version=${encodeURIComponent(identity.protocolVersion)}`;

  return async (etag, signal) => {
    let access = await session.current(signal);
    for (let isRetry = false; ; isRetry = true) {
      const headers = accountHeaders(access, identity);
      if (etag !== undefined) headers["if-none-match"] = etag;
      const response = await parts.fetch(url, { headers, signal, redirect: "error" });
      if (response.status === 401 && !isRetry) {
        await response.body?.cancel();
        access = await session.refresh(access, signal);
        continue;
      }
      const text = await readLimited(response, maxListBytes);
      if (response.status === 304) return { status: "not_modified", etag };
      if (!response.ok)
        throw failureFromResponse(response.status, Object.fromEntries(response.headers), text, parts.now());
      return { status: "ok", body: JSON.parse(text), etag: response.headers.get("etag") ?? undefined };
    }
  };
}
