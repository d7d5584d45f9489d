import { createOpenAI, type OpenAIProvider } from "@ai-sdk/openai";
import { APICallError, customProvider, NoSuchModelError } from "ai";

/** What is taken from the two packages of the AI SDK; a test gives those of another pair of versions. */
export interface Sdk {
  createOpenAI: typeof createOpenAI;
  customProvider: typeof customProvider;
  APICallError: typeof APICallError;
  NoSuchModelError: typeof NoSuchModelError;
}

/** The pair that is installed. */
export const installedSdk: Sdk = { createOpenAI, customProvider, APICallError, NoSuchModelError };

/** A language model as the installed `@ai-sdk/openai` makes it: of specification v3 or v4. */
export type LanguageModel = ReturnType<OpenAIProvider["responses"]>;
export type CallOptions = Parameters<LanguageModel["doGenerate"]>[0];
export type GenerateResult = Awaited<ReturnType<LanguageModel["doGenerate"]>>;
export type StreamResult = Awaited<ReturnType<LanguageModel["doStream"]>>;
export type StreamPart = StreamResult["stream"] extends ReadableStream<infer Part> ? Part : never;
export type Warning = GenerateResult["warnings"][number];

/** An image model as the installed `@ai-sdk/openai` makes it. */
export type ImageModel = ReturnType<OpenAIProvider["imageModel"]>;
export type ImageCallOptions = Parameters<ImageModel["doGenerate"]>[0];
export type ImageResult = Awaited<ReturnType<ImageModel["doGenerate"]>>;
