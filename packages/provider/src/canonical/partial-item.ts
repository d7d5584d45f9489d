import type { EventData, OutputItem } from "./events.js";

/** Puts together what had arrived of an item whose `done` never came, from the deltas kept since it was added. */
export function completeItem(item: OutputItem, outputIndex: number, deltas: readonly EventData[]): OutputItem {
  const partial: OutputItem = { ...item, status: "incomplete" };
  for (const data of deltas) {
    const isOurs = data.output_index === undefined ? data.item_id === item.id : data.output_index === outputIndex;
    if (isOurs && typeof data.delta === "string") append(partial, data, data.delta);
  }
  return partial;
}

function append(item: OutputItem, data: EventData, delta: string): void {
  switch (data.type) {
    case "response.output_text.delta":
      addToPart(
        item,
        "content",
        data.content_index ?? 0,
        { type: "output_text", text: "", annotations: [] },
        "text",
        delta,
      );
      return;
    case "response.refusal.delta":
      addToPart(item, "content", data.content_index ?? 0, { type: "refusal", refusal: "" }, "refusal", delta);
      return;
    case "response.reasoning_summary_text.delta":
      addToPart(item, "summary", data.summary_index ?? 0, { type: "summary_text", text: "" }, "text", delta);
      return;
    case "response.reasoning_text.delta":
      addToPart(item, "content", data.content_index ?? 0, { type: "reasoning_text", text: "" }, "text", delta);
      return;
    case "response.function_call_arguments.delta":
      item.arguments = `${item.arguments ?? ""}${delta}`;
      return;
    case "response.custom_tool_call_input.delta":
      item.input = `${item.input ?? ""}${delta}`;
  }
}

type Part = Record<string, unknown>;

function addToPart(item: OutputItem, list: string, index: number, empty: Part, field: string, delta: string): void {
  const parts: Part[] = Array.isArray(item[list]) ? [...(item[list] as Part[])] : [];
  const part = { ...(parts[index] ?? empty) };
  part[field] = `${part[field] ?? ""}${delta}`;
  parts[index] = part;
  item[list] = parts;
}
