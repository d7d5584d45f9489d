import type { AnswerText } from "../../canonical/answer-text.js";

/** Where the text of a message goes. */
export type Channel = "content" | "reasoning" | "none";

/** What goes around each piece of a call's arguments. */
export interface StreamedCall {
  before: string;
  after: string;
}

/** How many characters of content stand before a text, by which its citations move: 0 before it has begun. */
export function baseOf(text: AnswerText): number {
  return typeof text.view === "number" ? text.view : 0;
}
