import type { ReasoningStyle } from "../../canonical/context.js";
import type { ReplyOptions } from "../dialect.js";

/** What chat answers depend on beside the options of every dialect. */
export interface ChatReplyOptions extends ReplyOptions {
  /** Whether a usage chunk was asked for. */
  includeUsage: boolean;
  /** The caller used `functions`: answer with `function_call` in place of `tool_calls`. Default false. */
  legacyFunctions?: boolean;
  reasoning?: ReasoningStyle;
  /**
   * Where the model's commentary goes, the text before tool calls that is not its answer yet (messages of phase
   * `commentary`): `content`, as a paragraph of its own, or `reasoning` beside the reasoning. Default `content`.
   */
  commentary?: "content" | "reasoning";
  /** How many choices the answer has. Default 1. */
  choices?: number;
  /** Which of several choices an encoder writes. Default: the only one, 0. */
  choice?: number;
}
