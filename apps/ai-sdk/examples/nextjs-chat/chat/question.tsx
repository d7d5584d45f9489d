import { memo } from "react";
import type { ChatMessage } from "./chat-message";
import styles from "./question.module.css";

/** What the person has asked, as it was typed. */
export const Question = memo(function Question({ message }: { message: ChatMessage }) {
  return (
    <article className={styles.question} aria-label="You">
      {message.parts.map((part) => (part.type === "text" ? part.text : "")).join("")}
    </article>
  );
});
