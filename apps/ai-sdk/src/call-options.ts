import type { CallParts } from "./call.js";
import { lowerCase } from "./headers.js";
import type { CallOptions, Warning } from "./sdk.js";

/** What is asked of every call that does not say otherwise. */
export interface CallDefaults {
  reasoningEffort?: string | undefined;
  reasoningSummary?: string | undefined;
  verbosity?: string | undefined;
  serviceTier?: string | undefined;
}

export interface PreparedCall extends CallParts {
  /** For the SDK's own model. */
  options: CallOptions;
  warnings: Warning[];
}

type Options = Record<string, unknown>;

/**
 * What has to be settled before the SDK's own model builds a body:
 * - `store: false`, since the backend keeps nothing: without it the next turn would refer to items by their ids;
 * - every model reasons: the SDK tells by the id, which may be an alias or newer than the SDK;
 * - effort, summary and tier travel past the SDK, which drops what its own table of models lacks; they are fitted to the
 *   account's list instead. AI SDK 7's `reasoning` counts as an effort, whatever the pair;
 * - stop sequences, which the SDK's model would drop, are emulated.
 */
export function prepareCall(options: CallOptions, defaults: CallDefaults): PreparedCall {
  const { reasoning: portable, stopSequences, ...rest } = options as CallOptions & { reasoning?: string };
  const { openai, codex, ...others } = (options.providerOptions ?? {}) as Record<string, Options>;
  const { reasoningEffort, reasoningSummary, serviceTier, store, ...own } = { ...openai, ...codex } as Options;
  const warnings: Warning[] = [];
  if (store === true) {
    warnings.push({ type: "unsupported", feature: "store", details: "the backend keeps nothing" });
  }
  const effort =
    reasoningEffort ?? (portable === "provider-default" ? undefined : portable) ?? defaults.reasoningEffort;
  const summary = reasoningSummary ?? defaults.reasoningSummary ?? "auto";
  const tier = serviceTier ?? defaults.serviceTier;
  const forSdk = {
    forceReasoning: true,
    ...(defaults.verbosity !== undefined && { textVerbosity: defaults.verbosity }),
    ...own,
    store: false,
  };
  return {
    options: { ...rest, providerOptions: { ...others, openai: forSdk } } as CallOptions,
    warnings,
    headers: lowerCase(options.headers),
    amend: (body) => {
      body.reasoning = { ...(body.reasoning as object | undefined), summary, ...(effort !== undefined && { effort }) };
      if (tier !== undefined) body.service_tier = tier;
      if (stopSequences !== undefined) body.stop = stopSequences;
      return body;
    },
  };
}
