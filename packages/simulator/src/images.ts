import type { Exchange } from "./context.js";
import { detail, modelError, type PlainReply } from "./http/reply.js";
import { pixelPng } from "./responses/events.js";

/** What the official client sends to the image routes; `images` goes with edits alone (codex-rs `codex-api/src/images.rs`). */
const fields: ReadonlySet<string> = new Set(["prompt", "model", "background", "n", "quality", "size", "images"]);

const maxImages = 10;

/** Answers `POST images/generations` and `POST images/edits`: as many pixels as are asked for. `now` in Unix seconds. */
export function imagesReply({ record, path }: Exchange, now: number): PlainReply {
  const isEdit = path.endsWith("/edits");
  const body = record.body;
  if (typeof body !== "object" || body === null || Array.isArray(body)) return detail(400, "Input must be an object");
  const { prompt, model, n = 1, images, background, quality, size } = body as Record<string, unknown>;
  for (const field of Object.keys(body)) {
    if (!fields.has(field) || (field === "images" && !isEdit)) return detail(400, `Unsupported parameter: ${field}`);
  }
  if (typeof prompt !== "string" || prompt === "") return invalid("prompt", "Missing required parameter: 'prompt'.");
  if (typeof model !== "string" || !model.startsWith("gpt-image-")) {
    return detail(400, `The '${String(model)}' model is not supported when using Codex with a ChatGPT account.`);
  }
  if (typeof n !== "number" || !Number.isInteger(n) || n < 1 || n > maxImages) {
    return invalid("n", `Invalid value: 'n' must be a whole number from 1 to ${maxImages}.`);
  }
  if (isEdit && !isImageList(images)) return invalid("images", "Missing required parameter: 'images'.");
  const look = { background: background ?? "auto", quality: quality ?? "auto", size: size ?? "1x1" };
  return {
    status: 200,
    body: { created: now, data: Array.from({ length: n }, () => ({ b64_json: pixelPng })), ...look },
  };
}

function isImageList(images: unknown): boolean {
  return (
    Array.isArray(images) &&
    images.length > 0 &&
    images.every((image) => typeof (image as { image_url?: unknown } | null)?.image_url === "string")
  );
}

function invalid(param: string, message: string): PlainReply {
  return modelError(message, param, "invalid_value");
}
