import { createSseParser, type SseEvent } from "@codex/transport";
import fc from "fast-check";

export const bytes = (text: string) => Buffer.from(text, "utf8");

export const toEvent = (event: string | undefined, data: string): SseEvent => ({ event, data });

/** The events of pieces that come one after the other. */
export function parse(...pieces: (string | Uint8Array)[]): SseEvent[] {
  const parser = createSseParser(toEvent);
  return pieces.flatMap((piece) => parser.push([typeof piece === "string" ? bytes(piece) : piece]));
}

/** The reader once more, in the plainest way that the standard allows, over the whole text. */
function parseWhole(stream: Uint8Array): SseEvent[] {
  const events: SseEvent[] = [];
  let event: string | undefined;
  let data: string[] = [];
  const lines = new TextDecoder().decode(stream).split(/\r\n|\r|\n/);
  // What no line ending closes is no line.
  lines.pop();
  for (const line of lines) {
    if (line === "") {
      if (data.length > 0) events.push({ event: event || undefined, data: data.join("\n") });
      event = undefined;
      data = [];
      continue;
    }
    const [, field = "", value = ""] = /^([^:]*)(?:: ?([\s\S]*))?$/.exec(line) ?? [];
    if (field === "event") event = value;
    else if (field === "data") data.push(value);
  }
  return events;
}

const line = fc.oneof(
  fc.constantFrom("data: x", "data:", "event: e", "event: response.output_text.delta", ": c", "id: 1", "data: ä🚀", ""),
  fc.constantFrom("\u2028", "field", "data", "event", 'data: {"type":"a","delta":"\\n"}', "data: \ufeff", "retry: 1"),
  fc.string({ unit: "binary", maxLength: 12 }).map((text) => text.replace(/[\r\n\ud800-\udfff]/g, "")),
);
const ending = fc.constantFrom("\n", "\n", "\n", "\r\n", "\r");

/** Wherever the bytes are cut, the events are those of the whole, and those of the standard. */
export const cutsChangeNothing = fc.property(
  fc.boolean(),
  fc.array(fc.tuple(line, ending), { maxLength: 20 }),
  fc.array(fc.nat(400), { maxLength: 12 }),
  (hasMark, lines, cuts) => {
    const stream = bytes((hasMark ? "\ufeff" : "") + lines.flat().join(""));
    const points = [0, ...cuts.map((cut) => cut % (stream.length + 1)).sort((a, b) => a - b), stream.length];
    const pieces = points.slice(1).map((point, i) => stream.subarray(points[i], point));
    const whole = parse(stream);
    // As text: a million times `toEqual` would take longer than the reader.
    const told = JSON.stringify(whole);
    if (JSON.stringify(parse(...pieces)) !== told) throw new Error("Cut in pieces it is read in another way.");
    if (JSON.stringify(parseWhole(stream)) !== told) throw new Error("The standard reads it in another way.");
  },
);
