import type { ServerResponse } from "node:http";

/** An answer that is known as a whole. An object body is sent as JSON. */
export interface PlainReply {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** Writes a whole answer. The content type is JSON for objects, text for strings, unless `headers` has one. */
export function sendReply(response: ServerResponse, reply: PlainReply): void {
  const text = reply.body === undefined ? "" : typeof reply.body === "string" ? reply.body : JSON.stringify(reply.body);
  const type = typeof reply.body === "string" ? "text/plain; charset=utf-8" : "application/json";
  response.writeHead(reply.status, {
    ...(reply.body === undefined ? {} : { "content-type": type }),
    ...(reply.status === 304 || reply.status === 204 ? {} : { "content-length": Buffer.byteLength(text) }),
    ...reply.headers,
  });
  response.end(text);
}

/** A refusal by the ChatGPT front end: `{"detail": ...}`. */
export function detail(status: number, text: unknown): PlainReply {
  return { status, body: { detail: text } };
}

/** A refusal by the model layer: `{"error": {message, type, param, code}}`. */
export function modelError(message: string, param: string | null, code: string | null, status = 400): PlainReply {
  return { status, body: { error: { message, type: "invalid_request_error", param, code } } };
}
