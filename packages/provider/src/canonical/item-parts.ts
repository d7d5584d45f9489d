import type { OutputItem } from "./events.js";
import { isFields } from "./read-fields.js";

/** The parts of a list field of an item, e.g. `content` or `summary`. */
export function partsOf(item: OutputItem, field: "content" | "summary"): Record<string, unknown>[] {
  const parts = item[field];
  return Array.isArray(parts) ? parts.filter(isFields) : [];
}

export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
