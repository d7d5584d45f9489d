import { liteHeader } from "../canonical/caller.js";
import type { RequestContext } from "../canonical/context.js";
import { type InputItem, isMessage, type ResponsesRequest, type Tool } from "../canonical/request.js";

/**
 * The responses-lite shape, as the Codex CLI speaks it with its newer models: no `tools` and no `instructions`, but an
 * `additional_tools` item and a developer message at the head of `input`, `parallel_tool_calls: false`, reasoning over all
 * turns, and a header that says so. Header and shape go together: the backend refuses one without the other.
 */

/** The head of a request's input, apart from the rest. */
export interface LiteHead {
  /** The `additional_tools` item that opens the input; undefined where none does. */
  item: InputItem | undefined;
  /** Its tools. */
  tools: readonly Tool[];
  rest: readonly InputItem[];
}

/** Takes the `additional_tools` item that opens an input. One further down is a later change, and stays where it is. */
export function splitLiteHead(input: readonly InputItem[]): LiteHead {
  const [first] = input;
  if (first?.type !== "additional_tools" || !Array.isArray(first.tools)) {
    return { item: undefined, tools: [], rest: input };
  }
  return { item: first, tools: first.tools as Tool[], rest: input.slice(1) };
}

/** Whether the caller itself speaks responses-lite: by the header, or by the shape, since some gateways lose the header. */
export function speaksLite(head: LiteHead, context: RequestContext): boolean {
  return head.item !== undefined || /^true$/i.test(context.headers[liteHeader]?.trim() ?? "");
}

/** Whether the caller has brought instructions of its own in the shape's place for them. */
export function hasOwnInstructions(request: ResponsesRequest, { rest }: LiteHead): boolean {
  const [first] = rest;
  if (request.instructions || first === undefined || !isMessage(first)) return false;
  return first.role === "developer" || first.role === "system";
}

/** Tools that run on the client; only these go with the shape. */
const clientTools: ReadonlySet<string> = new Set(["function", "custom", "namespace", "tool_search"]);

/** Whether the shape can carry these tools: it takes no hosted ones. */
export function fitLite(tools: readonly Tool[]): boolean {
  return tools.every((tool) => clientTools.has(tool.type));
}

/** The tools, in the caller's own item where it has sent one, and the instructions as the first input items. */
export function liteHead(item: InputItem | undefined, tools: readonly Tool[], instructions: string): InputItem[] {
  const head: InputItem[] = [];
  if (item !== undefined || tools.length > 0) {
    const { id: _id, ...kept } = item ?? { type: "additional_tools", role: "developer" };
    head.push({ ...kept, type: "additional_tools", tools });
  }
  if (instructions !== "")
    head.push({ type: "message", role: "developer", content: [{ type: "input_text", text: instructions }] });
  return head;
}
