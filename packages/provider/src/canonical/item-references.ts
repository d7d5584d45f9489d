import type { Recalled } from "./context.js";
import type { InputItem } from "./request.js";

/** Puts items in the place of `item_reference`s to them; one whose item is not known stays. */
export function resolveReferences(input: readonly InputItem[], { items }: Recalled): readonly InputItem[] {
  if (items.size === 0) return input;
  return input.map((item) => (item.type === "item_reference" ? (items.get(String(item.id)) ?? item) : item));
}
