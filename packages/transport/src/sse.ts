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

  function decode(chunks: readonly Uint8Array[]): string {
    let text = "";
    for (const chunk of chunks) text += decoder.write(chunk as Buffer);
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

  /** The usual block is `event: X`, `data: Y`, and nearly always of the same X as the one before: its head so far. */
  let head = "";
  let headEvent = "";

  /** Takes the whole events out of the text and gives where the rest begins. */
  function takeEvents(text: string, made: T[]): number {
    let start = 0;
    for (;;) {
      // A slice compared with === runs three times as fast here as startsWith(head, start), which goes letter by letter.
      if (head !== "" && text.slice(start, start + head.length) === head) {
        const dataEnd = text.indexOf("\n", start + head.length);
        if (dataEnd === -1) return start;
        if (text.charCodeAt(dataEnd + 1) === lineFeed) {
          const one = make(headEvent, text.slice(start + head.length, dataEnd));
          if (one !== undefined) made.push(one);
          start = dataEnd + 2;
          continue;
        }
      }
      const end = text.indexOf("\n\n", start);
      if (end === -1) return start;
      const event = parseLines(text.slice(start, end));
      if (event !== undefined) {
        if (event.event !== undefined) {
          headEvent = event.event;
          head = `event: ${headEvent}\ndata: `;
        }
        const one = make(event.event, event.data);
        if (one !== undefined) made.push(one);
      }
      start = end + 2;
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
  };
}

const lineFeed = 10;

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
