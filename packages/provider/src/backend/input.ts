import { adjust, type RequestContext } from "../canonical/context.js";
import { type InputItem, isMessage, type MessageItem } from "../canonical/request.js";

/** Item types that answer a tool call, and the type of the call that each answers. */
const callOf: Readonly<Record<string, string>> = {
  function_call_output: "function_call",
  custom_tool_call_output: "custom_tool_call",
  local_shell_call_output: "local_shell_call",
  shell_call_output: "shell_call",
  apply_patch_call_output: "apply_patch_call",
};

const outputOf: Readonly<Record<string, string>> = {
  function_call: "function_call_output",
  custom_tool_call: "custom_tool_call_output",
};

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
  if (item.type === "reasoning" && !item.encrypted_content) {
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

/**
 * The backend refuses a call without its output and an output without its call; both happen when a client cuts its
 * history. A missing output is added, empty and saying so; an output alone becomes a user message with its content.
 */
function pairToolItems(items: readonly InputItem[], context: RequestContext): InputItem[] {
  const calls = new Set<string>();
  const outputs = new Set<string>();
  for (const item of items) {
    if (typeof item.call_id !== "string") continue;
    if (item.type in callOf) outputs.add(item.call_id);
    else if (item.type in outputOf) calls.add(item.call_id);
  }
  const paired: InputItem[] = [];
  for (const item of items) {
    const id = typeof item.call_id === "string" ? item.call_id : undefined;
    const answer = outputOf[item.type];
    if (
      id !== undefined &&
      callOf[item.type] !== undefined &&
      outputOf[callOf[item.type] as string] &&
      !calls.has(id)
    ) {
      adjust(context, { field: "input", action: "mapped", detail: "tool output without its call, sent as a message" });
      paired.push(orphanOutput(item, id));
      continue;
    }
    paired.push(item);
    if (id !== undefined && answer !== undefined && !outputs.has(id)) {
      adjust(context, { field: "input", action: "mapped", detail: "tool call without its output, an empty one added" });
      paired.push({ type: answer, call_id: id, output: "(no output was recorded for this call)" });
    }
  }
  return paired;
}

function orphanOutput(item: InputItem, callId: string): MessageItem {
  const head = { type: "input_text", text: `Output of the earlier tool call ${callId}:` };
  const body = Array.isArray(item.output) ? item.output : [{ type: "input_text", text: String(item.output ?? "") }];
  return { type: "message", role: "user", content: [head, ...body] };
}

/** System text at the head of the conversation, taken out of `input`; the rest stays as it is. */
export interface Hoisted {
  messages: { role: "system" | "developer"; content: string }[];
  input: readonly InputItem[];
}

/**
 * Takes the caller's system text: its `instructions` when given, else the leading run of system and developer messages
 * that are all text. Chat clients have no other place for it, and the backend wants it in `instructions`.
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
  return { messages, input: input.slice(messages.length) };
}

/** A message's text, when it consists of nothing else. */
export function allText(item: MessageItem): string | undefined {
  const texts = item.content.map((part) => part.text);
  return texts.every((text) => typeof text === "string") ? texts.join("\n") : undefined;
}
