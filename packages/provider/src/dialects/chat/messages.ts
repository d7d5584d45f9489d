import { adjust, type RequestContext } from "../../canonical/context.js";
import type { ContentPart, InputItem, MessageItem } from "../../canonical/request.js";
import { type MessageRole, parseContent, parseToolOutput, textPart } from "../parse-content.js";
import { type Fields, invalid, isUnset, noteUnknownKeys, readEntry, readString } from "../read-fields.js";
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
    noteUnknownKeys(message, knownKeys, "messages[]", context);
    switch (message.role) {
      case "system":
      case "developer":
      case "user":
        items.push(parseMessage(message, message.role, param, context));
        break;
      case "assistant":
        items.push(...parseAssistant(message, param, calls, context));
        break;
      case "tool":
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

function parseMessage(message: Fields, role: MessageRole, param: string, context: RequestContext): MessageItem {
  const content = parseContent(message.content, role, `${param}.content`, context);
  if (content.length === 0) {
    throw invalid(`${param}.content`, `\`${param}\` has no content. Give a string or a list of parts.`);
  }
  return { type: "message", role, content: withName(content, message, role, param, context) };
}

function parseAssistant(message: Fields, param: string, calls: CallBook, context: RequestContext): InputItem[] {
  const items: InputItem[] = parseReasoningDetails(message.reasoning_details);
  if (!isUnset(message.audio)) {
    throw invalid(
      `${param}.audio`,
      "The Codex backend has no audio of earlier answers. Send the words as `content` instead.",
    );
  }
  const content = isUnset(message.content)
    ? []
    : parseContent(message.content, "assistant", `${param}.content`, context);
  if (context.reasoning === "think") takeOutReasoning(content);
  const refusal = readString(message.refusal, `${param}.refusal`);
  if (refusal !== undefined) content.push({ type: "refusal", refusal });
  if (content.length > 0) {
    const item: MessageItem = { type: "message", role: "assistant", content: [] };
    item.content = withName(content, message, "assistant", param, context);
    const phase = readString(message.phase, `${param}.phase`);
    if (phase !== undefined) item.phase = phase;
    items.push(item);
  }
  items.push(...parseGeneratedImages(message.images, context));
  items.push(...calls.calls(message, param));
  return items;
}

/** Takes what `--reasoning think` put into an answer out of its texts, and texts that held nothing else. */
function takeOutReasoning(content: ContentPart[]): void {
  for (const [index, part] of [...content.entries()].reverse()) {
    if (typeof part.text !== "string") continue;
    const text = withoutThinkTags(part.text);
    if (text === "" && part.text !== "") content.splice(index, 1);
    else if (text !== part.text) content[index] = { ...part, text };
  }
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

/**
 * What messages may carry; the last two lines are what our own answers carry, and what the SDK has read from them, which
 * clients send back with them.
 */
const knownKeys: ReadonlySet<string> = new Set([
  ...["role", "content", "name", "refusal", "tool_calls", "tool_call_id", "function_call", "phase", "audio"],
  ...["annotations", "reasoning", "reasoning_content", "reasoning_details", "images"],
  ...["parsed"],
]);

function roleMessage(role: unknown, param: string): string {
  if (typeof role !== "string") return `\`${param}\` has no role. Use system, developer, user, assistant or tool.`;
  return `\`${role.slice(0, 60)}\` is not a role. Use system, developer, user, assistant or tool.`;
}
