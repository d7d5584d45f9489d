"use client";

import { useChat } from "@ai-sdk/react";
import { useCallback, useEffect, useMemo, useRef } from "react";
import { useStickToBottom } from "use-stick-to-bottom";
import { Announcer } from "./announcer";
import { Answer, Waiting } from "./answer";
import styles from "./chat.module.css";
import type { ChatMessage } from "./chat-message";
import { Composer } from "./composer";
import { readFailure } from "./failure";
import { FailureNotice } from "./failure-notice";
import { Icon } from "./icon";
import { keepConversation, readConversation } from "./kept-conversation";
import { PlanMeter } from "./plan-meter";
import { Question } from "./question";
import { useAccount } from "./use-account";
import { useChoice } from "./use-choice";
import { Welcome } from "./welcome";

/** No more often than a screen shows something new. */
const renderEveryMs = 16;

/** The whole page: the conversation between what was asked before and what is asked next. */
export function Chat() {
  const { account, reload } = useAccount();
  const models = useMemo(() => account?.models ?? [], [account]);
  const choice = useChoice(models);
  const field = useRef<HTMLTextAreaElement>(null);

  const { messages, status, error, sendMessage, regenerate, stop, setMessages, clearError } = useChat<ChatMessage>({
    experimental_throttle: renderEveryMs,
    onFinish: ({ messages: all, isAbort }) => {
      const last = all.at(-1);
      const stopped = isAbort && last?.role === "assistant";
      const kept = stopped ? [...all.slice(0, -1), { ...last, metadata: { ...last.metadata, stopped: true } }] : all;
      if (stopped) setMessages(kept);
      keepConversation(kept);
    },
  });
  useEffect(() => setMessages(readConversation()), [setMessages]);

  const { scrollRef, contentRef, isAtBottom, scrollToBottom } = useStickToBottom({
    initial: "instant",
    resize: "instant",
  });
  const isBusy = status === "submitted" || status === "streaming";
  const last = messages.at(-1);
  const isEmpty = messages.length === 0;
  const plan = last?.metadata?.plan ?? account?.plan;
  const { model, effort } = choice;

  const options = useCallback(
    () => ({ body: { model: model?.id, ...(effort !== undefined && { effort }) } }),
    [model, effort],
  );
  // A button that goes away takes the focus with it; on a touch screen the field would open the keyboard.
  const focusField = () => {
    if (!matchMedia("(pointer: coarse)").matches) field.current?.focus();
  };
  const ask = (text: string) => {
    if (isBusy || model === undefined) return;
    clearError();
    void sendMessage({ text }, options());
    void scrollToBottom();
    focusField();
  };
  const retry = useCallback(() => {
    clearError();
    void regenerate(options());
  }, [clearError, regenerate, options]);
  const startAnew = () => {
    void stop();
    clearError();
    setMessages([]);
    keepConversation([]);
    field.current?.focus();
  };

  return (
    <div className={styles.page}>
      <header className={styles.header}>
        <h1>
          <Icon name="prompt" />
          Codex chat
        </h1>
        <PlanMeter plan={plan} />
        <button type="button" className="quiet" onClick={startAnew} title="New chat" aria-label="New chat">
          <Icon name="new" />
        </button>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <main className={styles.scroller} ref={isEmpty ? undefined : scrollRef} tabIndex={0} aria-label="Conversation">
        {isEmpty && <Welcome account={account} onAsk={ask} onReload={() => void reload()} />}
        <div className={styles.thread} ref={isEmpty ? undefined : contentRef} hidden={isEmpty}>
          {messages.map((message) =>
            message.role === "user" ? (
              <Question key={message.id} message={message} />
            ) : (
              <Answer
                key={message.id}
                message={message}
                isLive={isBusy && message === last}
                onRetry={message === last && !isBusy && error === undefined ? retry : undefined}
              />
            ),
          )}
          {isBusy && last?.role === "user" && <Waiting />}
          {error !== undefined && (
            <FailureNotice failure={readFailure(error.message)} onRetry={retry} onNewChat={startAnew} />
          )}
        </div>
      </main>
      <div className={styles.dock}>
        {!isAtBottom && !isEmpty && (
          <button
            type="button"
            className={styles.latest}
            onClick={() => void scrollToBottom()}
            aria-label="To the latest"
          >
            <Icon name="down" />
          </button>
        )}
        <Composer
          models={models}
          choice={choice}
          isBusy={isBusy}
          onAsk={ask}
          onStop={() => {
            void stop();
            focusField();
          }}
          field={field}
        />
        <p className={styles.small}>Answers can be wrong. Check what matters.</p>
      </div>
      <Announcer last={last} isBusy={isBusy} />
    </div>
  );
}
