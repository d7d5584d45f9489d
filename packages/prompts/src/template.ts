import type { ModelInfo } from "@codex/models";

/** The voices that a template may come with; a model that lacks one gets none. */
export type Personality = "default" | "friendly" | "pragmatic";

const placeholder = /\{\{\s*([A-Za-z0-9_]+)\s*\}\}/g;

/**
 * The official instructions that the account's model list holds, its `{{ personality }}` filled from
 * `personality_default` and its like (the Codex CLI 0.169 does the same), other names from the variable of that name.
 * Undefined when the list has no text for the model.
 */
export function fillTemplate(
  model: Pick<ModelInfo, "instructionsTemplate" | "instructionsVariables">,
  personality: Personality,
): string | undefined {
  const { instructionsTemplate: template, instructionsVariables: variables = {} } = model;
  if (template === undefined || template.trim() === "") return undefined;
  return template.replace(placeholder, (whole, name: string) => {
    if (name === "personality") return variables[`personality_${personality}`] ?? "";
    return Object.hasOwn(variables, name) ? (variables[name] ?? whole) : whole;
  });
}
