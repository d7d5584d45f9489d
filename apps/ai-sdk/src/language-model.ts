import type { CodexClient } from "@codex/provider";
import { openCall } from "./call.js";
import { type CallDefaults, prepareCall } from "./call-options.js";
import { explain } from "./failure.js";
import type { CallOptions, LanguageModel, Sdk, StreamPart, Warning } from "./sdk.js";
import { toWarnings } from "./warnings.js";

export interface LanguageModelParts {
  sdk: Sdk;
  /** The backend, opened at the first call. */
  open: () => CodexClient;
  baseURL: string;
  defaults: CallDefaults;
  headers: Readonly<Record<string, string>>;
}

/**
 * The Responses model of `@ai-sdk/openai`, of whichever specification it is, with the Codex backend behind its `fetch`.
 * All mapping is the SDK's own.
 */
export function createLanguageModel(modelId: string, parts: LanguageModelParts): LanguageModel {
  const { sdk } = parts;
  const inner = (fetch: typeof globalThis.fetch) =>
    sdk.createOpenAI({ name: "codex", apiKey: "unused", baseURL: parts.baseURL, fetch }).responses(modelId);
  const { specificationVersion, provider } = inner(fetch);

  function begin(options: CallOptions) {
    const prepared = prepareCall(options, parts.defaults);
    const headers = { ...parts.headers, ...prepared.headers };
    const call = openCall(parts.open, { amend: prepared.amend, headers });
    const warn = () => [...prepared.warnings, ...toWarnings(call.adjustments)];
    return { call, model: inner(call.fetch), options: prepared.options, warn };
  }

  return {
    specificationVersion,
    provider,
    modelId,
    // Files come as data: nobody has seen the backend fetch a URL.
    supportedUrls: {},
    async doGenerate(options: CallOptions) {
      const { call, model, options: prepared, warn } = begin(options);
      const result = await model.doGenerate(prepared).then(undefined, (thrown) => {
        throw explain(sdk, call, thrown);
      });
      return { ...result, warnings: [...result.warnings, ...warn()] };
    },
    async doStream(options: CallOptions) {
      const { call, model, options: prepared, warn } = begin(options);
      const result = await model.doStream(prepared).then(undefined, (thrown) => {
        throw explain(sdk, call, thrown);
      });
      const stream = result.stream.pipeThrough(tellMore(warn, (thrown) => explain(sdk, call, thrown)));
      return { ...result, stream };
    },
  } as LanguageModel;
}

/** Adds warnings at the start, and says of an error in the middle what is known of it. */
function tellMore(warn: () => Warning[], explain: (thrown: unknown) => unknown) {
  return new TransformStream<StreamPart, StreamPart>({
    transform(part, controller) {
      if (part.type === "stream-start") part = { ...part, warnings: [...part.warnings, ...warn()] };
      else if (part.type === "error") part = { ...part, error: explain(part.error) };
      controller.enqueue(part);
    },
  });
}
