/**
 * The canonical request: a Responses API body, as the public API has it. Dialects write it, `backend/body.ts`
 * turns it into what the Codex backend takes. Unknown fields and item types travel with it untouched.
 */

export interface ResponsesRequest {
  /** As the caller spelled it, prefixes and effort suffix included. */
  model: string;
  /** The caller's own instructions. When absent, the leading system and developer messages of `input` become them. */
  instructions?: string;
  input: InputItem[];
  tools?: Tool[];
  tool_choice?: unknown;
  parallel_tool_calls?: boolean;
  reasoning?: { effort?: string; summary?: string; [field: string]: unknown };
  text?: { verbosity?: string; format?: Record<string, unknown>; [field: string]: unknown };
  include?: string[];
  service_tier?: string;
  prompt_cache_key?: string;
  [field: string]: unknown;
}

/** An input item: a message, or one of the many typed items (`function_call`, `reasoning`, `web_search_call` ...). */
export interface InputItem {
  type: string;
  [field: string]: unknown;
}

/** `role: "system"` is allowed here; the backend refuses it, so `backend/body.ts` hoists or renames it. */
export interface MessageItem extends InputItem {
  type: "message";
  role: "system" | "developer" | "user" | "assistant";
  content: ContentPart[];
}

export interface ContentPart {
  type: string;
  [field: string]: unknown;
}

export interface Tool {
  type: string;
  name?: string;
  [field: string]: unknown;
}

/** Whether an item is a message of the canonical form. */
export function isMessage(item: InputItem): item is MessageItem {
  return item.type === "message" && Array.isArray(item.content);
}
