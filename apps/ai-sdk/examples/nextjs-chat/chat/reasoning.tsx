import { useEffect, useRef, useState } from "react";
import { Icon } from "./icon";
import { Markdown } from "./markdown";
import styles from "./reasoning.module.css";
import { duration } from "./words";

/** What the model has thought: open while it thinks, folded when it goes on, then as the person wants it. */
export function Reasoning({ text, isThinking }: { text: string; isThinking: boolean }) {
  const [chosen, setChosen] = useState<boolean>();
  const begun = useRef<number>(undefined);
  const [took, setTook] = useState<number>();

  useEffect(() => {
    if (isThinking) begun.current ??= performance.now();
    else if (begun.current !== undefined) setTook(performance.now() - begun.current);
  }, [isThinking]);

  const isOpen = chosen ?? isThinking;
  const label = isThinking ? "Thinking" : took === undefined ? "Thoughts" : `Thought for ${duration(took)}`;
  return (
    <div className={styles.reasoning}>
      <button type="button" className={styles.head} aria-expanded={isOpen} onClick={() => setChosen(!isOpen)}>
        <Icon name="chevron" />
        <span className={isThinking ? styles.thinking : undefined}>{label}</span>
      </button>
      {isOpen && text !== "" && (
        <div className={styles.body}>
          <Markdown text={text} />
        </div>
      )}
    </div>
  );
}
