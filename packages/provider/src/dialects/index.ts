import { encodeChatError } from "./chat/encode-error.js";
import { encodeChatFinal } from "./chat/encode-final.js";
import { createChatEncoder } from "./chat/encode-stream.js";
import { parseChatRequest } from "./chat/parse-request.js";
import type { ChatReplyOptions } from "./chat/reply-options.js";
import { encodeCompletionsError } from "./completions/encode-error.js";
import { encodeCompletionsFinal } from "./completions/encode-final.js";
import { createCompletionsEncoder } from "./completions/encode-stream.js";
import { parseCompletionsRequest } from "./completions/parse-request.js";
import type { CompletionsReplyOptions } from "./completions/reply-options.js";
import type { Dialect } from "./dialect.js";
import { withToolNames } from "./openai/tool-names.js";
import { encodeResponsesError } from "./responses/encode-error.js";
import { encodeResponsesFinal } from "./responses/encode-final.js";
import { createResponsesEncoder } from "./responses/encode-stream.js";
import { parseResponsesRequest } from "./responses/parse-request.js";
import { readKeptInput } from "./responses/read-kept-input.js";
import type { ResponsesReplyOptions } from "./responses/reply-options.js";

/** OpenAI's chat completions: `POST /v1/chat/completions`. */
export const chatDialect: Dialect<ChatReplyOptions> = withToolNames({
  inOneText: true,
  breaksOff: true,
  parseRequest: parseChatRequest,
  createEncoder: createChatEncoder,
  encodeFinal: encodeChatFinal,
  encodeError: encodeChatError,
});

/** OpenAI's Responses API: `POST /v1/responses`. */
export const responsesDialect: Dialect<ResponsesReplyOptions> = withToolNames({
  readKeptInput,
  parseRequest: parseResponsesRequest,
  createEncoder: createResponsesEncoder,
  encodeFinal: encodeResponsesFinal,
  encodeError: encodeResponsesError,
});

/** OpenAI's completions from before chat: `POST /v1/completions`. */
export const completionsDialect: Dialect<CompletionsReplyOptions> = {
  inOneText: true,
  breaksOff: true,
  parseRequest: parseCompletionsRequest,
  createEncoder: createCompletionsEncoder,
  encodeFinal: encodeCompletionsFinal,
  encodeError: encodeCompletionsError,
};
