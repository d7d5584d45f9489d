import { CodexError } from "@codex/errors";
import type { Sdk } from "./sdk.js";

/**
 * Throws for a pair of versions that cannot work: ai 6 refuses the models of `@ai-sdk/openai` 4 with words that name
 * neither. The other way round works, since ai 7 takes older models as well.
 */
export function checkPair(sdk: Pick<Sdk, "createOpenAI" | "customProvider">): void {
  const understood = sdk.customProvider({}).specificationVersion as string;
  const made = sdk.createOpenAI({ apiKey: "unused" }).specificationVersion as string;
  if (generation(made) <= generation(understood)) return;
  const [ai, openai] = [generation(understood) + 3, generation(made)];
  throw new CodexError(
    "request_invalid",
    `ai ${ai} and @ai-sdk/openai ${openai} do not go together: ai ${ai} knows models of specification ${understood}, ` +
      `@ai-sdk/openai ${openai} makes ${made}. Install @ai-sdk/openai@${openai - 1} beside ai ${ai}, or ai@${ai + 1}.`,
  );
}

/** The number in `v3`. */
function generation(specification: string): number {
  return Number(specification.slice(1));
}
