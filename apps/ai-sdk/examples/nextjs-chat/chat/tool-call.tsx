import { getToolName } from "ai";
import type { ChatPart } from "./chat-message";
import { readFailure } from "./failure";
import { Icon, type IconName } from "./icon";
import styles from "./tool-call.module.css";
import { toolName } from "./words";

export type ToolPart = Extract<ChatPart, { toolCallId: string }>;

const icons: Readonly<Record<string, IconName>> = { current_time: "clock", days_between: "calendar" };

/** A call of a tool, with what it was given and what came out; foldable. `isLive`: its answer is still on its way. */
export function ToolCall({ part, isLive }: { part: ToolPart; isLive: boolean }) {
  const name = getToolName(part);
  const state = stateOf(part, isLive);
  return (
    <details className={styles.call} data-state={state} open>
      <summary className={styles.head}>
        <Icon name={icons[name] ?? "code"} />
        <span className={styles.name}>{toolName(name)}</span>
        <span className={styles.state}>
          {state === "running" && <i className={styles.spinner} />}
          {state === "done" && <Icon name="check" />}
          {state === "failed" && <Icon name="alert" />}
          {state}
        </span>
        <Icon name="chevron" />
      </summary>
      <dl className={styles.body}>
        <dt>Input</dt>
        <dd>
          <Value value={part.input} />
        </dd>
        {part.state === "output-available" && (
          <>
            <dt>Result</dt>
            <dd>
              <Value value={part.output} />
            </dd>
          </>
        )}
        {part.state === "output-error" && (
          <>
            <dt>Error</dt>
            <dd>{readFailure(part.errorText).message}</dd>
          </>
        )}
      </dl>
    </details>
  );
}

function stateOf({ state }: ToolPart, isLive: boolean): "done" | "failed" | "running" | "stopped" {
  if (state === "output-available") return "done";
  if (state === "output-error") return "failed";
  return isLive ? "running" : "stopped";
}

/** The fields of an object a line each, anything else as JSON. */
function Value({ value }: { value: unknown }) {
  if (value === undefined) return <span className={styles.pending}>…</span>;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return <code>{JSON.stringify(value)}</code>;
  return (
    <ul className={styles.fields}>
      {Object.entries(value).map(([name, field]) => (
        <li key={name}>
          <span>{name}</span> <code>{typeof field === "string" ? field : JSON.stringify(field)}</code>
        </li>
      ))}
    </ul>
  );
}
