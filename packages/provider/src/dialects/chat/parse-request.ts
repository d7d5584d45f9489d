import { adjust, type RequestContext } from "../../canonical/context.js";
import { asksForJson, ensureJsonWord } from "../../canonical/json-word.js";
import {
  type Fields,
  invalid,
  isUnset,
  readBody,
  readBoolean,
  readList,
  readModel,
  readString,
} from "../../canonical/read-fields.js";
import type { ResponsesRequest, Tool } from "../../canonical/request.js";
import type { ParsedRequest } from "../dialect.js";
import { parseResponsesBody } from "../openai/parse-responses-body.js";
import { parseLegacyChoice, parseToolChoice } from "../openai/parse-tool-choice.js";
import { parseLegacyFunctions, parseTools } from "../openai/parse-tools.js";
import { readChoices, readEnd, withoutFields } from "../openai/read-end.js";
import { readIncludeUsage } from "../openai/stream-options.js";
import { noteDroppedFields, parseResponseFormat, parseWebSearch } from "./fields.js";
import { parseMessages } from "./messages.js";
import { inResponsesNames } from "./mixed-body.js";
import { type ChatReasoning, isChatReasoning, parseReasoning } from "./reasoning.js";
import type { ChatReplyOptions } from "./reply-options.js";
import { spellForChat } from "./spell.js";

const endFields = ["stop", "max_completion_tokens", "max_tokens", "max_output_tokens"] as const;

/**
 * A chat completion request as a canonical request. What the backend has no counterpart for is dropped and noted in
 * `context.adjustments`. A body with `input` and no `messages` (Cursor sends one) is read as a Responses body and
 * still answered in chat chunks. Throws `request_invalid` with `param`.
 */
export function parseChatRequest(body: unknown, context: RequestContext): ParsedRequest<ChatReplyOptions> {
  const fields = readBody(body);
  const isResponsesBody = isUnset(fields.messages) && !isUnset(fields.input);
  if (!isResponsesBody) context.spell = spellForChat;
  const shown = isResponsesBody && !isChatReasoning(fields.reasoning) ? undefined : parseReasoning(fields, context);
  const request = isResponsesBody
    ? parseResponsesBody(inResponsesNames(fields, shown?.reasoning, context), context)
    : parseChatBody(fields, shown?.reasoning ?? {}, context);
  const includeUsage = readIncludeUsage(fields, context);
  const legacy = !isResponsesBody && isUnset(fields.tools) && !isUnset(fields.functions);
  const reply: ChatReplyOptions = {
    model: request.model,
    includeUsage,
    legacyFunctions: legacy,
  };
  if (shown?.hidden) reply.reasoning = "none";
  else if (context.reasoning !== undefined) reply.reasoning = context.reasoning;
  if (asksForJson(request)) keepContentPure(reply);
  const sent = isResponsesBody ? withoutFields(request, [...endFields, "n"]) : request;
  const parsed: ParsedRequest<ChatReplyOptions> = {
    request: sent,
    stream: readBoolean(fields.stream, "stream") ?? false,
    reply,
  };
  const end = readEnd(fields, endFields, context);
  if (end !== undefined) parsed.end = end;
  const choices = readChoices(fields.n);
  if (choices > 1) {
    adjust(context, { field: "n", action: "emulated", detail: `${choices} requests at the same time` });
    parsed.requests = Array<ResponsesRequest>(choices).fill(sent);
    reply.choices = choices;
  }
  return parsed;
}

/** Who asks for JSON reads the whole content as that: nothing else may stand in it. */
function keepContentPure(reply: ChatReplyOptions): void {
  if (reply.reasoning === "think") reply.reasoning = "field";
  reply.commentary = "reasoning";
}

function parseChatBody(body: Fields, reasoning: ChatReasoning["reasoning"], context: RequestContext): ResponsesRequest {
  const model = readModel(body, context);
  const messages = readList(body.messages, "messages");
  if (messages === undefined) throw invalid("messages", "The request has no messages. Send at least one.");
  const request: ResponsesRequest = {
    model,
    input: parseMessages(messages, context),
    reasoning,
  };
  addTools(request, body, context);
  addText(request, body, context);
  const tier = readString(body.service_tier, "service_tier");
  if (tier !== undefined) request.service_tier = tier;
  const cacheKey = readString(body.prompt_cache_key, "prompt_cache_key");
  if (cacheKey !== undefined) request.prompt_cache_key = cacheKey;
  const user = readString(body.user, "user");
  if (user !== undefined) request.user = user;
  noteDroppedFields(body, context);
  return request;
}

function addTools(request: ResponsesRequest, body: Fields, context: RequestContext): void {
  const tools: Tool[] = parseTools(body.tools, "chat", context) ?? parseLegacyFunctions(body.functions) ?? [];
  const search = parseWebSearch(body.web_search_options, context);
  if (search !== undefined) {
    tools.push(search);
    adjust(context, { field: "web_search_options", action: "mapped", detail: "tool web_search" });
  }
  if (tools.length > 0) request.tools = tools;
  const choice = isUnset(body.tool_choice)
    ? parseLegacyChoice(body.function_call, request.tools, context)
    : parseToolChoice(body.tool_choice, request.tools, context);
  if (choice !== undefined) request.tool_choice = choice;
  const parallel = readBoolean(body.parallel_tool_calls, "parallel_tool_calls");
  if (parallel !== undefined) request.parallel_tool_calls = parallel;
  // A legacy answer has room for one call only.
  if (isUnset(body.tools) && !isUnset(body.functions)) request.parallel_tool_calls = false;
}

function addText(request: ResponsesRequest, body: Fields, context: RequestContext): void {
  const verbosity = readString(body.verbosity, "verbosity");
  const format = parseResponseFormat(body.response_format, context);
  if (verbosity === undefined && format === undefined) return;
  request.text = {};
  if (verbosity !== undefined) request.text.verbosity = verbosity;
  if (format !== undefined) request.text.format = format;
  if (ensureJsonWord(request)) {
    adjust(context, { field: "response_format", action: "mapped", detail: "a message with the word JSON was added" });
  }
}
