import type { IncomingMessage } from "node:http";
import { BodyError, decodeBody } from "./decode-body.js";

/** The largest body taken, before and after decompression: 64 MiB. */
export const maxBodyBytes = 64 * 1024 * 1024;

/** Reads a whole request body and undoes its compression. Throws BodyError; an aborted upload rejects with the socket's error. */
export async function readBody(request: IncomingMessage, limit = maxBodyBytes): Promise<Buffer> {
  const announced = Number(request.headers["content-length"]);
  if (announced > limit) throw new BodyError(413, "Request body too large");
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw new BodyError(413, "Request body too large");
    chunks.push(chunk);
  }
  const bytes = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
  return decodeBody(bytes, request.headers["content-encoding"], limit);
}

/** The body as what its content type says: an object for JSON and forms, text where that fails, undefined when empty. */
export function parseBody(bytes: Buffer, contentType: string | undefined): unknown {
  if (bytes.length === 0) return undefined;
  const text = bytes.toString("utf8");
  if (contentType?.includes("application/x-www-form-urlencoded")) return Object.fromEntries(new URLSearchParams(text));
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
