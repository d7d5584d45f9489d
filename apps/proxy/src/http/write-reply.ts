import type { OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { Reply } from "@codex/provider";
import { defaultLimits } from "../settings/limits.js";

/** How a stream that is being written is framed, noted at its response. */
const framing = Symbol("framing");
type Framed = ServerResponse & { [framing]?: "chunks" | "none" };

/** A comment of SSE, which means nothing. */
const comment = ": keep-alive\n\n";

/** How long after the last words of a stream that has failed its connection breaks off. */
const breakOffMs = 200;

/** How long a refused upload is still taken in, so that the refusal is read before the connection ends. */
const lingerMs = 5000;

/** How many are taken in at a time; of more the connections end at once. */
const maxLingering = 256;
let lingering = 0;

/**
 * Writes a reply: plain text in one piece, a stream in one socket write a piece, each when the socket can take it.
 * Resolves when all is handed to the socket, or the caller has gone.
 * @param headers beside those of the reply
 * @param readTimeoutMs how long the socket may take nothing of a stream before the caller counts as gone
 */
export async function writeReply(
  response: ServerResponse,
  reply: Reply,
  headers: OutgoingHttpHeaders | undefined,
  readTimeoutMs = defaultLimits.readTimeoutMs,
): Promise<void> {
  if (response.destroyed) return;
  const all: OutgoingHttpHeaders = Object.assign(reply.headers, headers);
  if (typeof reply.body === "string") {
    all["content-length"] = Buffer.byteLength(reply.body);
    response.writeHead(reply.status, all);
    response.end(reply.body, encodingOf(reply.body));
    return;
  }
  response.writeHead(reply.status, all);
  // They are in Node's hands; a stream would hold them for as long as it runs.
  reply.headers = {};
  const chunked = takeOverChunking(response);
  (response as Framed)[framing] = chunked ? "chunks" : "none";
  // The headers leave with the first text, which an exchange has ready when it replies. Handed over by themselves, they
  // become one string; else Node would keep the hundred pieces that it puts them together from, 3 KiB a stream.
  response.cork();
  response.flushHeaders();
  for await (const text of reply.body) {
    if (response.destroyed) return;
    const bytes = Buffer.byteLength(text);
    const piece = chunked ? frame(text, bytes) : text;
    const isRoom = response.write(piece, bytes === text.length ? "latin1" : "utf8");
    if (response.writableCorked > 0) response.uncork();
    if (!isRoom) await drained(response, readTimeoutMs);
  }
  if (reply.breaksOff?.()) breakOff(response);
  else if (chunked) response.end("0\r\n\r\n", "latin1");
  else response.end();
}

/** Writes a comment into a stream that is being written and has room; nothing into other answers. */
export function writeComment(response: ServerResponse): void {
  const framed = (response as Framed)[framing];
  if (framed === undefined || response.writableNeedDrain || response.writableCorked > 0) return;
  response.write(framed === "chunks" ? frame(comment, comment.length) : comment, "latin1");
}

/**
 * Ends the connection where the good end of the body should be, a moment after the error in it: who reads ahead (LiteLLM
 * over aiohttp) would hear of the broken connection alone.
 */
function breakOff(response: ServerResponse): void {
  const { socket } = response;
  const timer = setTimeout(() => socket?.destroySoon(), breakOffMs).unref();
  response.once("close", () => clearTimeout(timer));
}

function frame(text: string, bytes: number): string {
  return `${bytes.toString(16)}\r\n${text}\r\n`;
}

/**
 * Whether the chunks of the transfer coding are framed here. Node writes each as four pieces, which the socket gathers
 * again; one string a chunk takes a third off the CPU of a stream that trickles. What Node decides (no chunks for HTTP/1.0)
 * stays as it is.
 */
function takeOverChunking(response: ServerResponse): boolean {
  if (!response.chunkedEncoding) return false;
  response.chunkedEncoding = false;
  return true;
}

/**
 * Writes a plain reply to a request whose body is not read to its end, and ends the connection once the caller has
 * had the chance to read it: closing on unread bytes would make the network throw the reply away.
 */
export function writeRefusal(response: ServerResponse, reply: Reply, headers: OutgoingHttpHeaders | undefined): void {
  const body = typeof reply.body === "string" ? reply.body : "";
  response.writeHead(reply.status, {
    ...reply.headers,
    ...headers,
    "content-length": Buffer.byteLength(body),
    connection: "close",
  });
  response.write(body);
  const { req: request } = response;
  if (lingering >= maxLingering) return void response.end(() => request.destroy());
  lingering++;
  const finish = () => {
    clearTimeout(timer);
    lingering--;
    request.off("end", finish).off("close", finish);
    response.end();
  };
  const timer = setTimeout(finish, lingerMs);
  request.on("end", finish).on("close", finish).resume();
}

/**
 * Text that is all ASCII has the same bytes in Latin-1, which Node copies; for UTF-8 it allocates three bytes a letter and
 * encodes. Measured: a tenth of the CPU of a 200-token stream.
 */
function encodingOf(text: string): BufferEncoding {
  return Buffer.byteLength(text) === text.length ? "latin1" : "utf8";
}

/** Resolves when the socket takes more, or is gone, as it is after the limit: who has died without a word holds nothing up. */
function drained(response: ServerResponse, limitMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => response.destroy(), limitMs).unref();
    const go = () => {
      clearTimeout(timer);
      response.off("drain", go).off("close", go);
      resolve();
    };
    response.on("drain", go).on("close", go);
  });
}
