import type { ChatMessage } from "./chat-message";

const key = "codex-chat:conversation";

/** The conversation of this tab, which survives a reload and ends with the tab. */
export function readConversation(): ChatMessage[] {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(key) ?? "[]");
    return Array.isArray(kept) ? (kept as ChatMessage[]) : [];
  } catch {
    return [];
  }
}

export function keepConversation(messages: readonly ChatMessage[]): void {
  try {
    if (messages.length === 0) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, JSON.stringify(messages));
  } catch {
    // No room, or a browser that keeps nothing: then a reload starts a new conversation.
  }
}
