import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import * as zlib from "node:zlib";
import { CodexError } from "@codex/errors";
import type { ProxyLimits } from "./limits.js";

/** How much of a body is taken, and how slowly it may come. */
export interface BodyLimits extends Pick<ProxyLimits, "maxBodyBytes" | "minBodyRate"> {
  /** How often the rate is looked at, in milliseconds. Default 10,000. */
  rateWindowMs?: number;
}

type Decompress = (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;

const decompressors: Readonly<Record<string, Decompress>> = {
  gzip: promisify(zlib.gunzip) as Decompress,
  "x-gzip": promisify(zlib.gunzip) as Decompress,
  deflate: promisify(zlib.inflate) as Decompress,
  br: promisify(zlib.brotliDecompress) as Decompress,
  ...zstd(),
};

/**
 * Refuses, before a byte is read, what could not be read anyway: `too_large` by its declared length,
 * `media_type_unsupported` for a content-encoding that is not known.
 */
export function checkBody(request: IncomingMessage, limit: number): CodexError | undefined {
  if (Number(request.headers["content-length"] ?? 0) > limit) return tooLarge(limit);
  const encoding = encodingOf(request);
  if (encoding === undefined || decompressors[encoding] !== undefined) return undefined;
  return new CodexError(
    "media_type_unsupported",
    `The content-encoding ${JSON.stringify(encoding.slice(0, 40))} is not understood. Send the body as it is, or as ${Object.keys(decompressors).join(", ")}.`,
  );
}

/**
 * The whole body, decompressed. Throws `too_large` as soon as it grows beyond the limit, `request_invalid` when it does
 * not decompress or, with status 408, comes too slowly, `aborted` when the caller goes away. After an error the rest is
 * left unread.
 */
export async function readBody(request: IncomingMessage, limits: BodyLimits): Promise<Buffer> {
  const body = await gather(request, limits);
  const limit = limits.maxBodyBytes;
  const encoding = encodingOf(request);
  const decompress = encoding === undefined ? undefined : decompressors[encoding];
  if (decompress === undefined || body.length === 0) return body;
  try {
    return await decompress(body, { maxOutputLength: limit });
  } catch (cause) {
    if (cause instanceof RangeError) throw tooLarge(limit);
    throw new CodexError("request_invalid", `The body is not ${encoding}, as its content-encoding says it is.`, {
      cause,
    });
  }
}

/** By events: an async iterator costs a promise and a wrapper a chunk. */
function gather(request: IncomingMessage, limits: BodyLimits): Promise<Buffer> {
  const { maxBodyBytes: limit, minBodyRate, rateWindowMs = 10_000 } = limits;
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let sizeBefore = 0;
    const checkRate = () => {
      if (size - sizeBefore < (minBodyRate * rateWindowMs) / 1000) settle(tooSlow(minBodyRate));
      sizeBefore = size;
    };
    const timer = minBodyRate > 0 ? setInterval(checkRate, rateWindowMs) : undefined;
    const settle = (error?: CodexError) => {
      clearInterval(timer);
      request.off("data", onData).off("end", onEnd).off("close", onGone);
      if (error === undefined) resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size));
      else reject(error);
    };
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
      else settle(tooLarge(limit));
    };
    const onEnd = () => settle();
    const onGone = () => settle(new CodexError("aborted", "The caller went away before its request was complete."));
    // An "error" of a request comes with "close", which settles; without a listener it would end the process.
    request.on("data", onData).on("end", onEnd).on("close", onGone).on("error", ignore);
  });
}

function ignore(): void {}

function encodingOf(request: IncomingMessage): string | undefined {
  const encoding = request.headers["content-encoding"]?.trim().toLowerCase();
  return encoding === "" || encoding === "identity" ? undefined : encoding;
}

function tooLarge(limit: number): CodexError {
  const text = limit >= 1024 * 1024 ? `${limit / 1024 / 1024} MiB` : `${limit} bytes`;
  return new CodexError(
    "too_large",
    `The body is larger than ${text}. Send smaller or fewer images and files, or a shorter conversation.`,
  );
}

function tooSlow(minBodyRate: number): CodexError {
  return new CodexError("request_invalid", `The body came at less than ${minBodyRate} bytes a second. Send it again.`, {
    status: 408,
  });
}

/** node:zlib has zstd from Node 22.15 and 23.8 on. */
function zstd(): Record<string, Decompress> {
  const decompress = (zlib as { zstdDecompress?: typeof zlib.gunzip }).zstdDecompress;
  return decompress === undefined ? {} : { zstd: promisify(decompress) as Decompress };
}
