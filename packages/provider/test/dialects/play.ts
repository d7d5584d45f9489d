import type { RequestContext } from "../../src/canonical/context.js";
import type { ResponseEvent, ResponseObject } from "../../src/canonical/events.js";
import { createFold } from "../../src/canonical/fold.js";
import type { Dialect, ReplyOptions } from "../../src/dialects/dialect.js";

export function createContext(): RequestContext {
  return { headers: {}, signal: new AbortController().signal, adjustments: [] };
}

/** The whole stream as wire text. */
export function playStream<Options extends ReplyOptions>(
  dialect: Dialect<Options>,
  events: readonly ResponseEvent[],
  reply: Options,
): string {
  const encoder = dialect.createEncoder(reply);
  return events.map((event) => encoder.event(event)).join("") + encoder.end();
}

export function playFinal<Options extends ReplyOptions>(
  dialect: Dialect<Options>,
  events: readonly ResponseEvent[],
  reply: Options,
): object {
  return dialect.encodeFinal([fold(events, dialect)], reply);
}

export function fold(events: readonly ResponseEvent[], { inOneText = false }: Partial<Dialect> = {}): ResponseObject {
  const folding = createFold({ inOneText });
  for (const event of events) folding.add(event);
  return folding.result();
}

/** The data of every event of a wire text, parsed; comments and `[DONE]` left out. */
export function readWire(wire: string): Record<string, unknown>[] {
  const blocks = wire.split("\n\n");
  if (blocks.pop() !== "") throw new Error("The wire text does not end with a blank line.");
  return blocks
    .flatMap((block) => block.split("\n").filter((line) => line.startsWith("data: ")))
    .map((line) => line.slice(6))
    .filter((data) => data !== "[DONE]")
    .map((data) => JSON.parse(data));
}
