import type { ModelInfo } from "@codex/models";

/** A model of the account, as a picker needs it. */
export interface CodexModel {
  /** What `codex(id)` takes. */
  id: string;
  name: string;
  description?: string;
  /** What may be asked for as `reasoningEffort`, lowest first. Empty: not known. */
  efforts: readonly string[];
  defaultEffort?: string;
  /** Whether its reasoning can be shown. */
  reasoningSummaries: boolean;
  verbosity: boolean;
  parallelToolCalls: boolean;
  /** `text`, `image`, ... */
  inputModalities: readonly string[];
  serviceTiers: readonly string[];
  /** Tokens. */
  contextWindow?: number;
}

/** The models that are meant to be picked, in the list's own order. */
export function toCodexModels(list: readonly ModelInfo[]): CodexModel[] {
  return list.filter((model) => model.visibility === "list").map(toCodexModel);
}

function toCodexModel(info: ModelInfo): CodexModel {
  return {
    id: info.slug,
    name: info.displayName,
    ...(info.description !== undefined && { description: info.description }),
    efforts: info.efforts,
    ...(info.defaultEffort !== undefined && { defaultEffort: info.defaultEffort }),
    reasoningSummaries: info.supportsReasoningSummaries,
    verbosity: info.supportsVerbosity,
    parallelToolCalls: info.supportsParallelToolCalls,
    inputModalities: info.inputModalities,
    serviceTiers: info.serviceTiers,
    ...(info.contextWindow !== undefined && { contextWindow: info.contextWindow }),
  };
}
