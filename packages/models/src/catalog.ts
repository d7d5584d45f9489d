import type { ModelInfo } from "./model-info.js";

const upToXhigh = ["low", "medium", "high", "xhigh"];
const upToMax = [...upToXhigh, "max"];
const upToUltra = [...upToMax, "ultra"];

/** The columns in which the bundled models differ. */
interface Row {
  slug: string;
  name: string;
  priority: number;
  effort: string;
  efforts: readonly string[];
  minimal: string;
  /** Context window and its maximum, in thousands of tokens. Default 272 and 872. */
  window?: readonly [number, number];
  hidden?: true;
  /** Default `low`. */
  verbosity?: string;
  /** Default true. */
  lite?: false;
  /** Default `["priority"]`. */
  tiers?: readonly string[];
  tier?: string;
  upgrade?: string;
}

// biome-ignore format: a table
const rows: readonly Row[] = [
  { slug: "gpt-6.2-sol", name: "GPT-6.2 Sol", priority: 1, effort: "low", efforts: upToUltra, minimal: "0.166.0", window: [500, 872] },
  { slug: "gpt-6.2-astra", name: "GPT-6.2 Astra", priority: 2, effort: "low", efforts: upToUltra, minimal: "0.166.0" },
  { slug: "gpt-6.1-terra", name: "GPT-6.1 Terra", priority: 3, effort: "low", efforts: upToUltra, minimal: "0.153.0", window: [500, 872] },
  { slug: "gpt-6.1-sol", name: "GPT-6.1 Sol", priority: 4, effort: "low", efforts: upToUltra, minimal: "0.153.0", window: [500, 872] },
  { slug: "gpt-6-astra", name: "GPT-6 Astra", priority: 5, effort: "low", efforts: upToUltra, minimal: "0.153.0" },
  { slug: "gpt-6-sol", name: "GPT-6 Sol", priority: 6, effort: "medium", efforts: upToUltra, minimal: "0.155.0", tier: "priority" },
  { slug: "gpt-6-luna", name: "GPT-6 Luna", priority: 7, effort: "medium", efforts: upToMax, minimal: "0.155.0", tier: "priority" },
  { slug: "gpt-5.6-sol", name: "GPT-5.6 Sol", priority: 8, effort: "low", efforts: upToUltra, minimal: "0.144.0", upgrade: "gpt-6-sol" },
  { slug: "gpt-5.6-terra", name: "GPT-5.6 Terra", priority: 9, effort: "medium", efforts: upToUltra, minimal: "0.144.0", upgrade: "gpt-6-sol" },
  { slug: "gpt-5.6-luna", name: "GPT-5.6 Luna", priority: 10, effort: "medium", efforts: upToMax, minimal: "0.144.0", upgrade: "gpt-6-luna" },
  { slug: "gpt-daybreak-blue-latest", name: "GPT Daybreak Blue", priority: 11, effort: "low", efforts: upToUltra, minimal: "0.144.0", hidden: true, tiers: [] },
  { slug: "gpt-daybreak-red-latest", name: "GPT Daybreak Red", priority: 12, effort: "medium", efforts: upToUltra, minimal: "0.142.2", hidden: true, tiers: [], window: [372, 372], verbosity: "high" },
  { slug: "gpt-5.5", name: "GPT-5.5", priority: 13, effort: "medium", efforts: upToXhigh, minimal: "0.124.0", lite: false, window: [272, 272], upgrade: "gpt-6-sol" },
  { slug: "codex-auto-review", name: "Codex Auto Review", priority: 43, effort: "medium", efforts: upToMax, minimal: "0.98.0", hidden: true },
];

/**
 * The models of the Codex CLI 0.171, by priority: what we know while the account's own list is not available. An account
 * may have fewer or other models. It holds no instruction texts; those are OpenAI's and come with the account's list.
 */
export const bundledCatalog: readonly ModelInfo[] = Object.freeze(rows.map(toModelInfo));

function toModelInfo(row: Row): ModelInfo {
  const [contextWindow, maxContextWindow] = row.window ?? [272, 872];
  return Object.freeze({
    slug: row.slug,
    displayName: row.name,
    priority: row.priority,
    visibility: row.hidden ? ("hide" as const) : ("list" as const),
    defaultEffort: row.effort,
    efforts: row.efforts,
    supportsVerbosity: true,
    defaultVerbosity: row.verbosity ?? "low",
    supportsReasoningSummaries: true,
    defaultSummary: "none",
    contextWindow: contextWindow * 1000,
    maxContextWindow: maxContextWindow * 1000,
    inputModalities: ["text", "image"],
    serviceTiers: row.tiers ?? ["priority"],
    ...(row.tier === undefined ? {} : { defaultServiceTier: row.tier }),
    responsesLite: row.lite ?? true,
    supportsParallelToolCalls: true,
    minimalClientVersion: row.minimal,
    ...(row.upgrade === undefined ? {} : { upgrade: row.upgrade }),
  });
}

/**
 * Ids that the backend has stopped taking from ChatGPT logins (with API keys they live on), each with the model that
 * stands in: `gpt-6-luna` for the small ones, `gpt-6-sol` for all others. gpt-5 to gpt-5.2-codex were refused from
 * April 2026, gpt-5.2 and gpt-5.3-codex from June, gpt-5.4 from the end of August.
 */
export const retiredModels: ReadonlyMap<string, string> = new Map([
  ["gpt-5", "gpt-6-sol"],
  ["gpt-5-codex", "gpt-6-sol"],
  ["gpt-5-codex-max", "gpt-6-sol"],
  ["gpt-5-codex-mini", "gpt-6-luna"],
  ["gpt-5.1", "gpt-6-sol"],
  ["gpt-5.1-codex", "gpt-6-sol"],
  ["gpt-5.1-codex-max", "gpt-6-sol"],
  ["gpt-5.1-codex-mini", "gpt-6-luna"],
  ["gpt-5.2", "gpt-6-sol"],
  ["gpt-5.2-codex", "gpt-6-sol"],
  ["gpt-5.3-codex", "gpt-6-sol"],
  ["gpt-5.4", "gpt-6-sol"],
  ["gpt-5.4-mini", "gpt-6-luna"],
]);

/** Short names for a generation: its main model. They count only while the account has that model. */
export const bundledAliases: ReadonlyMap<string, string> = new Map([
  ["gpt-5.6", "gpt-5.6-sol"],
  ["gpt-6", "gpt-6-sol"],
  ["gpt-6.1", "gpt-6.1-sol"],
  ["gpt-6.2", "gpt-6.2-sol"],
]);
