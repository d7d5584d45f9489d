import { setImmediate as nextTurn } from "node:timers/promises";
import { CodexError } from "@codex/errors";

/** A body above it is a large one, in letters. */
const largeLetters = 1024 * 1024;

export function isLargeText(text: string | undefined): boolean {
  return text !== undefined && text.length > largeLetters;
}

let turns: Promise<void> = Promise.resolve();

/** Resolves in a turn of the event loop of its own, one after another: of several large bodies no two follow at once. */
export function takeTurn(): Promise<void> {
  turns = turns.then(() => nextTurn());
  return turns;
}

/** A body as text; undefined for one that is an object already. */
export function textOf(body: unknown): string | undefined {
  if (typeof body === "string") return body;
  if (!(body instanceof Uint8Array)) return undefined;
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("utf8");
}

/** Throws `request_invalid` for what is no JSON. */
export function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const message =
      text.trim() === ""
        ? "The request has no body. Send a JSON object."
        : "The body is not valid JSON. Send a JSON object.";
    throw new CodexError("request_invalid", message, { cause });
  }
}
