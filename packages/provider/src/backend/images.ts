import { CodexError } from "@codex/errors";
import type { AccountPost } from "./account-get.js";

/** What the backend's image routes take (codex-rs `codex-api/src/images.rs`), in its spelling. */
export interface ImageRequest {
  /** E.g. `gpt-image-2`. */
  model: string;
  prompt: string;
  n?: number;
  /** E.g. `1024x1024`. */
  size?: string;
  quality?: string;
  background?: string;
  /** Pictures to be changed, as URLs or `data:` URLs: with them the picture is edited, without them made anew. */
  images?: readonly { image_url: string }[];
}

/** What they answer. */
export interface ImageAnswer {
  /** Unix seconds. */
  created?: number;
  data: { b64_json: string }[];
  [field: string]: unknown;
}

/** Ten pictures of the largest size fit. */
const maxBytes = 256 * 1024 * 1024;

/** Asks for pictures: one attempt. Throws a CodexError. */
export async function requestImages(
  post: AccountPost,
  baseUrl: string,
  request: ImageRequest,
  signal: AbortSignal,
): Promise<ImageAnswer> {
  const url = `${baseUrl}/images/${request.images === undefined ? "generations" : "edits"}`;
  const { text } = await post({ url, body: request, maxBytes }, signal);
  const answer = parse(text);
  if (answer !== undefined) return answer;
  throw new CodexError("upstream_rejected", "The backend's answer holds no pictures.");
}

function parse(text: string): ImageAnswer | undefined {
  try {
    const answer = JSON.parse(text) as ImageAnswer | null;
    const isWhole = Array.isArray(answer?.data) && answer.data.every((image) => typeof image?.b64_json === "string");
    return isWhole ? (answer as ImageAnswer) : undefined;
  } catch {
    return undefined;
  }
}
