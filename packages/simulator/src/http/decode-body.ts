import { promisify } from "node:util";
import * as zlib from "node:zlib";
import { Decompress } from "fzstd";

const gunzip = promisify(zlib.gunzip);
const inflate = promisify(zlib.inflate);
const brotli = promisify(zlib.brotliDecompress);

type ZstdDecompress = (
  input: Uint8Array,
  options: { maxOutputLength: number },
  done: (error: Error | null, result: Buffer) => void,
) => void;

/** What a body could not be read for, with the status that a client hears. */
export class BodyError extends Error {
  readonly status: 400 | 413 | 415;

  constructor(status: 400 | 413 | 415, message: string) {
    super(message);
    this.name = "BodyError";
    this.status = status;
  }
}

/** Undoes a `content-encoding` (zstd, gzip, deflate, br). Throws BodyError: 415 unknown, 400 broken, 413 above `limit` bytes. */
export async function decodeBody(bytes: Buffer, encoding: string | undefined, limit: number): Promise<Buffer> {
  try {
    switch (encoding?.trim().toLowerCase() || "identity") {
      case "identity":
        return bytes;
      case "zstd":
        return await unzstd(bytes, limit);
      case "gzip":
        return await gunzip(bytes, { maxOutputLength: limit });
      case "deflate":
        return await inflate(bytes, { maxOutputLength: limit });
      case "br":
        return await brotli(bytes, { maxOutputLength: limit });
      default:
        throw new BodyError(415, "Unsupported content encoding");
    }
  } catch (error) {
    if (error instanceof BodyError) throw error;
    if (error instanceof RangeError) throw new BodyError(413, "Request body too large");
    throw new BodyError(400, "Request body could not be decompressed");
  }
}

/** The official client compresses with zstd; node:zlib has it from 22.15 on, fzstd stands in before. */
async function unzstd(bytes: Buffer, limit: number): Promise<Buffer> {
  if ("zstdDecompress" in zlib) {
    const native = promisify(zlib.zstdDecompress as ZstdDecompress);
    return native(bytes, { maxOutputLength: limit });
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  const stream = new Decompress((chunk) => {
    size += chunk.length;
    if (size > limit) throw new BodyError(413, "Request body too large");
    chunks.push(chunk);
  });
  stream.push(bytes, true);
  return Buffer.concat(chunks);
}
