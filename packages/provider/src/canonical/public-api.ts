import type { OutputItem, ResponseObject } from "./events.js";

/**
 * The public API's stream events, as openai-node 7.59 lists them. Libraries throw on others (openai-node's stream helper) or
 * take them for a message without content (openai-python's agents).
 */
const publicEvents: ReadonlySet<string> = new Set([
  "error",
  // An old name of `response.completed`, which is what it goes out as.
  "response.done",
  ...[
    ...["created", "queued", "in_progress", "completed", "failed", "incomplete"],
    ...["output_item.added", "output_item.done", "content_part.added", "content_part.done"],
    ...["output_text.delta", "output_text.done", "output_text.annotation.added", "refusal.delta", "refusal.done"],
    ...["reasoning_text.delta", "reasoning_text.done", "reasoning_summary_text.delta", "reasoning_summary_text.done"],
    ...["reasoning_summary_part.added", "reasoning_summary_part.done"],
    ...["function_call_arguments.delta", "function_call_arguments.done"],
    ...["custom_tool_call_input.delta", "custom_tool_call_input.done"],
    ...["web_search_call.in_progress", "web_search_call.searching", "web_search_call.completed"],
    ...["file_search_call.in_progress", "file_search_call.searching", "file_search_call.completed"],
    ...["image_generation_call.in_progress", "image_generation_call.generating", "image_generation_call.completed"],
    "image_generation_call.partial_image",
    ...["code_interpreter_call.in_progress", "code_interpreter_call.interpreting", "code_interpreter_call.completed"],
    ...["code_interpreter_call_code.delta", "code_interpreter_call_code.done"],
    ...["mcp_call.in_progress", "mcp_call.completed", "mcp_call.failed"],
    ...["mcp_call_arguments.delta", "mcp_call_arguments.done"],
    ...["mcp_list_tools.in_progress", "mcp_list_tools.completed", "mcp_list_tools.failed"],
    ...["shell_call_command.added", "shell_call_command.delta", "shell_call_command.done"],
    ...["shell_call_output_content.delta", "shell_call_output_content.done"],
    ...["audio.delta", "audio.done", "audio.transcript.delta", "audio.transcript.done", "compaction.compacting"],
  ].map((name) => `response.${name}`),
]);

/** The public API's output items, as openai-node 7.59 lists them. */
const publicItems: ReadonlySet<string> = new Set([
  ...["message", "reasoning", "compaction", "program", "program_output", "additional_tools"],
  ...["function_call", "function_call_output", "custom_tool_call", "custom_tool_call_output"],
  ...["web_search_call", "file_search_call", "image_generation_call", "code_interpreter_call"],
  ...["tool_search_call", "tool_search_output", "computer_call", "computer_call_output"],
  ...["local_shell_call", "local_shell_call_output", "shell_call", "shell_call_output"],
  ...["apply_patch_call", "apply_patch_call_output"],
  ...["mcp_call", "mcp_list_tools", "mcp_approval_request", "mcp_approval_response"],
]);

export function isPublicEvent(type: string): boolean {
  return publicEvents.has(type);
}

export function isPublicItem({ type }: Pick<OutputItem, "type">): boolean {
  return publicItems.has(type);
}

/** A Response object as a caller of the public API knows it. */
export function withPublicItems<T extends Pick<ResponseObject, "output">>(response: T): T {
  const { output } = response;
  if (output === undefined || output.every(isPublicItem)) return response;
  return { ...response, output: output.filter(isPublicItem) };
}
