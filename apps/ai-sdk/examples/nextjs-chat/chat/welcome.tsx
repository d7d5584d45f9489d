import type { Account } from "./account";
import { FailureNotice } from "./failure-notice";
import { Icon } from "./icon";
import { suggestions } from "./suggestions";
import styles from "./welcome.module.css";

interface WelcomeProps {
  account: Account | undefined;
  onAsk: (question: string) => void;
  onReload: () => void;
}

/** The page before the first question: what may be asked, or what stands in the way. */
export function Welcome({ account, onAsk, onReload }: WelcomeProps) {
  return (
    <div className={styles.welcome}>
      <h2>What can I do for you?</h2>
      <p className={styles.lead}>Answers come from your own ChatGPT plan, with the login of the Codex CLI.</p>
      {account?.failure !== undefined && <FailureNotice failure={account.failure} onRetry={onReload} />}
      <ul className={styles.suggestions} aria-label="Suggestions">
        {suggestions.map(({ title, detail, icon }) => (
          <li key={title}>
            <button type="button" onClick={() => onAsk(`${title} ${detail}`)}>
              <Icon name={icon} />
              <span>
                <strong>{title}</strong> {detail}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
