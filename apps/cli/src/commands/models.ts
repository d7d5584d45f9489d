import { CodexError } from "@codex/errors";
import { closestModels, encodeResolvedEntry, listModelEntries, type ModelEntry } from "@codex/models";
import type { CodexClient } from "@codex/provider";
import type { Terminal } from "../terminal.js";

export interface ModelsFlags {
  json?: boolean;
  /** Hidden models too. */
  all?: boolean;
  /** `gpt-6-sol-high` and the like as models of their own. */
  effortVariants?: boolean;
}

/**
 * Prints the account's models, best first, or what one name means; says so when they are not the account's own.
 * `--json` has the entries of the proxy's `GET /v1/models`. Throws `model_not_found` with the closest names.
 */
export async function showModels(
  client: CodexClient,
  terminal: Terminal,
  name: string | undefined,
  options: ModelsFlags,
  signal: AbortSignal,
): Promise<number> {
  const models = await client.models.list(signal);
  const aliases = client.models.aliases();
  const list = (flags: ModelsFlags) =>
    listModelEntries(models, {
      aliases,
      resolve: client.models.peek,
      effortVariants: flags.effortVariants ?? false,
      hidden: flags.all ?? false,
    });
  if (client.models.source() === "bundled") {
    terminal.note(
      terminal.noteColors.yellow(
        "The account's own list could not be fetched; this is the one that came with the program.\n",
      ),
    );
  }
  if (name === undefined) {
    const entries = list(options);
    await terminal.print(options.json ? encode(entries) : describeList(entries, terminal));
    return 0;
  }
  const resolved = await client.models.resolve(name, signal);
  if (!resolved.listed) {
    const slugs = list({}).map(({ id }) => ({ slug: id }));
    const closest = closestModels(name, slugs).join(", ");
    throw new CodexError("model_not_found", `There is no model ${JSON.stringify(name)}. Closest: ${closest}.`);
  }
  const entry = encodeResolvedEntry(resolved, name);
  if (options.json) await terminal.print(encode(entry));
  else await terminal.say(describeOne(entry, terminal));
  return 0;
}

function encode(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function describeList(entries: readonly ModelEntry[], { colors }: Terminal): string {
  const width = Math.max(...entries.map(({ id }) => id.length), 5) + 2;
  const head = colors.dim(`${"Model".padEnd(width)}${"Context".padEnd(9)}Efforts (default)`);
  const rows = entries.map((entry) => {
    const target = entry.canonical_slug === undefined ? undefined : describeTarget(entry);
    return `${colors.bold(entry.id.padEnd(width))}${describeContext(entry).padEnd(9)}${target ?? describeEfforts(entry)}`;
  });
  return `${[head, ...rows].join("\n")}\n`;
}

function describeOne(entry: ModelEntry, { colors }: Terminal): string {
  const rows: [string, string | undefined][] = [
    ["Answers", entry.canonical_slug === undefined ? undefined : describeTarget(entry)],
    ["Name", entry.display_name],
    ["About", entry.description],
    ["Context", describeContext(entry)],
    ["Efforts", describeEfforts(entry)],
    ["Input", entry.input_modalities.join(", ")],
    ["Verbosity", entry.supported_verbosities.join(" ")],
    ["Tiers", entry.service_tiers.join(" ")],
    ["Note", entry.notice],
  ];
  const lines = rows.flatMap(([name, value]) => (value ? `  ${colors.dim(name.padEnd(11))}${value}` : []));
  return `${colors.bold(entry.id)}\n${lines.join("\n")}\n`;
}

function describeTarget({ canonical_slug, reasoning_effort }: ModelEntry): string {
  return `${canonical_slug}${reasoning_effort === undefined ? "" : ` with effort ${reasoning_effort}`}`;
}

function describeContext({ context_window }: ModelEntry): string {
  return context_window === undefined ? "" : `${Math.round(context_window / 1000)}k`;
}

function describeEfforts({ supported_reasoning_efforts, default_reasoning_effort }: ModelEntry): string {
  return supported_reasoning_efforts
    .map((effort) => (effort === default_reasoning_effort ? `(${effort})` : effort))
    .join(" ");
}
