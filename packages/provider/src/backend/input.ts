import { adjust, type RequestContext } from "../canonical/context.js";
import { type InputItem, isMessage, type MessageItem } from "../canonical/request.js";
import { pairToolItems } from "./pair-tool-items.js";

/**
 * Input items as the stateless backend takes them: no ids (it keeps nothing, and answers `Item with id ... not found`),
 * no references, `developer` for `system`, reasoning only with its encrypted content, and every tool call with its
 * output. What had to be repaired is noted.
 */
export function cleanInput(input: readonly InputItem[], context: RequestContext): InputItem[] {
  const cleaned: InputItem[] = [];
  input.forEach((item, index) => {
    const kept = cleanItem(item, index, context);
    if (kept !== undefined) cleaned.push(kept);
  });
  return pairToolItems(cleaned, context);
}

function cleanItem(item: InputItem, index: number, context: RequestContext): InputItem | undefined {
  if (item.type === "item_reference") {
    adjust(context, { field: `input[${index}]`, action: "dropped", detail: "the backend keeps no items to refer to" });
    return undefined;
  }
  if (item.type === "reasoning" && (typeof item.encrypted_content !== "string" || item.encrypted_content === "")) {
    adjust(context, { field: `input[${index}]`, action: "dropped", detail: "reasoning without encrypted_content" });
    return undefined;
  }
  const isSystem = item.type === "message" && item.role === "system";
  // Most items are fine as they are: a copy would cost more than all that is done here.
  if (!isSystem && item.id === undefined) return item;
  const { id: _id, ...kept } = item;
  if (isSystem) kept.role = "developer";
  return kept as InputItem;
}

/** System text at the head of the conversation, taken out of `input`; the rest stays as it is. */
export interface Hoisted {
  messages: { role: "system" | "developer"; content: string }[];
  input: readonly InputItem[];
}

/**
 * Takes the caller's system text: its `instructions` when given, else the leading run of system and developer messages
 * that are all text. Chat clients have no other place for it, and the backend wants it in `instructions`. Where there is
 * nothing else it all stays: without any input there would be nothing to answer.
 */
export function hoistSystem(instructions: string | undefined, input: readonly InputItem[]): Hoisted {
  if (instructions) return { messages: [{ role: "system", content: instructions }], input };
  const messages: Hoisted["messages"] = [];
  for (const item of input) {
    if (!isMessage(item) || (item.role !== "system" && item.role !== "developer")) break;
    const content = allText(item);
    if (content === undefined) break;
    messages.push({ role: item.role, content });
  }
  return messages.length === input.length ? { messages: [], input } : { messages, input: input.slice(messages.length) };
}

/** A message's text, when it consists of nothing else. */
export function allText(item: MessageItem): string | undefined {
  const texts = item.content.map((part) => part.text);
  return texts.every((text) => typeof text === "string") ? texts.join("\n") : undefined;
}
