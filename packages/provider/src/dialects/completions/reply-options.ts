import type { ReplyOptions } from "../dialect.js";

/** What completions depend on beside the options of every dialect. */
export interface CompletionsReplyOptions extends ReplyOptions {
  /** Whether a usage chunk was asked for. */
  includeUsage: boolean;
  /** How many choices the answer has. Default 1. */
  choices?: number;
  /** The prompt of each choice, when it is to stand before its text. */
  echo?: readonly string[];
}
