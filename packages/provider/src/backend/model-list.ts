import type { FetchedModels } from "@codex/models";
import type { AccountGet } from "./account-get.js";
import type { Identity } from "./headers.js";

/** Longest model list that is read, in bytes. Each entry of the real one carries some 20 kB of instructions. */
const maxBytes = 8 * 1024 * 1024;

/** Asks the backend for the account's models: `GET {base}/models?client_version=X.Y.Z`. */
export function createModelFetcher(
  get: AccountGet,
  { baseUrl, identity }: { baseUrl: string; identity: Identity },
): (etag: string | undefined, signal: AbortSignal) => Promise<FetchedModels> {
  const url = `${baseUrl}/models?client_version=${encodeURIComponent(identity.protocolVersion)}`;

  return async (etag, signal) => {
    const headers = etag === undefined ? {} : { "if-none-match": etag };
    const answer = await get({ url, headers, maxBytes }, signal);
    if (answer.status === 304) return { status: "not_modified", etag };
    return { status: "ok", body: JSON.parse(answer.text), etag: answer.headers.get("etag") ?? undefined };
  };
}
