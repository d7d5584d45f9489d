import type { Dispatcher } from "undici";
import { createDispatcher, type EnvironmentProxy } from "./dispatcher.js";
import { ResponseHandler, type TransportResponse } from "./response-handler.js";

export interface TransportOptions {
  /** Time to open a connection, TLS included. Default 10,000. */
  connectTimeoutMs?: number;
  /** Time from the request's last byte to the response's headers. Default 60,000. */
  headersTimeoutMs?: number;
  /** Longest silence between two pieces of a body. Default 300,000. There is no limit on a whole stream. */
  idleTimeoutMs?: number;
  /** The values of HTTPS_PROXY, HTTP_PROXY and NO_PROXY. Default: no proxy; the environment is never read here. */
  environmentProxy?: EnvironmentProxy | undefined;
}

export interface PostRequest {
  url: string;
  headers: Record<string, string>;
  body: string;
}

export interface Transport {
  /**
   * One attempt: no retry, no redirect. Resolves when the headers are there, whatever the status. Rejects with
   * `upstream_unreachable`, `upstream_timeout` or `stream_interrupted`, or with the signal's reason at once when it aborts.
   */
  post(request: PostRequest, signal: AbortSignal): Promise<TransportResponse>;
  /** The standard `fetch` on the same connection pool, for the small requests of other packages. */
  fetch: typeof globalThis.fetch;
  /** Closes idle connections and waits for running requests. */
  close(): Promise<void>;
}

/** One pool of connections for the whole program. Opens nothing until the first request. */
export function createTransport(options: TransportOptions = {}): Transport {
  const { connectTimeoutMs = 10_000, headersTimeoutMs = 60_000, idleTimeoutMs = 300_000, environmentProxy } = options;
  const dispatcher = createDispatcher(connectTimeoutMs, environmentProxy);
  return {
    post: (request, signal) => post(dispatcher, request, signal, { headersTimeoutMs, idleTimeoutMs }),
    // Node's own fetch on our pool: it is there already, undici's would have to be loaded.
    fetch: (input, init) => fetch(input, { ...init, dispatcher } as unknown as RequestInit),
    close: () => dispatcher.close(),
  };
}

interface Limits {
  headersTimeoutMs: number;
  idleTimeoutMs: number;
}

/**
 * Drives undici's dispatcher by a handler: `fetch` as a client costs 0.9 to 1.6 ms of CPU a request, a dispatch
 * 0.15 ms, and web streams cost a promise an event.
 */
function post(dispatcher: Dispatcher, request: PostRequest, signal: AbortSignal, limits: Limits) {
  return new Promise<TransportResponse>((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const { origin, path } = splitUrl(request.url);
    const { headersTimeoutMs: headersTimeout, idleTimeoutMs: bodyTimeout } = limits;
    const { headers, body } = request;
    dispatcher.dispatch(
      { origin, path, method: "POST", headers, body, headersTimeout, bodyTimeout },
      new ResponseHandler(origin, signal, { resolve, reject }),
    );
  });
}

let lastSplit = { url: "", origin: "", path: "" };

/** A URL taken apart, once for all requests to the same one, which are nearly all. */
function splitUrl(url: string): { origin: string; path: string } {
  if (lastSplit.url !== url) {
    const { origin, pathname, search } = new URL(url);
    lastSplit = { url, origin, path: pathname + search };
  }
  return lastSplit;
}

/** Reads a whole body as text, at most `limit` bytes: error bodies are small, and a hostile one must not fill memory. */
export async function readText(body: AsyncIterable<Uint8Array[]>, limit = 64 * 1024): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for await (const chunks of body) {
    for (const chunk of chunks) {
      size += chunk.length;
      text += decoder.decode(size > limit ? chunk.subarray(0, Math.max(0, chunk.length - (size - limit))) : chunk, {
        stream: true,
      });
    }
    if (size >= limit) break;
  }
  return text;
}
