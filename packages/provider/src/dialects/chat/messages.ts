import { adjust, type RequestContext } from "../../canonical/context.js";
import {
  type Fields,
  invalid,
  isFields,
  isUnset,
  noteUnknownKeys,
  readEntry,
  readString,
} from "../../canonical/read-fields.js";
import type { ContentPart, InputItem, MessageItem } from "../../canonical/request.js";
import { type MessageRole, parseContent, parseToolOutput, textPart } from "../openai/parse-content.js";
import { parseGeneratedImages } from "./generated-images.js";
import { parseReasoningDetails } from "./reasoning-details.js";
import { withoutThinkTags } from "./think-tags.js";
import { type CallBook, createCallBook } from "./tool-calls.js";

/**
 * Chat messages as canonical input items, in their order: system and developer messages stay where they are, an
 * assistant message becomes its reasoning, its text, its images and its tool calls, a tool message becomes a tool's output.
 * Throws `request_invalid` with `param`, e.g. `messages[2].role`.
 */
export function parseMessages(messages: unknown[], context: RequestContext): InputItem[] {
  const items: InputItem[] = [];
  const calls = createCallBook();
  for (const [index, value] of messages.entries()) {
    const param = `messages[${index}]`;
    const message = readEntry(value, param);
    noteUnknownKeys(message, knownKeys[String(message.role)] ?? answerKeys, "messages[]", context);
    switch (message.role) {
      case "system":
      case "developer":
      case "user":
        items.push(parseMessage(message, message.role, param, context));
        break;
      case "assistant":
        append(items, parseAssistant(message, param, calls, context));
        break;
      case "tool":
        noteToolName(message, calls, context);
        items.push(calls.output(message, parseToolOutput(message.content, `${param}.content`, context), param));
        break;
      case "function":
        items.push(calls.legacyOutput(message, parseToolOutput(message.content, `${param}.content`, context), param));
        break;
      default:
        throw invalid(`${param}.role`, roleMessage(message.role, param));
    }
  }
  return items;
}

/** One by one: a message may have more calls than a function takes arguments. */
function append(items: InputItem[], more: readonly InputItem[]): void {
  for (const item of more) items.push(item);
}

function parseMessage(message: Fields, role: MessageRole, param: string, context: RequestContext): MessageItem {
  const content = parseContent(message.content, role, `${param}.content`, context);
  if (content.length === 0) {
    throw invalid(`${param}.content`, `\`${param}\` has no content. Give a string or a list of parts.`);
  }
  return { type: "message", role, content: withName(content, message, role, param, context) };
}

function parseAssistant(message: Fields, param: string, calls: CallBook, context: RequestContext): InputItem[] {
  const items: InputItem[] = parseReasoningDetails(message);
  if (items.length === 0) noteReasoningText(message, context);
  noteUnknownKeys(
    fieldsAt(message.provider_specific_fields),
    movedKeys,
    "messages[].provider_specific_fields",
    context,
  );
  if (!isUnset(message.audio)) {
    throw invalid(
      `${param}.audio`,
      "The Codex backend has no audio of earlier answers. Send the words as `content` instead.",
    );
  }
  const given = isUnset(message.content)
    ? []
    : parseContent(withoutCopies(message), "assistant", `${param}.content`, context);
  const content = context.reasoning === "think" ? withoutReasoning(given) : given;
  const refusal = readString(message.refusal, `${param}.refusal`);
  if (refusal !== undefined) content.push({ type: "refusal", refusal });
  if (content.length > 0) {
    const item: MessageItem = { type: "message", role: "assistant", content: [] };
    item.content = withName(content, message, "assistant", param, context);
    const phase = readString(message.phase, `${param}.phase`);
    if (phase !== undefined) item.phase = phase;
    items.push(item);
  }
  append(items, parseGeneratedImages(message.images, context));
  append(items, calls.calls(message, param, context));
  if (items.length === 0) {
    adjust(context, { field: "messages", action: "dropped", detail: "an assistant's message without any content" });
  }
  return items;
}

/** Reasoning in plain words: the backend takes none back, only what it has encrypted itself. */
function noteReasoningText(message: Fields, context: RequestContext): void {
  for (const key of ["reasoning_content", "reasoning", "reasoning_details"]) {
    if (isUnset(message[key])) continue;
    adjust(context, { field: `messages[].${key}`, action: "dropped", detail: "reasoning without encrypted content" });
  }
}

/** A tool's name beside its result says nothing new where it is the one of the call. */
function noteToolName(message: Fields, calls: CallBook, context: RequestContext): void {
  if (isUnset(message.name) || calls.nameOf(message.tool_call_id) === message.name) return;
  adjust(context, {
    field: "messages[].name",
    action: "dropped",
    detail: "a tool's result goes by the id of its call",
  });
}

/** The content without what @openai/agents copies into its parts: the fields of the message itself. */
function withoutCopies({ content, ...message }: Fields): unknown {
  if (!Array.isArray(content)) return content;
  const isCopy = (key: string, value: unknown) =>
    readElsewhere.has(key) ||
    (key === "tool_calls" && !isUnset(message.tool_calls)) ||
    (key !== "type" && Object.hasOwn(message, key) && message[key] === value);
  return content.map((part: unknown) => {
    if (!isFields(part)) return part;
    return Object.fromEntries(Object.entries(part).filter(([key, value]) => !isCopy(key, value)));
  });
}

function fieldsAt(value: unknown): Fields {
  return isFields(value) ? value : {};
}

/** The parts without what `--reasoning think` put into an answer's texts, and without texts that held nothing else. */
function withoutReasoning(content: readonly ContentPart[]): ContentPart[] {
  return content.flatMap((part) => {
    if (typeof part.text !== "string") return [part];
    const text = withoutThinkTags(part.text);
    if (text === part.text) return [part];
    return text === "" ? [] : [{ ...part, text }];
  });
}

/** The Responses API has no names of speakers, so a name is written before what was said. */
function withName(
  content: ContentPart[],
  message: Fields,
  role: MessageRole,
  param: string,
  context: RequestContext,
): ContentPart[] {
  const name = readString(message.name, `${param}.name`);
  if (name === undefined) return content;
  adjust(context, { field: "messages[].name", action: "mapped", detail: "written before the text" });
  const [first, ...rest] = content;
  if (typeof first?.text === "string") return [{ ...first, text: `${name}: ${first.text}` }, ...rest];
  return [textPart(`${name}:`, role), ...content];
}

/** What an assistant's message may carry, and what our own answers carry or the SDK has read from them. */
const answerKeys: ReadonlySet<string> = new Set([
  ...["role", "content", "name", "refusal", "tool_calls", "function_call", "phase", "audio", "images"],
  ...["reasoning", "reasoning_content", "reasoning_details", "provider_specific_fields", "parsed"],
]);

const textMessageKeys: ReadonlySet<string> = new Set(["role", "content", "name"]);

/** What messages may carry, by their role. */
const knownKeys: Readonly<Record<string, ReadonlySet<string>>> = {
  system: textMessageKeys,
  developer: textMessageKeys,
  user: textMessageKeys,
  assistant: answerKeys,
  tool: new Set(["role", "content", "name", "tool_call_id"]),
  function: textMessageKeys,
};

/** What LiteLLM moves out of an answer that is read here: the rest of it is noted. */
const movedKeys: ReadonlySet<string> = new Set(["reasoning_details", "reasoning_content", "refusal"]);

/** What of a part is looked for in the whole message. */
const readElsewhere: ReadonlySet<string> = new Set([
  ...["role", "reasoning", "reasoning_content", "reasoning_details", "provider_specific_fields"],
]);

function roleMessage(role: unknown, param: string): string {
  if (typeof role !== "string") return `\`${param}\` has no role. Use system, developer, user, assistant or tool.`;
  return `\`${role.slice(0, 60)}\` is not a role. Use system, developer, user, assistant or tool.`;
}
