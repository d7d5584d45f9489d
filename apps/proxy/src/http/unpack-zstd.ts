import { Transform } from "node:stream";
import * as zlib from "node:zlib";
import { CodexError } from "@codex/errors";
import { Decompress } from "fzstd";

/** The largest window that a decompressor of the web has to know (RFC 9659), in bytes. */
const maxWindowBytes = 8 * 1024 * 1024;
const maxWindowLog = 23;

/** What fzstd is given at a time, in bytes; others have their turn in between. */
const sliceBytes = 16 * 1024;

/**
 * After each block fzstd moves its window, so blocks of a few bytes cost as much as large ones. So many bytes it may move for
 * one slice, which takes some tens of milliseconds, and for a body: 64 MiB in blocks of the usual size come to 4 GiB.
 */
const maxMovedBySlice = 512 * 1024 * 1024;
const maxMoved = 16 * 1024 * 1024 * 1024;

/** By node:zlib, which has zstd from Node 22.15 and 23.8 on; by fzstd, on the one thread that there is, before. */
export function createZstdUnpacker(chunkSize: number): Transform {
  const native = zlib as typeof zlib & {
    createZstdDecompress?: (options: { chunkSize: number; params: Record<number, number> }) => Transform;
    constants: { ZSTD_d_windowLogMax?: number };
  };
  const { ZSTD_d_windowLogMax: windowLogMax } = native.constants;
  if (native.createZstdDecompress === undefined || windowLogMax === undefined) return unpackByFzstd();
  return native.createZstdDecompress({ chunkSize, params: { [windowLogMax]: maxWindowLog } });
}

function unpackByFzstd(): Transform {
  let moved = 0;
  let movedBySlice = 0;
  const decompress = new Decompress((bytes) => {
    // The frame that is being read, in 0.1.1: `e` is the size of its window, which has not been written to before the first block.
    const window = (decompress as unknown as { s?: { e?: number } }).s?.e ?? 0;
    moved += window;
    movedBySlice += window;
    if (window > maxWindowBytes) throw refuse("needs a window of more than 8 MiB");
    if (moved > maxMoved || movedBySlice > maxMovedBySlice) throw refuse("is made of too many small blocks");
    if (bytes.length > 0) stream.push(bytes);
  });
  const stream: Transform = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      let at = 0;
      const next = () => {
        if (stream.destroyed) return;
        movedBySlice = 0;
        try {
          decompress.push(chunk.subarray(at, at + sliceBytes));
        } catch (error) {
          return done(error as Error);
        }
        at += sliceBytes;
        if (at < chunk.length) setImmediate(next);
        else done();
      };
      next();
    },
    flush(done) {
      try {
        decompress.push(new Uint8Array(0), true);
        done();
      } catch (error) {
        done(error as Error);
      }
    },
  });
  return stream;
}

function refuse(what: string): CodexError {
  return new CodexError(
    "request_invalid",
    `The body, packed as zstd, ${what}. Pack it otherwise, or send it as it is.`,
  );
}
