import { CodexError } from "@codex/errors";
import type { ModelInfo } from "@codex/models";
import type { DerivedInstructions } from "@codex/prompts";
import { adjust, type RequestContext, spell } from "../canonical/context.js";
import { isUnset } from "../canonical/read-fields.js";
import type { InputItem, MessageItem, ResponsesRequest, Tool } from "../canonical/request.js";
import { conversationKey, fitKey } from "./cache-key.js";
import { passOtherFields, passServiceTier, passStreamOptions } from "./fields.js";
import { cleanInput } from "./input.js";
import { fitLite, liteHead } from "./lite.js";
import { dropItemFields, dropRefused } from "./refused-fields.js";

/** What a body is made of, once models, reasoning and prompts have had their say. */
export interface BodyParts {
  request: ResponsesRequest;
  model: ModelInfo;
  derived: DerivedInstructions;
  /** Whether the caller speaks responses-lite itself, and the model may too. */
  lite: boolean;
  /** The item with tools at the head of its input, if there is one. */
  toolsItem: InputItem | undefined;
  /** `request.tools`, after those that came at the head of the input. */
  tools: readonly Tool[];
  /** `request.input` without tools at its head, and without the system text that became the instructions. */
  input: readonly InputItem[];
  reasoning: Record<string, unknown> | undefined;
  text: Record<string, unknown> | undefined;
}

export interface BodyShape {
  /** Whether the responses-lite shape is wanted; hosted tools don't go with it. */
  lite: boolean;
  /** Fields that the backend has refused in this process. */
  refusedFields: ReadonlySet<string>;
  /** The same of input items and tools, as `refused-fields.ts` spells them. */
  refusedItemFields: ReadonlySet<string>;
}

/** The body of `POST /responses`, and what the headers need to know of it. */
export interface BackendBody {
  body: Record<string, unknown>;
  cacheKey: string;
  serviceTier: string | undefined;
  lite: boolean;
}

const encryptedReasoning = "reasoning.encrypted_content";

/** Builds the body in the field order of the Codex CLI. Notes in the context what it drops or maps. */
export function buildBody(parts: BodyParts, shape: BodyShape, context: RequestContext): BackendBody {
  const { request, model, derived, tools } = parts;
  const others = passOtherFields(request, context);
  const lite = shape.lite && fitLite(tools);
  const input = [...derived.developer.map(developerMessage), ...cleanInput(parts.input, context)];
  if (input.length === 0) {
    throw new CodexError("request_invalid", "There is nothing to answer: add a user message.", {
      param: spell(context, "input"),
    });
  }
  const serviceTier = passServiceTier(request.service_tier, model.serviceTiers, context);
  const cacheKey = isUnset(request.prompt_cache_key)
    ? conversationKey(derived.instructions, input, request.user)
    : fitKey(request.prompt_cache_key as string, "prompt_cache_key", context);

  const body: Record<string, unknown> = { model: model.slug };
  // Always there: some versions of the backend refuse a request without the key, whatever the shape.
  body.instructions = lite ? "" : derived.instructions;
  body.input = lite ? [...liteHead(parts.toolsItem, tools, derived.instructions), ...input] : input;
  if (!lite && tools.length > 0) body.tools = tools;
  body.tool_choice = isUnset(request.tool_choice) ? "auto" : request.tool_choice;
  body.parallel_tool_calls = lite ? false : (request.parallel_tool_calls ?? true);
  if (lite && request.parallel_tool_calls === true && tools.length > 0) {
    adjust(context, { field: "parallel_tool_calls", action: "clamped", detail: "false, as responses-lite asks for" });
  }
  const turns = request.reasoning?.context;
  if (lite && !isUnset(turns) && turns !== "all_turns") {
    adjust(context, { field: "reasoning.context", action: "clamped", detail: "all_turns, as responses-lite asks for" });
  }
  const reasoning = lite ? { ...parts.reasoning, context: "all_turns" } : parts.reasoning;
  if (reasoning !== undefined) body.reasoning = reasoning;
  body.store = false;
  body.stream = true;
  const streamOptions = passStreamOptions(request.stream_options);
  if (streamOptions !== undefined) body.stream_options = streamOptions;
  body.include = [...new Set([...(isUnset(request.include) ? [] : (request.include as string[])), encryptedReasoning])];
  if (serviceTier !== undefined) body.service_tier = serviceTier;
  body.prompt_cache_key = cacheKey;
  if (parts.text !== undefined) body.text = parts.text;
  Object.assign(body, others);
  for (const field of shape.refusedFields) dropRefused(body, field, request, context);
  if (shape.refusedItemFields.size > 0) dropItemFields(body, shape.refusedItemFields, context);
  return { body, cacheKey, serviceTier, lite };
}

function developerMessage(text: string): MessageItem {
  return { type: "message", role: "developer", content: [{ type: "input_text", text }] };
}
