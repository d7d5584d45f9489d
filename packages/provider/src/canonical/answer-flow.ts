import type { AnswerItem } from "./answer-item.js";
import type { AnswerText, TextKind } from "./answer-text.js";
import type { ResponseEvent } from "./events.js";

/** The text that goes on, and how its deltas say that they are its own. */
export interface Flow {
  kind: TextKind | undefined;
  item: AnswerItem;
  text: AnswerText;
  key: string;
  at: number;
}

/** Undefined where a delta names its place otherwise than is usual. */
export function flowOf({ raw }: ResponseEvent, item: AnswerItem, text: AnswerText): Flow | undefined {
  const part = text.kind === "summary_text" ? "summary_index" : "content_index";
  const place = `"output_index":${item.source},`;
  const key = item.isCall ? place : `${place}"${part}":${text.source},`;
  const at = raw.indexOf(key);
  return at === -1 ? undefined : { kind: text.kind, item, text, key, at };
}
