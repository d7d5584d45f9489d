import type { OutputItem, ResponseEvent } from "../canonical/events.js";

/** Events that bring a piece of the answer in `delta`. */
const pieces: ReadonlySet<string> = new Set([
  "response.output_text.delta",
  "response.refusal.delta",
  "response.reasoning_summary_text.delta",
  "response.reasoning_text.delta",
  "response.function_call_arguments.delta",
  "response.custom_tool_call_input.delta",
  "response.mcp_call_arguments.delta",
  "response.code_interpreter_call_code.delta",
]);

/** Events that bring something whole, and the field that has it. */
const wholes: ReadonlyMap<string, string> = new Map([
  ["response.output_text.done", "text"],
  ["response.refusal.done", "refusal"],
  ["response.reasoning_summary_text.done", "text"],
  ["response.reasoning_text.done", "text"],
  ["response.function_call_arguments.done", "arguments"],
  ["response.custom_tool_call_input.done", "input"],
  ["response.image_generation_call.partial_image", "partial_image_b64"],
]);

/** Calls that the caller has to run; what the backend runs by itself is progress. */
const callersCalls: ReadonlySet<string> = new Set([
  "function_call",
  "custom_tool_call",
  "local_shell_call",
  "shell_call",
  "apply_patch_call",
  "computer_call",
  "tool_search_call",
]);

/**
 * Whether an event carries output: after it the answer can't be taken back. Signs of life carry none: an unknown event, an
 * item or part that is added, the name of a call, a piece without a letter, annotations, the progress of hosted tools.
 */
export function isOutput(event: ResponseEvent): boolean {
  if (pieces.has(event.type)) return event.deltaLiteral !== '""';
  const field = wholes.get(event.type);
  if (field !== undefined) return isText(event.data[field]);
  if (event.type === "response.content_part.done") return hasText([event.data.part]);
  if (event.type === "response.reasoning_summary_part.done") return hasText([event.data.part]);
  return event.type === "response.output_item.done" && hasContent(event.data.item);
}

function hasContent(item: OutputItem | undefined): boolean {
  if (typeof item !== "object" || item === null) return false;
  if (callersCalls.has(item.type)) return true;
  return hasText(item.content) || hasText(item.summary) || isText(item.encrypted_content) || isText(item.result);
}

function hasText(parts: unknown): boolean {
  if (!Array.isArray(parts)) return isText(parts);
  return parts.some((part) => {
    if (typeof part !== "object" || part === null) return isText(part);
    const { text, refusal } = part as Record<string, unknown>;
    return isText(text) || isText(refusal);
  });
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}
