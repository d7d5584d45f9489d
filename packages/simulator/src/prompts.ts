import { createHash } from "node:crypto";
import { detail, type PlainReply } from "./http/reply.js";

/** The release that the simulator says is the latest. */
export const latestTag = "rust-v0.171.0";

/**
 * Answers where the official prompts are read from, or undefined for other paths:
 * `GET /repos/openai/codex/releases/latest` and, below `/openai/codex/<tag>/codex-rs/`, `core/<file>` and
 * `models-manager/models.json`, with ETags.
 */
export function answerPrompts(
  path: string,
  ifNoneMatch: string | undefined,
  prompts: ReadonlyMap<string, string>,
): PlainReply | undefined {
  if (path === "/repos/openai/codex/releases/latest") {
    return conditional(
      { tag_name: latestTag, name: latestTag.slice("rust-v".length), draft: false, prerelease: false },
      ifNoneMatch,
    );
  }
  const file = path.match(/^\/openai\/codex\/[^/]+\/codex-rs\/(core\/[^/]+|models-manager\/models\.json)$/)?.[1];
  if (file === undefined) return undefined;
  const text = prompts.get(decodeURIComponent(file).replace(/^core\//, ""));
  return text === undefined ? { status: 404, body: "404: Not Found" } : conditional(text, ifNoneMatch);
}

function conditional(body: string | object, ifNoneMatch: string | undefined): PlainReply {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const etag = `"${createHash("sha256").update(text).digest("hex")}"`;
  const headers = { etag, "cache-control": "max-age=300" };
  return ifNoneMatch === etag ? { status: 304, headers } : { status: 200, body, headers };
}

/** The answer for paths that are not there. */
export function notFound(): PlainReply {
  return detail(404, "Not Found");
}
