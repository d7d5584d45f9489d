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

/** The largest body that is taken, in bytes: a long conversation with photos. */
const maxBodyBytes = 32 * 1024 * 1024;

export interface ChatRequest {
  messages: ChatMessage[];
  model: string;
  effort: string | undefined;
}

/**
 * Reads what is asked; undefined for what this app's page does not send. That includes messages of the role `system`: what
 * the model is told to be is this server's word, not a page's.
 */
export async function readChatRequest(request: Request): Promise<ChatRequest | "too_large" | undefined> {
  const text = await readText(request);
  if (text === undefined) return "too_large";
  const body = bodySchema.safeParse(parseJson(text));
  if (!body.success) return undefined;
  const { messages, model, effort } = body.data;
  const checked = await safeValidateUIMessages<ChatMessage>({ messages, tools });
  if (!checked.success || checked.data.some(({ role }) => role === "system")) return undefined;
  return { messages: checked.data, model, effort };
}

/** The body, of which no more is held than may be; undefined for a larger one. */
async function readText(request: Request): Promise<string | undefined> {
  if (Number(request.headers.get("content-length") ?? 0) > maxBodyBytes) return undefined;
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  // Leaving the loop cancels the rest. The types of browsers do not know that a stream can be iterated.
  for await (const chunk of (request.body ?? []) as unknown as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > maxBodyBytes) return undefined;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
