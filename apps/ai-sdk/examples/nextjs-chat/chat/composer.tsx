import { type FormEvent, type KeyboardEvent, type Ref, useState } from "react";
import type { ModelChoice } from "./account";
import styles from "./composer.module.css";
import { Icon } from "./icon";
import { Pickers } from "./pickers";
import type { Choice } from "./use-choice";

interface ComposerProps {
  models: readonly ModelChoice[];
  choice: Choice;
  /** Whether an answer is on its way. */
  isBusy: boolean;
  onAsk: (question: string) => void;
  onStop: () => void;
  field: Ref<HTMLTextAreaElement>;
}

/** Where questions are typed. Enter asks, Shift with Enter makes a line; on a touch screen Enter makes a line. */
export function Composer({ models, choice, isBusy, onAsk, onStop, field }: ComposerProps) {
  const [text, setText] = useState("");
  const canAsk = text.trim() !== "" && !isBusy && choice.model !== undefined;

  const ask = (event?: FormEvent) => {
    event?.preventDefault();
    if (!canAsk) return;
    onAsk(text.trim());
    setText("");
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape" && isBusy) onStop();
    // While a word is being composed, as in Japanese, Enter takes the word.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    if (matchMedia("(pointer: coarse)").matches) return;
    event.preventDefault();
    ask();
  };

  return (
    <form className={styles.composer} onSubmit={ask}>
      <label className="unseen" htmlFor="question">
        Your question
      </label>
      <textarea
        id="question"
        ref={field}
        rows={1}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
        placeholder="Ask anything"
        enterKeyHint="enter"
      />
      <div className={styles.row}>
        <Pickers models={models} choice={choice} />
        {isBusy ? (
          <button type="button" className={styles.go} onClick={onStop} aria-label="Stop" title="Stop (Esc)">
            <Icon name="stop" />
          </button>
        ) : (
          <button type="submit" className={styles.go} disabled={!canAsk} aria-label="Send" title="Send (Enter)">
            <Icon name="send" />
          </button>
        )}
      </div>
    </form>
  );
}
