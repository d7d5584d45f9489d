import { toCodexError } from "@codex/errors";
import { type CodexClient, errorReply, type ImageRequest, responsesDialect } from "@codex/provider";
import type { CallOutcome } from "./call.js";
import { explain } from "./failure.js";
import { toResponse } from "./response.js";
import type { ImageCallOptions, ImageModel, ImageResult, Sdk, Warning } from "./sdk.js";

export interface ImageModelParts {
  sdk: Sdk;
  /** The backend, opened at the first call. */
  open: () => CodexClient;
  baseURL: string;
}

/** What the backend's image routes take; `image` holds the pictures of an edit. */
const passedFields: ReadonlySet<string> = new Set(["model", "prompt", "n", "size", "quality", "background"]);

/** The image model of `@ai-sdk/openai`, with the backend's image routes behind its `fetch`. */
export function createImageModel(modelId: string, { sdk, open, baseURL }: ImageModelParts): ImageModel {
  const inner = (fetch: typeof globalThis.fetch) =>
    sdk.createOpenAI({ name: "codex", apiKey: "unused", baseURL, fetch }).imageModel(modelId);
  const { specificationVersion, provider, maxImagesPerCall } = inner(fetch);

  return {
    specificationVersion,
    provider,
    modelId,
    maxImagesPerCall,
    async doGenerate(options: ImageCallOptions): Promise<ImageResult> {
      const outcome: CallOutcome = { adjustments: [], error: undefined };
      const send: typeof fetch = async (url, init) => {
        // The SDK downloads the pictures of an edit by this `fetch` as well.
        if (!String(url).startsWith(`${baseURL}/images/`)) return await fetch(url, init);
        try {
          const request = await readRequest(init?.body, outcome);
          const answer = await open().images(request, init?.signal ?? undefined);
          return Response.json(answer);
        } catch (thrown) {
          init?.signal?.throwIfAborted();
          outcome.error = toCodexError(thrown);
          return toResponse(errorReply(responsesDialect, outcome.error), () => {});
        }
      };
      const result = await inner(send)
        .doGenerate(options)
        .then(undefined, (thrown) => {
          throw explain(sdk, outcome, thrown);
        });
      const warnings = outcome.adjustments.map(
        ({ field }): Warning => ({ type: "unsupported", feature: field, details: "the backend has no such field" }),
      );
      return { ...result, warnings: [...result.warnings, ...warnings] } as ImageResult;
    },
  } as ImageModel;
}

/** The SDK's body, JSON or a form, as the backend's. What that lacks is dropped and noted. */
async function readRequest(body: unknown, outcome: CallOutcome): Promise<ImageRequest> {
  const given: [name: string, value: unknown][] =
    body instanceof FormData ? [...body] : Object.entries(JSON.parse(body as string) as object);
  const request: Record<string, unknown> = {};
  const images: { image_url: string }[] = [];
  for (const [name, value] of given) {
    if (/^image(\[\])?$/.test(name) && value instanceof Blob) images.push({ image_url: await toDataUrl(value) });
    else if (passedFields.has(name)) request[name] = name === "n" ? Number(value) : value;
    // Pictures are answered as data in any case.
    else if (name !== "response_format") outcome.adjustments.push({ field: name, action: "dropped" });
  }
  if (images.length > 0) request.images = images;
  return request as unknown as ImageRequest;
}

async function toDataUrl(blob: Blob): Promise<string> {
  const data = Buffer.from(await blob.arrayBuffer()).toString("base64");
  return `data:${blob.type || "image/png"};base64,${data}`;
}
