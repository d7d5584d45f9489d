import type { ResolvedModel } from "./list-view.js";
import type { ModelInfo } from "./model-info.js";
import type { ModelMapping } from "./normalize.js";

/**
 * A model as `GET /v1/models` shows it: OpenAI's four fields first, then what is known, under the names that other
 * gateways use for it. What is not known is left out.
 */
export interface ModelEntry {
  /** The name to ask for: a slug, a slug with an effort, or a name of the user's own. */
  id: string;
  object: "model";
  /** Unix seconds. The backend does not tell when a model was made, so this is 0. */
  created: number;
  owned_by: "openai";
  display_name: string;
  description?: string;
  /** The model that answers, where `id` is another name for it. */
  canonical_slug?: string;
  /** The effort that the name asks for. */
  reasoning_effort?: string;
  /** Set when another model answers than the one that is named. */
  mapped?: ModelMapping;
  /** One sentence for people: the name is retired, or the backend recommends another model. */
  notice?: string;
  /** Tokens; `context_length` for clients that know OpenRouter's name, `context_window` for those that know Groq's. */
  context_length?: number;
  context_window?: number;
  /** Tokens; what the account may raise the window to. */
  max_context_window?: number;
  /** Tokens. */
  max_output_tokens?: number;
  input_modalities: readonly string[];
  output_modalities: readonly string[];
  architecture: { modality: string; input_modalities: readonly string[]; output_modalities: readonly string[] };
  supported_reasoning_efforts: readonly string[];
  default_reasoning_effort?: string;
  supports_reasoning_summaries: boolean;
  supported_verbosities: readonly string[];
  default_verbosity?: string;
  service_tiers: readonly string[];
  default_service_tier?: string;
  supports_parallel_tool_calls: boolean;
  /** OpenRouter's field: names of chat parameters that have an effect. */
  supported_parameters: readonly string[];
  /** The model that the backend recommends instead. */
  upgrade?: string;
}

const verbosities = ["low", "medium", "high"];
const outputModalities = ["text"];

/** The entry of a model under its own name. */
export function encodeModelEntry(info: ModelInfo): ModelEntry {
  const { contextWindow, inputModalities } = info;
  const entry: { [K in keyof ModelEntry]: ModelEntry[K] | undefined } = {
    id: info.slug,
    object: "model",
    created: 0,
    owned_by: "openai",
    display_name: info.displayName,
    description: info.description,
    notice: info.upgrade === undefined ? undefined : `${info.upgrade} is recommended instead.`,
    context_length: contextWindow,
    context_window: contextWindow,
    max_context_window: info.maxContextWindow,
    max_output_tokens: info.maxOutputTokens,
    input_modalities: inputModalities,
    output_modalities: outputModalities,
    architecture: {
      modality: `${inputModalities.join("+")}->${outputModalities.join("+")}`,
      input_modalities: inputModalities,
      output_modalities: outputModalities,
    },
    supported_reasoning_efforts: info.efforts,
    default_reasoning_effort: info.defaultEffort,
    supports_reasoning_summaries: info.supportsReasoningSummaries,
    supported_verbosities: info.supportsVerbosity ? verbosities : [],
    default_verbosity: info.defaultVerbosity,
    service_tiers: info.serviceTiers,
    default_service_tier: info.defaultServiceTier,
    supports_parallel_tool_calls: info.supportsParallelToolCalls,
    supported_parameters: supportedParameters(info),
    upgrade: info.upgrade,
  };
  return Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined)) as unknown as ModelEntry;
}

/** The entry of whatever a name means, under that name, as clients compare the id with what they asked for. */
export function encodeResolvedEntry(resolved: ResolvedModel, id: string = resolved.requested): ModelEntry {
  const { info, effort, mapped } = resolved;
  const entry = encodeModelEntry(info);
  entry.id = id;
  if (id !== info.slug) entry.canonical_slug = info.slug;
  if (effort !== undefined) entry.reasoning_effort = effort;
  if (mapped !== undefined) {
    entry.mapped = mapped;
    if (mapped.reason === "retired") entry.notice = `${mapped.from} is retired; ${mapped.to} answers.`;
  }
  return entry;
}

export interface ModelEntriesOptions {
  /** The user's own names. */
  aliases: Readonly<Record<string, string>>;
  /** What a name means; see `AccountModels.peek`. A name without an answer is not listed. */
  resolve: (name: string) => ResolvedModel | undefined;
  /** Whether each effort of a model is listed as a model, `gpt-6-sol-high`. Default false. */
  effortVariants?: boolean;
  /** Whether models that are not for picking are listed too. Default false. */
  hidden?: boolean;
}

/** All entries to show, by priority: each model, its efforts where asked for, then the user's names for listed models. */
export function listModelEntries(models: readonly ModelInfo[], options: ModelEntriesOptions): ModelEntry[] {
  const entries = new Map<string, ModelEntry>();
  const add = (entry: ModelEntry) => {
    if (!entries.has(entry.id)) entries.set(entry.id, entry);
  };
  for (const info of models) {
    if (info.visibility !== "list" && !options.hidden) continue;
    add(encodeModelEntry(info));
    if (options.effortVariants) for (const entry of effortVariants(info, options.resolve)) add(entry);
  }
  for (const name of Object.keys(options.aliases)) {
    const resolved = options.resolve(name);
    if (resolved?.listed) add(encodeResolvedEntry(resolved, name));
  }
  return [...entries.values()];
}

/** A name that some alias or other model has taken is no variant. */
function effortVariants(info: ModelInfo, resolve: ModelEntriesOptions["resolve"]): ModelEntry[] {
  return info.efforts.flatMap((effort) => {
    const resolved = resolve(`${info.slug}-${effort}`);
    return resolved?.model === info.slug && resolved.effort === effort ? encodeResolvedEntry(resolved) : [];
  });
}

function supportedParameters(info: ModelInfo): string[] {
  return [
    "tools",
    "tool_choice",
    ...(info.supportsParallelToolCalls ? ["parallel_tool_calls"] : []),
    "response_format",
    "structured_outputs",
    "reasoning",
    "reasoning_effort",
    ...(info.supportsReasoningSummaries ? ["include_reasoning"] : []),
    ...(info.supportsVerbosity ? ["verbosity"] : []),
    ...(info.serviceTiers.length > 0 ? ["service_tier"] : []),
  ];
}
