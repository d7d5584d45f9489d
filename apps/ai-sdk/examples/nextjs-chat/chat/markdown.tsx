import { isValidElement, memo, type ReactElement, type ReactNode } from "react";
import ReactMarkdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";
import { CopyButton } from "./copy-button";
import styles from "./markdown.module.css";

const plugins = [remarkGfm];

const components: Components = {
  // Another tab: the conversation stays.
  a: ({ node: _, children, ...rest }) => (
    <a {...rest} target="_blank" rel="noreferrer">
      {children}
    </a>
  ),
  // Nothing is loaded because an answer says so: what it shows is one click away.
  img: ({ src, alt }) => (
    <a href={typeof src === "string" ? src : undefined} target="_blank" rel="noreferrer">
      {alt || "Image"}
    </a>
  ),
  pre: ({ children }) => <CodeBlock>{children}</CodeBlock>,
  table: ({ children }) => (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keyboard.
    <section className={styles.table} aria-label="Table" tabIndex={0}>
      <table>{children}</table>
    </section>
  ),
};

/** An answer's text. HTML in it stays text. */
export const Markdown = memo(function Markdown({ text }: { text: string }) {
  return (
    <div className={styles.markdown}>
      <ReactMarkdown remarkPlugins={plugins} components={components}>
        {text}
      </ReactMarkdown>
    </div>
  );
});

function CodeBlock({ children }: { children?: ReactNode }) {
  const code = isValidElement(children)
    ? (children as ReactElement<{ className?: string; children?: ReactNode }>)
    : undefined;
  const language = /language-(\S+)/.exec(code?.props.className ?? "")?.[1];
  return (
    <div className={styles.code}>
      <div className={styles.codeHead}>
        <span>{language ?? "text"}</span>
        <CopyButton text={String(code?.props.children ?? "").replace(/\n$/, "")} label="Copy code" />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keyboard. */}
      <pre tabIndex={0}>{children}</pre>
    </div>
  );
}
