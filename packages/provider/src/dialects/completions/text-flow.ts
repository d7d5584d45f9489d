import type { OutputItem } from "../../canonical/events.js";

/**
 * One choice has one text, a response may have several messages: they follow each other after a blank line. The stream
 * and the plain answer both ask here, so that they come out the same.
 */
export interface TextFlow {
  /** What goes before the first text of a part of this item. */
  before(item: object): string;
}

export function createTextFlow(): TextFlow {
  let last: object | undefined;
  return {
    before(item) {
      const isNext = last !== undefined && last !== item;
      last = item;
      return isNext ? "\n\n" : "";
    },
  };
}

/** Whether a message belongs to the text: commentary is the model's talk about its work. */
export function isText(item: OutputItem): boolean {
  return item.type === "message" && item.phase !== "commentary";
}

/** How the id of a completion begins. */
export const completionIdPrefix = "cmpl-";
