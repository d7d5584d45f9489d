import { getToolName, isToolUIPart } from "ai";
import type { ChatMessage } from "./chat-message";
import { toolName } from "./words";

/**
 * What happens, said to those who do not see it: a step at a time, since every piece of a streamed text would be noise,
 * then the whole answer.
 */
export function Announcer({ last, isBusy }: { last: ChatMessage | undefined; isBusy: boolean }) {
  return (
    <div role="status" className="unseen">
      {whatHappens(last, isBusy)}
    </div>
  );
}

function whatHappens(last: ChatMessage | undefined, isBusy: boolean): string {
  if (last === undefined) return "";
  if (last.role === "user") return isBusy ? "Question sent" : "";
  const part = last.parts.at(-1);
  if (!isBusy) {
    if (last.metadata?.stopped) return "Stopped";
    const text = last.parts.flatMap((each) => (each.type === "text" ? [each.text] : [])).join(" ");
    return text === "" ? "" : `Answer: ${text}`;
  }
  if (part?.type === "reasoning") return "Thinking";
  if (part?.type === "text") return "The answer is coming in";
  if (part !== undefined && isToolUIPart(part)) return `Using ${toolName(getToolName(part))}`;
  return "Waiting for the answer";
}
