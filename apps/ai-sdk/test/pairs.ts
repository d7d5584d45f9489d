import * as openai3 from "@ai-sdk/openai";
import * as ai6 from "ai";
import * as ai7 from "ai-7";
import * as openai4 from "ai-sdk-openai-4";
import type { Sdk } from "../src/sdk.js";

/** One pair of versions that people have. Its functions are typed as those of the older one: what we call they share. */
export interface Pair {
  name: string;
  specification: string;
  ai: typeof ai6;
  openai: typeof openai3;
  sdk: Sdk;
}

function pair(name: string, specification: string, ai: unknown, openai: unknown): Pair {
  const typed = { ai: ai as typeof ai6, openai: openai as typeof openai3 };
  const { APICallError, NoSuchModelError, customProvider } = typed.ai;
  const sdk = { createOpenAI: typed.openai.createOpenAI, APICallError, NoSuchModelError, customProvider };
  return { name, specification, ...typed, sdk };
}

/** Every test of behaviour runs on both, with the same expectations. */
export const pairs: readonly Pair[] = [
  pair("ai 6 and @ai-sdk/openai 3", "v3", ai6, openai3),
  pair("ai 7 and @ai-sdk/openai 4", "v4", ai7, openai4),
];

/** ai 6 refuses the models of this one. */
export const brokenPair: Pair = pair("ai 6 and @ai-sdk/openai 4", "v4", ai6, openai4);

/** ai 7 takes older models as well. */
export const mixedPair: Pair = pair("ai 7 and @ai-sdk/openai 3", "v3", ai7, openai3);
