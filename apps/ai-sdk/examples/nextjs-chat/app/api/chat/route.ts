import { convertToModelMessages, stepCountIs, streamText } from "ai";
import type { ChatMessage } from "../../../chat/chat-message";
import { readChatRequest } from "../../../server/chat-request";
import { codex } from "../../../server/codex";
import { failureResponse } from "../../../server/failure-response";
import { guarded } from "../../../server/guard";
import { toPlan } from "../../../server/plan";
import { describeError, toFailure } from "../../../server/to-failure";
import { tools } from "../../../server/tools";

export const runtime = "nodejs";

const instructions = `You are a helpful assistant in a web chat. Answer in the person's language, in Markdown, as briefly as the
question allows. Use the tools for anything about the time or about counting days.`;

/** A question and its answer as a stream: text, reasoning, tool calls and their results, as they come. */
export const POST = guarded(async (request) => {
  const asked = await readChatRequest(request);
  if (asked === "too_large") {
    return failureResponse(413, {
      code: "too_large",
      message: "This conversation is larger than 32 MiB. Begin a new one, or send smaller pictures.",
    });
  }
  if (asked === undefined) {
    return failureResponse(400, {
      code: "request_invalid",
      message: "This is not what the chat's page sends. Reload it.",
    });
  }
  const begun = Date.now();
  const result = streamText({
    model: codex(asked.model),
    system: instructions,
    // A call that was stopped before its result is left out of what goes back to the model.
    messages: await convertToModelMessages(asked.messages, { tools, ignoreIncompleteToolCalls: true }),
    tools,
    stopWhen: stepCountIs(8),
    // The person's Stop button, or a closed page, ends the backend's request as well.
    abortSignal: request.signal,
    // The provider has tried again whatever may be tried again.
    maxRetries: 0,
    providerOptions: asked.effort === undefined ? {} : { openai: { reasoningEffort: asked.effort } },
    onError: ({ error }) => console.error(describeError(error)),
  });
  return result.toUIMessageStreamResponse<ChatMessage>({
    originalMessages: asked.messages,
    sendReasoning: true,
    messageMetadata: ({ part }) => {
      if (part.type === "start") return { model: asked.model };
      if (part.type !== "finish") return undefined;
      const plan = toPlan(codex.lastUsage());
      const { outputTokens } = part.totalUsage;
      return {
        durationMs: Date.now() - begun,
        ...(outputTokens !== undefined && { outputTokens }),
        ...(plan !== undefined && { plan }),
      };
    },
    onError: (error) => JSON.stringify(toFailure(error)),
  });
});
