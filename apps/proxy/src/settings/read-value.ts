import { parseSwitch } from "@codex/provider";
import { splitList } from "./parse-value.js";
import type { Setting } from "./setting.js";

/** A value as a source writes it. Lists and maps from the command line and the environment are texts, `a=b` for maps. */
export type RawValue = string | number | boolean | readonly string[] | Readonly<Record<string, string>>;

/** Reads a value of a setting's type. Throws `request_invalid` that begins with the name. */
export function readValue(setting: Setting, raw: RawValue, name: string): unknown {
  switch (setting.type) {
    case "switch":
      return typeof raw === "string" ? parseSwitch(raw, name) : raw;
    case "path":
      return String(raw);
    case "list":
      return textsOf(raw).map((text) => setting.parse(text, name));
    case "map": {
      const pairs = isMap(raw) ? Object.entries(raw).map(([key, value]) => `${key}=${value}`) : textsOf(raw);
      return Object.fromEntries(pairs.map((pair) => setting.parse(pair, name)));
    }
    default:
      return setting.parse(String(raw), name);
  }
}

function isMap(raw: RawValue): raw is Readonly<Record<string, string>> {
  return typeof raw === "object" && !Array.isArray(raw);
}

function textsOf(raw: RawValue): string[] {
  return splitList(Array.isArray(raw) ? raw : [String(raw)]);
}
