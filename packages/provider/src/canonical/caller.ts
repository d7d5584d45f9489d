import type { RequestContext } from "./context.js";

/** With it a caller says that it speaks the responses-lite shape. */
export const liteHeader = "x-openai-internal-codex-responses-lite";

/**
 * Whether a caller is one of the Codex programs, or speaks as they do: it knows what the backend says beyond the public API.
 * By the `originator` that they all send (`codex_cli_rs`, `codex_exec`, `codex_vscode` ...), or the header of responses-lite.
 */
export function speaksCodex(headers: RequestContext["headers"]): boolean {
  return /^codex/i.test(headers.originator?.trim() ?? "") || headers[liteHeader] !== undefined;
}
