import { useEffect, useState } from "react";
import type { ModelChoice } from "./account";

/** What is asked, as the pickers show it. */
export interface Choice {
  model: ModelChoice | undefined;
  /** Undefined: the model's own. */
  effort: string | undefined;
  pick(picked: { model?: string; effort?: string | undefined }): void;
}

interface Picked {
  model?: string;
  effort?: string | undefined;
}

const key = "codex-chat:choice";

/** The picked model and effort, remembered in this browser; what the account does not have is not taken. */
export function useChoice(models: readonly ModelChoice[]): Choice {
  const [picked, setPicked] = useState<Picked>({});

  useEffect(() => {
    try {
      setPicked(JSON.parse(localStorage.getItem(key) ?? "{}") as Picked);
    } catch {
      // A browser that keeps nothing starts with the account's first model.
    }
  }, []);

  const model = models.find(({ id }) => id === picked.model) ?? models[0];
  const effort = picked.effort !== undefined && model?.efforts.includes(picked.effort) ? picked.effort : undefined;
  return {
    model,
    effort,
    pick(next) {
      const all = { ...picked, ...next };
      setPicked(all);
      try {
        localStorage.setItem(key, JSON.stringify(all));
      } catch {
        // Then it holds until the page is closed.
      }
    },
  };
}
