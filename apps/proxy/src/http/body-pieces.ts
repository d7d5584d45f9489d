/** Where a body is until all of it has come. */
export interface BodyPieces {
  readonly size: number;
  add(chunk: Buffer): void;
  /** The whole, which is held until `clear`. */
  bytes(): Buffer;
  /** The whole as text; lets go of the bytes. */
  text(): string;
  /** Lets go of the bytes. */
  clear(): void;
}

/** Up to this size the pieces are kept as they come and joined at the end, in bytes. */
const listedBytes = 1024 * 1024;

/** By how much the place of a body grows whose length is not known, in bytes. */
const stepBytes = 4 * 1024 * 1024;

/** An ArrayBuffer that can be made smaller and larger, which gives and takes memory at once: ES2024, in Node since 20. */
interface ResizableBuffer extends ArrayBuffer {
  resize(bytes: number): void;
}
const createResizable = (maxByteLength: number) =>
  new (ArrayBuffer as unknown as new (bytes: number, options: object) => ResizableBuffer)(0, { maxByteLength });

/**
 * A large body goes to one place as it comes, so that it is there once and not twice, and the place is given back as soon as
 * there is a text of it: what waits for the garbage collector, and is not in its heap, it leaves lying for long.
 * @param limit of the whole, in bytes
 */
export function gatherPieces(limit: number): BodyPieces {
  let list: Buffer[] = [];
  let size = 0;
  let place: ResizableBuffer | undefined;

  function put(chunk: Buffer): void {
    place ??= createResizable(limit);
    const end = size + chunk.length;
    if (end > place.byteLength) place.resize(Math.min(limit, Math.ceil(end / stepBytes) * stepBytes));
    chunk.copy(new Uint8Array(place), size);
    size = end;
  }

  function clear(): void {
    list = [];
    place?.resize(0);
    place = undefined;
  }

  function bytes(): Buffer {
    if (place !== undefined) return Buffer.from(place, 0, size);
    const only = list.length === 1 ? list[0] : undefined;
    return only ?? Buffer.concat(list, size);
  }

  return {
    get size() {
      return size;
    },
    add(chunk) {
      if (place !== undefined) return put(chunk);
      if (size + chunk.length <= listedBytes) {
        list.push(chunk);
        size += chunk.length;
        return;
      }
      const before = list;
      list = [];
      size = 0;
      for (const piece of before) put(piece);
      put(chunk);
    },
    bytes,
    text() {
      const text = bytes().toString("utf8");
      clear();
      return text;
    },
    clear,
  };
}
