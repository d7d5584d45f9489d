import { CodexError } from "@codex/errors";
import { closestModels, type ModelInfo } from "@codex/models";
import type { CodexClient } from "@codex/provider";

/** One entry of `GET /v1/models`: OpenAI's four fields, then what else is known, for clients that look. */
export interface ModelEntry {
  id: string;
  object: "model";
  /** Unix seconds. The backend does not tell when a model was made, so this is 0. */
  created: number;
  owned_by: "openai";
  display_name: string;
  /** Tokens. */
  context_window?: number;
  reasoning_efforts: readonly string[];
  input_modalities: readonly string[];
}

/** The models that the account may pick, best first. */
export async function listModels(
  client: CodexClient,
  signal: AbortSignal,
): Promise<{ object: "list"; data: ModelEntry[] }> {
  const models = await client.models.list(signal);
  return { object: "list", data: models.filter(({ visibility }) => visibility === "list").map(encodeModel) };
}

/**
 * What a name means, prefixes, suffixes, aliases and hidden models included. The entry carries the name that was asked
 * for, as clients compare it. Throws `model_not_found` with the closest names.
 */
export async function describeModel(client: CodexClient, name: string, signal: AbortSignal): Promise<ModelEntry> {
  const resolved = await client.models.resolve(name, signal);
  if (resolved.listed) return { ...encodeModel(resolved.info), id: name };
  const models = (await client.models.list(signal)).filter(({ visibility }) => visibility === "list");
  const closest = closestModels(name, models).join(", ");
  throw new CodexError(
    "model_not_found",
    `The model ${JSON.stringify(name.slice(0, 100))} is not in your account's list. Closest: ${closest}. GET /v1/models lists all.`,
    { param: "model" },
  );
}

function encodeModel(info: ModelInfo): ModelEntry {
  return {
    id: info.slug,
    object: "model",
    created: 0,
    owned_by: "openai",
    display_name: info.displayName,
    ...(info.contextWindow !== undefined && { context_window: info.contextWindow }),
    reasoning_efforts: info.efforts,
    input_modalities: info.inputModalities,
  };
}
