import type { OpenAIProvider } from "@ai-sdk/openai";
import {
  type CodexClient,
  type CodexClientOptions,
  createCodexClient,
  defaultBaseUrl,
  type PlanUsage,
} from "@codex/provider";
import { clientOptions } from "./config.js";
import { lowerCase } from "./headers.js";
import { createImageModel } from "./image-model.js";
import { createLanguageModel } from "./language-model.js";
import { type CodexModel, toCodexModels } from "./models.js";
import { checkPair } from "./pair.js";
import { type ImageModel, installedSdk, type LanguageModel, type Sdk } from "./sdk.js";
import type { CodexSettings } from "./settings.js";

/** Any name that the account has; with an effort as suffix if wanted, e.g. `gpt-6-sol-high`. */
export type CodexModelId = "gpt-6.2-sol" | "gpt-6.2-astra" | "gpt-6-sol" | "gpt-6-luna" | "gpt-5.5" | (string & {});

export type CodexImageModelId = "gpt-image-2" | (string & {});

/** A person's own ChatGPT plan as a provider of the AI SDK. */
export interface CodexProvider {
  (modelId: CodexModelId): LanguageModel;
  readonly specificationVersion: OpenAIProvider["specificationVersion"];
  languageModel(modelId: CodexModelId): LanguageModel;
  /** The same as `languageModel`. */
  responses(modelId: CodexModelId): LanguageModel;
  /** Makes and edits pictures with the backend's image routes, e.g. `gpt-image-2`. */
  imageModel(modelId: CodexImageModelId): ImageModel;
  /** The same as `imageModel`. */
  image(modelId: CodexImageModelId): ImageModel;
  /** The backend's own tools, e.g. `webSearch`, and custom ones. */
  readonly tools: OpenAIProvider["tools"];
  /** The account's models, with what each can do; the bundled list while it is not available. */
  models(signal?: AbortSignal): Promise<CodexModel[]>;
  /** Asks how much of the plan is used; 10 s at most. Rejects with a CodexError, e.g. `auth_missing`. */
  usage(signal?: AbortSignal): Promise<PlanUsage>;
  /** The same as far as answers have told it, at no cost; undefined before the first one. */
  lastUsage(): PlanUsage | undefined;
  embeddingModel(modelId: string): never;
  textEmbeddingModel(modelId: string): never;
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

/** Makes a provider of one pair of versions; a test may say more of the client. */
export function createCodexWith(sdk: Sdk, settings: CodexSettings, more: CodexClientOptions = {}): CodexProvider {
  const openai = sdk.createOpenAI({ apiKey: "unused" });
  const headers = lowerCase(settings.headers);
  let client: CodexClient | undefined;
  const open = () => {
    client ??= createCodexClient({ ...clientOptions(settings), ...more });
    return client;
  };
  const { reasoningEffort, reasoningSummary, verbosity, serviceTier } = settings;
  const defaults = { reasoningEffort, reasoningSummary, verbosity, serviceTier };
  const baseURL = settings.baseURL ?? defaultBaseUrl;
  const languageModel = (modelId: string): LanguageModel => {
    checkPair(sdk);
    return createLanguageModel(modelId, { sdk, open, baseURL, defaults, headers });
  };
  const imageModel = (modelId: string): ImageModel => {
    checkPair(sdk);
    return createImageModel(modelId, { sdk, open, baseURL });
  };
  const refuse =
    (modelType: "embeddingModel" | "transcriptionModel" | "speechModel" | "rerankingModel") =>
    (modelId: string): never => {
      throw new sdk.NoSuchModelError({ modelId, modelType });
    };
  return Object.assign((modelId: string) => languageModel(modelId), {
    specificationVersion: openai.specificationVersion,
    languageModel,
    responses: languageModel,
    imageModel,
    image: imageModel,
    tools: openai.tools,
    models: async (signal?: AbortSignal) => toCodexModels(await open().models.list(signal)),
    usage: (signal?: AbortSignal) => open().usage(signal),
    lastUsage: () => client?.lastUsage(),
    embeddingModel: refuse("embeddingModel"),
    textEmbeddingModel: refuse("embeddingModel"),
    transcriptionModel: refuse("transcriptionModel"),
    speechModel: refuse("speechModel"),
    rerankingModel: refuse("rerankingModel"),
    close: async () => {
      await client?.close();
      client = undefined;
    },
  });
}
