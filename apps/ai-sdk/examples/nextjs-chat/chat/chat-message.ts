import type { InferUITools, UIMessage } from "ai";
import type { tools } from "../server/tools";
import type { Plan } from "./account";

/** What the server says of an answer beside its parts. */
export interface AnswerMetadata {
  /** Which model was asked. */
  model?: string;
  /** How long it took to the end, in milliseconds. */
  durationMs?: number;
  /** Tokens that the answer has, reasoning included, over all steps. */
  outputTokens?: number;
  /** How much of the plan is used now. */
  plan?: Plan;
  /** Set by the page: the person has stopped it. */
  stopped?: boolean;
}

export type ChatMessage = UIMessage<AnswerMetadata, never, InferUITools<typeof tools>>;
export type ChatPart = ChatMessage["parts"][number];
