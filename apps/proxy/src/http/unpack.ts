import type { Transform } from "node:stream";
import * as zlib from "node:zlib";
import { CodexError, isCodexError } from "@codex/errors";
import { createZstdUnpacker } from "./unpack-zstd.js";

/** What is unpacked at a time, in bytes. */
const chunkSize = 64 * 1024;

/** Decompressors by the name of their content-encoding; each takes packed bytes and gives unpacked ones as they come. */
const unpackers: Readonly<Record<string, () => Transform>> = {
  gzip: () => zlib.createGunzip({ chunkSize }),
  "x-gzip": () => zlib.createGunzip({ chunkSize }),
  deflate: () => zlib.createInflate({ chunkSize }),
  br: () => zlib.createBrotliDecompress({ chunkSize }),
  zstd: () => createZstdUnpacker(chunkSize),
};

/** Up to this size a body may be as repetitive as it likes, in bytes. */
const freeBytes = 4 * 1024 * 1024;

/**
 * How many times its packed size a larger one may have. Conversations, and photos in base64, come to 2 to 30 times; what is
 * made to fill a memory, to a thousand (gzip) or a million times (brotli).
 */
const maxRatio = 100;

/** How many bodies are unpacked at a time: a decompressor for brotli takes 16 MiB and more. */
const maxAtATime = 4;

/** The names of the content-encodings that are known. */
export const contentEncodings: readonly string[] = Object.keys(unpackers);

export function isContentEncoding(name: string): boolean {
  return Object.hasOwn(unpackers, name);
}

/**
 * Unpacks a body, some at a time and the others after them. Rejects with `request_invalid` when it is not packed as it says,
 * with `too_large` when it becomes too many times as large as it was, and with what `take` gives back.
 * @param encoding one of `contentEncodings`
 * @param take given each piece as it comes; an error ends it
 */
export type Unpack = (
  packed: Buffer,
  encoding: string,
  take: (chunk: Buffer) => CodexError | undefined,
) => Promise<void>;

export function createUnpack(): Unpack {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (packed, encoding, take) => {
    if (running >= maxAtATime) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      await unpack(packed, encoding, take);
    } finally {
      // A place is handed on, not given back and taken again.
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}

function unpack(...[packed, encoding, take]: Parameters<Unpack>): Promise<void> {
  return new Promise((resolve, reject) => {
    const unpacker = unpackers[encoding]?.();
    if (unpacker === undefined) throw new TypeError(`There is no content-encoding ${encoding}.`);
    let size = 0;
    const settle = (error?: CodexError) => {
      unpacker.removeAllListeners().on("error", ignore).destroy();
      if (error === undefined) resolve();
      else reject(error);
    };
    unpacker
      .on("data", (chunk: Buffer) => {
        size += chunk.length;
        const wrong = checkRatio(packed.length, size) ?? take(chunk);
        if (wrong !== undefined) settle(wrong);
      })
      .on("end", settle)
      .on("error", (cause) => settle(isCodexError(cause) ? cause : notPacked(encoding, cause)))
      .end(packed);
  });
}

/** The refusal of a body that has become too many times as large as it came. */
function checkRatio(packed: number, unpacked: number): CodexError | undefined {
  if (unpacked <= freeBytes || unpacked <= packed * maxRatio) return undefined;
  return new CodexError(
    "too_large",
    `The body is more than ${maxRatio} times as large as it was sent, which only bodies of up to ${freeBytes / 1024 / 1024} MiB may be. Send it less compressed, or as it is.`,
  );
}

function notPacked(encoding: string, cause: unknown): CodexError {
  const message = `The body is not ${encoding}, as its content-encoding says it is.`;
  return new CodexError("request_invalid", message, { cause });
}

function ignore(): void {}
