import { CodexError } from "@codex/errors";
import { type ModelInfo, parseModelList } from "@codex/models";

/** Where releases of openai/codex have held the texts of all models since the prompt files left `codex-rs/core/`. */
export const releaseModelsFile = "codex-rs/models-manager/models.json";

/** The file has some 670 kB today, with 14 models; in bytes. */
export const releaseModelsMaxBytes = 8 * 1024 * 1024;

/**
 * Takes out of the file what is kept of it: each model's slug and instructions, in the file's own shape. Throws
 * `upstream_rejected` when it is no such file, or holds no instructions at all.
 */
export function compactReleaseModels(body: string): string {
  const list = (parse(body) as { models?: unknown } | null)?.models;
  const models = Array.isArray(list) ? list.flatMap(compactEntry) : [];
  const compact = { models };
  if (parseModelList(compact).some(hasText)) return JSON.stringify(compact);
  throw new CodexError(
    "upstream_rejected",
    "The model list of the latest release of openai/codex holds no instructions.",
  );
}

function compactEntry(entry: unknown): object[] {
  if (!isObject(entry) || typeof entry.slug !== "string") return [];
  const { slug, base_instructions, model_messages: messages } = entry;
  if (!isObject(messages)) return [{ slug, base_instructions }];
  const { instructions_template, instructions_variables } = messages;
  return [{ slug, base_instructions, model_messages: { instructions_template, instructions_variables } }];
}

/** Reads what `compactReleaseModels` has made. Throws for anything else. */
export function parseReleaseModels(compact: string): readonly ModelInfo[] {
  return parseModelList(parse(compact)).filter(hasText);
}

/**
 * The entry of a model: that of its slug, else that of the longest slug that it begins with, as the Codex CLI looks models
 * up, so that `gpt-6.2-sol-preview` has the text of its family.
 */
export function findReleaseModel(models: readonly ModelInfo[], slug: string): ModelInfo | undefined {
  let found: ModelInfo | undefined;
  for (const model of models) {
    if (model.slug === slug) return model;
    if (slug.startsWith(`${model.slug}-`) && model.slug.length > (found?.slug.length ?? 0)) found = model;
  }
  return found;
}

function hasText({ instructionsTemplate: text }: ModelInfo): boolean {
  return text !== undefined && text.trim() !== "";
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new CodexError("upstream_rejected", "The model list of the latest release of openai/codex is no JSON.", {
      cause,
    });
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
