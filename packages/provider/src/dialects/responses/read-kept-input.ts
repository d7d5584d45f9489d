import type { InputItem } from "../../canonical/request.js";
import { parseInput } from "../openai/parse-input.js";

/** The `input` of a body that has been read before, as canonical items: what there was to note has been noted then. */
export function readKeptInput(input: unknown): InputItem[] {
  return parseInput(input, { adjustments: [] });
}
