import type { OpenAIProvider } from "@ai-sdk/openai";
import { type CodexClient, createCodexClient, defaultBaseUrl, type PlanUsage, type RateLimits } from "@codex/provider";
import { clientOptions } from "./config.js";
import { createLanguageModel } from "./language-model.js";
import { type CodexModel, toCodexModels } from "./models.js";
import { checkPair } from "./pair.js";
import { installedSdk, type LanguageModel, type Sdk } from "./sdk.js";
import type { CodexSettings } from "./settings.js";

/** Any name that the account has; with an effort as suffix if wanted, e.g. `gpt-6-sol-high`. */
export type CodexModelId = "gpt-6.1-sol" | "gpt-6-astra" | "gpt-6-sol" | "gpt-6-luna" | "gpt-5.5" | (string & {});

/** A person's own ChatGPT plan as a provider of the AI SDK. */
export interface CodexProvider {
  (modelId: CodexModelId): LanguageModel;
  readonly specificationVersion: OpenAIProvider["specificationVersion"];
  languageModel(modelId: CodexModelId): LanguageModel;
  /** The same as `languageModel`. */
  responses(modelId: CodexModelId): LanguageModel;
  /** The backend's own tools, e.g. `webSearch`, and custom ones. */
  readonly tools: OpenAIProvider["tools"];
  /** The account's models, with what each can do; the bundled list while it cannot be had. */
  models(signal?: AbortSignal): Promise<CodexModel[]>;
  /** The plan's limits as last told; undefined before the first answer. */
  rateLimits(): RateLimits | undefined;
  /** Asks how much of the plan is used; 10 s at most. Rejects with a CodexError, e.g. `auth_missing`. */
  usage(signal?: AbortSignal): Promise<PlanUsage>;
  /** The same as far as answers have told it, at no cost; undefined before the first one. */
  lastUsage(): PlanUsage | undefined;
  embeddingModel(modelId: string): never;
  textEmbeddingModel(modelId: string): never;
  imageModel(modelId: string): never;
  transcriptionModel(modelId: string): never;
  speechModel(modelId: string): never;
  rerankingModel(modelId: string): never;
  /** Closes the connections, and lets go of the login. */
  close(): Promise<void>;
}

/** Makes a provider. Reads nothing and connects to nothing before the first call. */
export function createCodex(settings: CodexSettings = {}): CodexProvider {
  return createCodexWith(installedSdk, settings);
}

/** On my own ChatGPT plan, with the login and the settings of the environment. */
export const codex: CodexProvider = createCodex();

/** Makes a provider of one pair of versions. */
export function createCodexWith(sdk: Sdk, settings: CodexSettings): CodexProvider {
  const openai = sdk.createOpenAI({ apiKey: "unused" });
  let client: CodexClient | undefined;
  let limits: RateLimits | undefined;
  const open = () => {
    client ??= createCodexClient({
      ...clientOptions(settings),
      onRateLimits: (told) => {
        limits = told;
        settings.onRateLimits?.(told);
      },
    });
    return client;
  };
  const defaults = {
    reasoningEffort: settings.reasoningEffort,
    reasoningSummary: settings.reasoningSummary,
    verbosity: settings.verbosity,
    serviceTier: settings.serviceTier,
  };
  const languageModel = (modelId: string): LanguageModel => {
    checkPair(sdk);
    const baseURL = settings.baseURL ?? defaultBaseUrl;
    return createLanguageModel(modelId, { sdk, open, baseURL, defaults, headers: {} });
  };
  const refuse =
    (modelType: "embeddingModel" | "imageModel" | "transcriptionModel" | "speechModel" | "rerankingModel") =>
    (modelId: string): never => {
      throw new sdk.NoSuchModelError({ modelId, modelType });
    };
  return Object.assign((modelId: string) => languageModel(modelId), {
    specificationVersion: openai.specificationVersion,
    languageModel,
    responses: languageModel,
    tools: openai.tools,
    models: async (signal?: AbortSignal) => toCodexModels(await open().models.list(signal)),
    rateLimits: () => limits,
    usage: (signal?: AbortSignal) => open().usage(signal),
    lastUsage: () => client?.lastUsage(),
    embeddingModel: refuse("embeddingModel"),
    textEmbeddingModel: refuse("embeddingModel"),
    imageModel: refuse("imageModel"),
    transcriptionModel: refuse("transcriptionModel"),
    speechModel: refuse("speechModel"),
    rerankingModel: refuse("rerankingModel"),
    close: async () => {
      await client?.close();
      client = undefined;
    },
  });
}
