import { CodexError } from "@codex/errors";

/**
 * How many levels of lists and objects a body or an event may have. No client comes near it, and far beyond it what reads
 * JSON level by level (`JSON.stringify` is one of them) runs out of stack.
 */
export const maxDepth = 512;

/** Whether a value has more levels than that. It goes no deeper itself. */
export function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  if (Array.isArray(value)) return value.some((entry) => isDeeperThan(entry, levels - 1));
  for (const key in value) if (isDeeperThan((value as Record<string, unknown>)[key], levels - 1)) return true;
  return false;
}

/** Each level takes two characters: most texts are too short to have too many. */
const shortest = 2 * maxDepth;

/** Throws `request_invalid` for a body that has more levels, with the field that has them. */
export function requireShallowBody(body: unknown): void {
  if (!isDeeperThan(body, maxDepth)) return;
  const fields = typeof body === "object" && body !== null && !Array.isArray(body) ? Object.entries(body) : [];
  const param = fields.find(([, value]) => isDeeperThan(value, maxDepth - 1))?.[0];
  const what = param === undefined ? "The body" : `\`${param.slice(0, 60)}\``;
  throw new CodexError("request_invalid", `${what} has more than ${maxDepth} levels of lists and objects.`, {
    ...(param !== undefined && { param: param.slice(0, 60) }),
  });
}

/** Throws `stream_interrupted` for what the backend has sent, of so many characters as JSON, if it has more levels. */
export function requireShallowEvent(data: unknown, length: number): void {
  if (length <= shortest || !isDeeperThan(data, maxDepth)) return;
  const message = `The backend's answer has more than ${maxDepth} levels of lists and objects.`;
  throw new CodexError("stream_interrupted", message, { retryable: false });
}
