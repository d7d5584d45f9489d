import type { Notes } from "../../canonical/context.js";
import { type Fields, noteUnknownKeys, readBoolean, readFields } from "../../canonical/read-fields.js";

/** What is read, and what asks for nothing: we never pad events, so that `include_obfuscation: false` is as it is. */
const known: ReadonlySet<string> = new Set(["include_usage", "reasoning_summary_delivery"]);

/** Whether `stream_options` ask for a usage chunk. What else they ask for is noted as dropped. */
export function readIncludeUsage(body: Fields, notes: Notes): boolean {
  const options = readFields(body.stream_options, "stream_options");
  if (options === undefined) return false;
  const { include_obfuscation: padded, ...rest } = options;
  noteUnknownKeys(padded === false ? rest : options, known, "stream_options", notes);
  return readBoolean(options.include_usage, "stream_options.include_usage") ?? false;
}
