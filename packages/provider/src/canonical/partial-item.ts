import type { EventData, OutputItem } from "./events.js";

/** Puts together what had arrived of an item whose `done` never came, from the deltas kept since it was added. */
export function completeItem(item: OutputItem, deltas: readonly EventData[]): OutputItem {
  const partial: OutputItem = { ...item, status: "incomplete" };
  for (const list of ["content", "summary"]) {
    if (Array.isArray(item[list])) partial[list] = (item[list] as Part[]).map((part) => ({ ...part }));
  }
  for (const data of deltas) if (typeof data.delta === "string") append(partial, data, data.delta);
  return partial;
}

/** Sorts deltas by the item that they belong to: by `output_index`, else by `item_id`. */
export function groupDeltas(deltas: readonly EventData[]) {
  const byIndex = new Map<unknown, EventData[]>();
  const byId = new Map<unknown, EventData[]>();
  for (const data of deltas) {
    const [groups, key] = data.output_index === undefined ? [byId, data.item_id] : [byIndex, data.output_index];
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [data]);
    else group.push(data);
  }
  return (outputIndex: number, id: string | undefined): readonly EventData[] => {
    const [indexed, named] = [byIndex.get(outputIndex), byId.get(id)];
    return indexed !== undefined && named !== undefined ? [...indexed, ...named] : (indexed ?? named ?? []);
  };
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
  if (!Array.isArray(item[list])) item[list] = [];
  const parts = item[list] as Part[];
  const part = parts[index] ?? empty;
  part[field] = `${part[field] ?? ""}${delta}`;
  parts[index] = part;
}
