import { startAwakeTimeout } from "./awake-timeout.js";
import { postByFetch } from "./post-by-fetch.js";
import { postByNode } from "./post-by-node.js";
import { isSuccess, maxAnswerBytes, NoAnswerError, type PostRequest } from "./raw-answer.js";

/** The issuer's answer as far as it is of use: status, parsed JSON if it was JSON. */
export interface EndpointAnswer {
  status: number;
  ok: boolean;
  json: unknown;
  /** Whether it was a web page instead of JSON: some gateway's, not the issuer's. */
  isHtml: boolean;
}

export interface EndpointRequest extends Omit<PostRequest, "signal"> {
  /**
   * Default: Node's own `http` and `https`, which hand over the first answer of a process in 1.4 ms, where the global
   * fetch takes 9 ms: for so long new tokens would exist in nobody's file.
   */
  fetch?: typeof fetch | undefined;
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

/**
 * POSTs once and reads the whole answer. Redirects are not followed: they would carry the token to another host.
 * Throws a NoAnswerError; causes are withheld, since a client's error may quote the request.
 */
export async function postOnce(request: EndpointRequest): Promise<EndpointAnswer> {
  const timeout = startAwakeTimeout(request.timeoutMs);
  const signal = request.signal === undefined ? timeout.signal : AbortSignal.any([timeout.signal, request.signal]);
  const headers = { accept: "application/json", ...request.headers };
  const sent = { url: request.url, headers, body: request.body, signal, onBytes: request.onBytes };
  const { status, body, code } = await (request.fetch === undefined
    ? postByNode(sent)
    : postByFetch(sent, request.fetch)
  )
    .catch((error: unknown) => {
      request.signal?.throwIfAborted();
      throw error;
    })
    .finally(timeout.end);
  const ok = isSuccess(status);
  if (!ok || body === undefined) request.signal?.throwIfAborted();
  // The status alone is an answer when it is a refusal; a success without its tokens is not.
  if (ok && body === undefined) throw new NoAnswerError(true, code);
  const text = body === undefined || body.length > maxAnswerBytes ? "" : new TextDecoder().decode(body);
  const json = parseJson(text);
  return { status, ok, json, isHtml: json === undefined && /^\s*</.test(text) };
}

/** JSON, or `undefined` for what is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
