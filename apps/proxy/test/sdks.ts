import { createOpenAI as createOpenAI3 } from "@ai-sdk/openai-3";
import { createOpenAI as createOpenAI4 } from "@ai-sdk/openai-4";
import { createOpenAICompatible as createCompatible2 } from "@ai-sdk/openai-compatible-2";
import { createOpenAICompatible as createCompatible3 } from "@ai-sdk/openai-compatible-3";
import * as ai6 from "ai-6";
import * as ai7 from "ai-7";
import OpenAI6 from "openai";
import OpenAI7 from "openai-7";

/** The official SDK, as people have it: version 7 has the surface of version 6, so tests take its type for both. */
export const sdks = [
  ["6", OpenAI6],
  ["7", OpenAI7 as unknown as typeof OpenAI6],
] as const;

type LanguageModel = ai6.LanguageModel;

export interface Endpoint {
  baseURL: string;
  apiKey: string;
}

/** A version of the AI SDK, and what makes a model of one of its providers. The surface is taken for that of version 6. */
export interface AiSdk {
  ai: typeof ai6;
  model(endpoint: Endpoint, id: string): LanguageModel;
  /** The route that the model speaks to. */
  route: "responses" | "chat/completions" | "completions";
}

const sixth = ai6;
const seventh = ai7 as unknown as typeof ai6;
const openai3 = (endpoint: Endpoint) => createOpenAI3(endpoint);
const openai4 = (endpoint: Endpoint) => createOpenAI4(endpoint) as unknown as ReturnType<typeof createOpenAI3>;
const compatible = (endpoint: Endpoint) => ({
  name: "codex",
  includeUsage: true,
  supportsStructuredOutputs: true,
  ...endpoint,
});
const compatible2 = (endpoint: Endpoint, id: string) => createCompatible2(compatible(endpoint)).chatModel(id);
const compatible3 = (endpoint: Endpoint, id: string) =>
  createCompatible3(compatible(endpoint)).chatModel(id) as unknown as LanguageModel;

/** Every pairing of the AI SDK and its providers that people have, by the routes they speak to. */
export const aiSdks: readonly (readonly [string, AiSdk])[] = [
  ["ai 6, @ai-sdk/openai 3 on responses", { ai: sixth, model: (at, id) => openai3(at)(id), route: "responses" }],
  ["ai 6, @ai-sdk/openai 3 on chat", { ai: sixth, model: (at, id) => openai3(at).chat(id), route: "chat/completions" }],
  ["ai 6, @ai-sdk/openai-compatible 2", { ai: sixth, model: compatible2, route: "chat/completions" }],
  ["ai 7, @ai-sdk/openai 4 on responses", { ai: seventh, model: (at, id) => openai4(at)(id), route: "responses" }],
  [
    "ai 7, @ai-sdk/openai 4 on chat",
    { ai: seventh, model: (at, id) => openai4(at).chat(id), route: "chat/completions" },
  ],
  ["ai 7, @ai-sdk/openai 3 on responses", { ai: seventh, model: (at, id) => openai3(at)(id), route: "responses" }],
  [
    "ai 7, @ai-sdk/openai 3 on chat",
    { ai: seventh, model: (at, id) => openai3(at).chat(id), route: "chat/completions" },
  ],
  ["ai 7, @ai-sdk/openai-compatible 3", { ai: seventh, model: compatible3, route: "chat/completions" }],
];

/** The models of `.completion()`, which know text alone. */
export const aiCompletions: readonly (readonly [string, AiSdk])[] = [
  ["ai 6, @ai-sdk/openai 3", { ai: sixth, model: (at, id) => openai3(at).completion(id), route: "completions" }],
  ["ai 7, @ai-sdk/openai 4", { ai: seventh, model: (at, id) => openai4(at).completion(id), route: "completions" }],
];
