import type { ChatReplyOptions } from "./reply-options.js";

/**
 * Where one text ends and the next begins. A response has many texts (summary parts, commentary, the answer), a chat
 * message has two fields. The stream and the plain answer both ask here, so that they come out the same.
 */
export interface Layout {
  /** What goes before the first text of a part of a message item. */
  beforeContent(item: object): string;
  /** What goes before the first text of a part of reasoning. */
  beforeReasoning(): string;
  /** What goes before the first text of a refusal. */
  beforeRefusal(): string;
  /** What is still to be written into the content when the answer ends. */
  atEnd(): string;
}

const blankLine = "\n\n";

export function createLayout(reply: ChatReplyOptions): Layout {
  const inTags = reply.reasoning === "think";
  let lastItem: object | undefined;
  let reasoned = false;
  let refused = false;
  let thinking = false;
  return {
    beforeContent(item) {
      const isNext = lastItem !== undefined && lastItem !== item;
      lastItem = item;
      if (thinking) {
        thinking = false;
        return `\n</think>${blankLine}`;
      }
      return isNext ? blankLine : "";
    },
    beforeReasoning() {
      if (inTags && !thinking) {
        thinking = true;
        const before = lastItem === undefined ? "" : blankLine;
        return `${before}<think>\n`;
      }
      const before = reasoned ? blankLine : "";
      reasoned = true;
      return inTags ? blankLine : before;
    },
    beforeRefusal() {
      const before = refused ? blankLine : "";
      refused = true;
      return before;
    },
    atEnd() {
      if (!thinking) return "";
      thinking = false;
      return "\n</think>\n";
    },
  };
}
