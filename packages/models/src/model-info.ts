/** What is known of one model. Names are ours; the backend's are in `parseModelList`. */
export interface ModelInfo {
  /** The id that the backend takes, e.g. `gpt-6-sol`. */
  readonly slug: string;
  readonly displayName: string;
  readonly description?: string;
  /** Rank in a list, lowest first. */
  readonly priority: number;
  /** `list`: shown in pickers; `hide`: usable, not shown; `none`: not meant for use. */
  readonly visibility: "list" | "hide" | "none";
  /** The effort that the Codex CLI picks when nobody asks for one. */
  readonly defaultEffort?: string;
  /** Efforts that the model takes, lowest first. Empty: not known. */
  readonly efforts: readonly string[];
  readonly supportsVerbosity: boolean;
  readonly defaultVerbosity?: string;
  readonly supportsReasoningSummaries: boolean;
  /** `none` stands for "send no summary". */
  readonly defaultSummary?: string;
  /** Tokens. */
  readonly contextWindow?: number;
  /** Tokens; what the account may raise the window to. */
  readonly maxContextWindow?: number;
  /** Tokens; most that one answer may hold. The backend does not tell it today. */
  readonly maxOutputTokens?: number;
  /** `text`, `image`, ... */
  readonly inputModalities: readonly string[];
  /** Ids of the service tiers that may be asked for, e.g. `priority`. */
  readonly serviceTiers: readonly string[];
  /** Advertised only: the Codex CLI does not send a tier that nobody chose. */
  readonly defaultServiceTier?: string;
  /** Whether the Codex CLI speaks the "responses-lite" shape with this model. */
  readonly responsesLite: boolean;
  readonly supportsParallelToolCalls: boolean;
  /** The official instructions, with `{{ personality }}` not yet filled in. */
  readonly instructionsTemplate?: string;
  /** Values for the template, e.g. `personality_default`. */
  readonly instructionsVariables?: Readonly<Record<string, string>>;
  /** The lowest protocol version (`client_version`) that may use the model. */
  readonly minimalClientVersion?: string;
  /** The model that the backend recommends instead. */
  readonly upgrade?: string;
}

/** Reasoning efforts in rising order. `ultra` is a mode of clients: on the wire it is `max`. */
export const effortNames = ["none", "minimal", "low", "medium", "high", "xhigh", "max", "ultra"] as const;

/**
 * What to assume of a model that no list knows: it takes everything, so that the backend decides and nothing that
 * the caller asked for is lost on the way.
 */
export function unlistedModel(slug: string): ModelInfo {
  return {
    slug,
    displayName: slug,
    priority: unlistedPriority,
    visibility: "none",
    efforts: wireEfforts,
    supportsVerbosity: true,
    supportsReasoningSummaries: true,
    inputModalities: ["text", "image"],
    serviceTiers: ["priority", "flex"],
    responsesLite: false,
    supportsParallelToolCalls: true,
  };
}

/** Behind every model of a real list. */
export const unlistedPriority = 1000;

const wireEfforts: readonly string[] = effortNames.filter((effort) => effort !== "ultra");
