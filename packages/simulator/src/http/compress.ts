import * as zlib from "node:zlib";

/** The encodings that a stream may be sent in, the preferred one first. */
const encodings = ["zstd", "gzip"] as const;

export type Encoding = (typeof encodings)[number];

/**
 * The encoding for a client that sends this `accept-encoding`; undefined for none. The Codex CLI asks for `zstd,gzip` since
 * 0.171. zstd is there from Node 22.15 on; before that gzip stands in where both are asked for.
 */
export function acceptedEncoding(header: string | string[] | undefined): Encoding | undefined {
  const asked = new Set<string>();
  for (const part of String(header ?? "").split(",")) {
    const [name, ...parameters] = part.split(";").map((text) => text.trim().toLowerCase());
    if (name && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))) asked.add(name);
  }
  return encodings.find((encoding) => asked.has(encoding) && (encoding === "gzip" || hasZstd));
}

const hasZstd = "createZstdCompress" in zlib;

/** Compresses piece by piece: what a piece becomes can be read as soon as it is there. */
export interface Compressor {
  compress(piece: Uint8Array): Promise<Buffer>;
  /** The last bytes of the stream. */
  end(): Promise<Buffer>;
}

type Transform = ReturnType<typeof zlib.createGzip>;

export function createCompressor(encoding: Encoding): Compressor {
  const stream: Transform =
    encoding === "gzip"
      ? zlib.createGzip()
      : (zlib as unknown as { createZstdCompress: () => Transform }).createZstdCompress();
  let made: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => made.push(chunk));
  const take = () => {
    const bytes = Buffer.concat(made);
    made = [];
    return bytes;
  };
  return {
    compress: (piece) =>
      new Promise((resolve, reject) => {
        stream.once("error", reject);
        stream.write(piece);
        const kind = encoding === "gzip" ? zlib.constants.Z_SYNC_FLUSH : undefined;
        const done = () => {
          stream.off("error", reject);
          resolve(take());
        };
        if (kind === undefined) stream.flush(done);
        else stream.flush(kind, done);
      }),
    end: () =>
      new Promise((resolve, reject) => {
        stream.once("error", reject);
        stream.once("end", () => resolve(take()));
        stream.end();
      }),
  };
}
