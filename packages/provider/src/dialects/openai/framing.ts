/**
 * The words of server-sent events, in which every streamed dialect answers. All of them take JSON text that is on
 * one line already: a line break inside would end the event's data.
 */

/** An event that has only data: the chat dialect's chunks. */
export function dataEvent(json: string): string {
  return `data: ${json}\n\n`;
}

/** An event with a name and data: the responses dialect's events. */
export function namedEvent(name: string, json: string): string {
  return `event: ${name}\ndata: ${json}\n\n`;
}

/** What closes a chat stream. Responses streams have no such word. */
export const doneEvent = "data: [DONE]\n\n";

/** A comment, which every parser of server-sent events skips: a sign of life during a long silence. */
export const keepAliveComment = ": keep-alive\n\n";
