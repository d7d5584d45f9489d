import { safeValidateUIMessages } from "ai";
import { z } from "zod";
import type { ChatMessage } from "../chat/chat-message";
import { tools } from "./tools";

/** The body that `useChat` posts, with what the page adds to it. */
const bodySchema = z.object({
  messages: z.array(z.unknown()).min(1),
  model: z.string().min(1).max(200),
  effort: z.string().max(20).optional(),
});

export interface ChatRequest {
  messages: ChatMessage[];
  model: string;
  effort: string | undefined;
}

/** Reads what is asked; undefined for what this app's page does not send. */
export async function readChatRequest(request: Request): Promise<ChatRequest | undefined> {
  const body = bodySchema.safeParse(await request.json().catch(() => undefined));
  if (!body.success) return undefined;
  const { messages, model, effort } = body.data;
  const checked = await safeValidateUIMessages<ChatMessage>({ messages, tools });
  return checked.success ? { messages: checked.data, model, effort } : undefined;
}
