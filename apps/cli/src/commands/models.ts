import type { ModelInfo } from "@codex/models";
import type { CodexClient } from "@codex/provider";
import type { Terminal } from "../terminal.js";

/** Prints the account's models, best first, and says so when they are not the account's own. */
export async function showModels(
  client: CodexClient,
  terminal: Terminal,
  options: { json?: boolean; all?: boolean },
  signal: AbortSignal,
): Promise<number> {
  const all = await client.models.list(signal);
  const models = all.filter(({ visibility }) => options.all || visibility === "list");
  if (client.models.source() === "bundled") {
    terminal.note(
      terminal.noteColors.yellow(
        "The account's own list could not be had; this is the one that came with the program.\n",
      ),
    );
  }
  if (options.json) await terminal.print(`${JSON.stringify(models.map(encodeModel), null, 2)}\n`);
  else await terminal.print(describe(models, terminal));
  return 0;
}

function encodeModel(model: ModelInfo) {
  return {
    id: model.slug,
    name: model.displayName,
    description: model.description ?? null,
    visibility: model.visibility,
    efforts: model.efforts,
    default_effort: model.defaultEffort ?? null,
    context_window: model.contextWindow ?? null,
    input_modalities: model.inputModalities,
  };
}

function describe(models: readonly ModelInfo[], { colors }: Terminal): string {
  const width = Math.max(...models.map(({ slug }) => slug.length), 5) + 2;
  const head = colors.dim(`${"Model".padEnd(width)}${"Context".padEnd(9)}Efforts (default)`);
  const rows = models.map(({ slug, contextWindow, efforts, defaultEffort }) => {
    const context = contextWindow === undefined ? "" : `${Math.round(contextWindow / 1000)}k`;
    const marked = efforts.map((effort) => (effort === defaultEffort ? `(${effort})` : effort)).join(" ");
    return `${colors.bold(slug.padEnd(width))}${context.padEnd(9)}${marked}`;
  });
  return `${[head, ...rows].join("\n")}\n`;
}
