import { useEffect, useState } from "react";
import { Icon } from "./icon";

/** Copies a text, and says so for two seconds. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const [state, setState] = useState<"ready" | "copied" | "refused">("ready");

  useEffect(() => {
    if (state === "ready") return;
    const timer = setTimeout(() => setState("ready"), 2000);
    return () => clearTimeout(timer);
  }, [state]);

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setState("copied");
    } catch {
      setState("refused");
    }
  };
  const said = { ready: label, copied: "Copied", refused: "The browser does not allow it" }[state];
  return (
    <button type="button" className="quiet" onClick={copy} title={said} aria-label={said} aria-live="polite">
      {state === "copied" ? <Icon name="check" /> : <Icon name="copy" />}
    </button>
  );
}
