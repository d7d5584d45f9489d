import { isAscii } from "node:buffer";
import { StringDecoder } from "node:string_decoder";
import { CodexError } from "@codex/errors";

/** One server-sent event: the `event:` field if there was one, and the `data:` lines joined by a line feed. */
export interface SseEvent {
  event: string | undefined;
  data: string;
}

/** Largest event that is taken, in UTF-16 units. Generated images come as one event of several megabytes. */
export const maxEventLength = 64 * 1024 * 1024;

/**
 * Reads events in batches: all that one socket read completed come out together, so that they can leave in one write.
 * Characters, lines and events may be split anywhere. An event that the end of the stream cut off is dropped, as the
 * standard says. Throws `stream_interrupted` for an event over the limit.
 */
export async function* readEvents(body: AsyncIterable<Uint8Array[]>): AsyncGenerator<SseEvent[], void, undefined> {
  const parser = createSseParser((event, data): SseEvent => ({ event, data }));
  for await (const chunks of body) {
    const events = parser.push(chunks);
    if (events.length > 0) yield events;
  }
}

export interface SseParser<T> {
  /** What came of the events that these chunks completed. */
  push(chunks: readonly Uint8Array[]): T[];
  /**
   * What came of an event whose blank line had not come when the body ended, called once at a clean end. The standard drops
   * such an event; whoever can tell a whole one from a cut one may take it.
   */
  end(): T | undefined;
}

/**
 * The parser by itself, synchronous and without I/O. `make` turns an event into whatever the caller works with, without
 * an object in between; it may leave an event out by giving undefined.
 */
export function createSseParser<T>(
  make: (event: string | undefined, data: string) => T | undefined,
  limit = maxEventLength,
): SseParser<T> {
  const decoder = new StringDecoder("utf8");
  /** Text of the unfinished event, kept in pieces: a large event must not be joined anew for each chunk of it. */
  let pending: string[] = [];
  let pendingLength = 0;
  let lastWasCarriageReturn = false;
  let atStart = true;
  /** Whether the decoder holds the first bytes of a character. */
  let isSplit = false;

  /** ASCII is Latin-1 too, which is copied as it is; looking for anything else takes a fraction of decoding UTF-8. */
  function decodeBytes(bytes: Buffer): string {
    if (!isSplit && isAscii(bytes)) return bytes.toString("latin1");
    isSplit = ((bytes[bytes.length - 1] ?? 0) & 0x80) !== 0;
    return decoder.write(bytes);
  }

  function decode(chunks: readonly Uint8Array[]): string {
    // Joined first: a server may send each event as a chunk of its own, and a decoder's call costs more than a copy.
    const [first] = chunks;
    let text = decodeBytes(chunks.length === 1 && Buffer.isBuffer(first) ? first : Buffer.concat(chunks));
    if (atStart && text.length > 0) {
      atStart = false;
      if (text.charCodeAt(0) === 0xfeff) text = text.slice(1);
    }
    if (!lastWasCarriageReturn && !text.includes("\r")) return text;
    // A CR LF may be split between two reads: the CR has already ended its line, the LF then adds nothing.
    if (lastWasCarriageReturn && text.startsWith("\n")) text = text.slice(1);
    else if (text.length === 0) return text;
    lastWasCarriageReturn = text.endsWith("\r");
    return text.replace(/\r\n?/g, "\n");
  }

  /** Takes the whole events out of the text and gives where the rest begins. */
  function takeEvents(text: string, made: T[]): number {
    let start = 0;
    for (;;) {
      let one: T | undefined;
      const dataStart = usualDataStart(text, start);
      const dataEnd = dataStart === -1 ? -1 : text.indexOf("\n", dataStart);
      if (dataEnd !== -1 && text.charCodeAt(dataEnd + 1) === lineFeed) {
        one = make(
          text.slice(start + eventField.length, dataStart - dataField.length - 1),
          text.slice(dataStart, dataEnd),
        );
        start = dataEnd + 2;
      } else {
        const end = text.indexOf("\n\n", start);
        if (end === -1) return start;
        const event = parseLines(text.slice(start, end));
        one = event && make(event.event, event.data);
        start = end + 2;
      }
      if (one !== undefined) made.push(one);
    }
  }

  return {
    push(chunks) {
      const made: T[] = [];
      let text = decode(chunks);
      if (text.length === 0) return made;

      if (pendingLength > 0) {
        const seam = pending[pending.length - 1] as string;
        const closed = text.includes("\n\n") || (seam.endsWith("\n") && text.startsWith("\n"));
        pending.push(text);
        pendingLength += text.length;
        if (!closed) {
          if (pendingLength > limit) throw tooLarge(limit);
          return made;
        }
        text = pending.join("");
        pending = [];
        pendingLength = 0;
      }

      const rest = takeEvents(text, made);
      if (rest < text.length) {
        pending.push(text.slice(rest));
        pendingLength = text.length - rest;
        if (pendingLength > limit) throw tooLarge(limit);
      }
      return made;
    },
    end() {
      const event = parseLines(pending.join("") + decoder.end());
      pending = [];
      pendingLength = 0;
      return event && make(event.event, event.data);
    },
  };
}

const lineFeed = 10;
const eventField = "event: ";
const dataField = "data: ";

/**
 * Where the data begins in a block of the usual shape, `event: X` and `data: Y` on two lines; -1 for any other. Slices are
 * compared with ===, since startsWith with a position goes letter by letter and takes three times as long.
 */
function usualDataStart(text: string, start: number): number {
  if (text.slice(start, start + eventField.length) !== eventField) return -1;
  const lineEnd = text.indexOf("\n", start + eventField.length);
  if (lineEnd === -1) return -1;
  const dataStart = lineEnd + 1 + dataField.length;
  return text.slice(lineEnd + 1, dataStart) === dataField ? dataStart : -1;
}

function parseLines(block: string): SseEvent | undefined {
  let event: string | undefined;
  let data: string | undefined;
  for (const line of block.split("\n")) {
    const colon = line.indexOf(":");
    if (colon === 0) continue;
    const field = colon === -1 ? line : line.slice(0, colon);
    const from = line.charCodeAt(colon + 1) === 32 ? colon + 2 : colon + 1;
    const value = colon === -1 ? "" : line.slice(from);
    if (field === "event") event = value;
    else if (field === "data") data = data === undefined ? value : `${data}\n${value}`;
  }
  return data === undefined ? undefined : { event: event || undefined, data };
}

function tooLarge(limit: number): CodexError {
  return new CodexError("stream_interrupted", `The backend sent an event of more than ${limit} characters.`, {
    retryable: false,
  });
}
