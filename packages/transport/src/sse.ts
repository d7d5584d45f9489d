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
  const parser = createSseParser();
  for await (const chunks of body) {
    const events = parser.push(chunks);
    if (events.length > 0) yield events;
  }
}

export interface SseParser {
  push(chunks: readonly Uint8Array[]): SseEvent[];
}

/** The parser by itself, synchronous and without I/O. */
export function createSseParser(limit = maxEventLength): SseParser {
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

  return {
    push(chunks) {
      const events: SseEvent[] = [];
      let text = decode(chunks);
      if (text.length === 0) return events;

      if (pendingLength > 0) {
        const seam = pending[pending.length - 1] as string;
        const closed = text.includes("\n\n") || (seam.endsWith("\n") && text.startsWith("\n"));
        if (!closed) {
          pending.push(text);
          pendingLength += text.length;
          if (pendingLength > limit) throw tooLarge(limit);
          return events;
        }
        pending.push(text);
        text = pending.join("");
        pending = [];
        pendingLength = 0;
      }

      let start = 0;
      for (;;) {
        const end = text.indexOf("\n\n", start);
        if (end === -1) break;
        const event = parseBlock(text, start, end);
        if (event !== undefined) events.push(event);
        start = end + 2;
      }
      if (start < text.length) {
        pending.push(start === 0 ? text : text.slice(start));
        pendingLength = text.length - start;
        if (pendingLength > limit) throw tooLarge(limit);
      }
      return events;
    },
  };
}

/** The usual block is `event: X`, `data: Y`, two lines; anything else takes the road of the standard. */
function parseBlock(text: string, start: number, end: number): SseEvent | undefined {
  if (text.startsWith("event: ", start)) {
    const lineEnd = text.indexOf("\n", start);
    if (lineEnd < end && text.startsWith("data: ", lineEnd + 1)) {
      const second = text.indexOf("\n", lineEnd + 1);
      if (second === end) return { event: text.slice(start + 7, lineEnd), data: text.slice(lineEnd + 7, end) };
    }
  }
  return parseLines(text.slice(start, end));
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
