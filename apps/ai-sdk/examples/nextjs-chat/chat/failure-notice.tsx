import { CopyButton } from "./copy-button";
import type { Failure } from "./failure";
import styles from "./failure-notice.module.css";
import { Icon } from "./icon";
import { clockTime, timeUntil } from "./words";

/** How a failure is told: what happened, in a few words, and what helps. */
interface Advice {
  title: string;
  /** A command for a terminal. */
  command?: string;
  /** Said beside the failure's own message. */
  hint?: string;
  isRetryUseful?: boolean;
  isNewChatUseful?: boolean;
}

const signIn: Pick<Advice, "command" | "hint" | "isRetryUseful"> = {
  command: "npx -y @openai/codex login",
  hint: "Run this in a terminal; this page takes the new login by itself.",
  isRetryUseful: true,
};
const unreachable: Advice = { title: "ChatGPT can’t be reached", isRetryUseful: true };
const overloaded: Advice = { title: "ChatGPT is busy", isRetryUseful: true };

const adviceByCode: Readonly<Record<string, Advice>> = {
  auth_missing: { title: "You are not signed in", ...signIn },
  auth_expired: { title: "Your login has expired", ...signIn },
  auth_changed: { title: "Your login has changed", isRetryUseful: true },
  usage_limit_reached: { title: "Your plan’s limit is reached" },
  payment_required: { title: "Your plan does not include this" },
  rate_limited: { title: "Too many questions at once", isRetryUseful: true },
  busy: overloaded,
  upstream_overloaded: overloaded,
  upstream_unreachable: unreachable,
  upstream_timeout: unreachable,
  circuit_open: unreachable,
  stream_interrupted: { title: "The answer was cut off", isRetryUseful: true },
  context_length_exceeded: { title: "This conversation is too long", isNewChatUseful: true },
  content_policy: { title: "ChatGPT declines to answer this", isNewChatUseful: true },
  model_not_found: { title: "Your account does not have this model", hint: "Pick another one below, then ask again." },
  page_server: {
    title: "This app’s own server does not answer",
    hint: "Look whether it still runs in its terminal, then ask again.",
    isRetryUseful: true,
  },
};

interface FailureNoticeProps {
  failure: Failure;
  onRetry?: (() => void) | undefined;
  onNewChat?: (() => void) | undefined;
}

/** An error as something to act on. */
export function FailureNotice({ failure, onRetry, onNewChat }: FailureNoticeProps) {
  const advice = adviceByCode[failure.code] ?? { title: "That did not work", isRetryUseful: true };
  const { resetsAt } = failure;
  return (
    <div className={styles.notice} role="alert">
      <Icon name="alert" />
      <div className={styles.body}>
        <strong>{advice.title}</strong>
        {resetsAt === undefined ? (
          <p>{failure.message}</p>
        ) : (
          <p>
            You can ask again at <time dateTime={new Date(resetsAt * 1000).toISOString()}>{clockTime(resetsAt)}</time>,{" "}
            {timeUntil(resetsAt)}.
          </p>
        )}
        {advice.hint !== undefined && <p>{advice.hint}</p>}
        {advice.command !== undefined && (
          <p className={styles.command}>
            <code>{advice.command}</code>
            <CopyButton text={advice.command} label="Copy command" />
          </p>
        )}
        <div className={styles.actions}>
          {onRetry !== undefined && (
            <button type="button" className={advice.isRetryUseful ? "primary" : "secondary"} onClick={onRetry}>
              Try again
            </button>
          )}
          {advice.isNewChatUseful && onNewChat !== undefined && (
            <button type="button" className="secondary" onClick={onNewChat}>
              New chat
            </button>
          )}
        </div>
      </div>
    </div>
  );
}
