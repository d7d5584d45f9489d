import { isToolUIPart } from "ai";
import { memo, useDeferredValue } from "react";
import styles from "./answer.module.css";
import type { ChatMessage } from "./chat-message";
import { CopyButton } from "./copy-button";
import { Icon } from "./icon";
import { Markdown } from "./markdown";
import { Reasoning } from "./reasoning";
import { ToolCall } from "./tool-call";
import { duration } from "./words";

interface AnswerProps {
  message: ChatMessage;
  /** Whether more of it is on its way. */
  isLive: boolean;
  /** Asks again; absent where that makes no sense. */
  onRetry: (() => void) | undefined;
}

/** An answer: its parts as they come, then what may be done with it. */
export const Answer = memo(function Answer({ message, isLive, onRetry }: AnswerProps) {
  const { parts, metadata } = message;
  const text = parts.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n\n");
  const isWaiting = isLive && !parts.some((part) => part.type !== "step-start");
  // A refusal before the first output leaves nothing of an answer; the notice below tells of it.
  if (!isLive && !metadata?.stopped && parts.every((part) => part.type === "step-start")) return null;
  return (
    <article className={styles.answer} aria-label="Answer" aria-busy={isLive}>
      {parts.map((part, index) => {
        // Parts are only ever added at the end.
        const key = `${message.id}:${index}`;
        if (part.type === "text") return part.text === "" ? null : <Text key={key} text={part.text} isLive={isLive} />;
        if (part.type === "reasoning") {
          const isThinking = isLive && index === parts.length - 1 && part.state !== "done";
          if (part.text === "" && !isThinking) return null;
          return <Reasoning key={key} text={part.text} isThinking={isThinking} />;
        }
        if (isToolUIPart(part))
          return part.type === "dynamic-tool" ? null : <ToolCall key={key} part={part} isLive={isLive} />;
        return null;
      })}
      {isWaiting && <Waiting />}
      {metadata?.stopped && <p className={styles.note}>You stopped this answer.</p>}
      {!isLive && (
        <footer className={styles.foot}>
          {text !== "" && <CopyButton text={text} label="Copy answer" />}
          {onRetry !== undefined && (
            <button type="button" className="quiet" onClick={onRetry} title="Ask again" aria-label="Ask again">
              <Icon name="retry" />
            </button>
          )}
          <small className={styles.facts}>{factsOf(message).join(" · ")}</small>
        </footer>
      )}
    </article>
  );
});

/** A long text is typeset when there is time for it, so that typing and scrolling never wait. */
function Text({ text, isLive }: { text: string; isLive: boolean }) {
  const deferred = useDeferredValue(text);
  return <Markdown text={isLive ? deferred : text} />;
}

/** Shown until the first part is there. */
export function Waiting() {
  return (
    <p className={styles.waiting}>
      <span className="unseen">Waiting for the answer</span>
      <i />
      <i />
      <i />
    </p>
  );
}

function factsOf({ metadata }: ChatMessage): string[] {
  const facts: string[] = [];
  if (metadata?.model !== undefined) facts.push(metadata.model);
  if (metadata?.durationMs !== undefined) facts.push(duration(metadata.durationMs));
  if (metadata?.outputTokens !== undefined) facts.push(`${metadata.outputTokens.toLocaleString()} tokens`);
  return facts;
}
