import { invalid, isUnset, kindOf } from "../../canonical/read-fields.js";

/** The prompts of a request: a string, or a list of strings. Throws `request_invalid` for token ids. */
export function parsePrompts(prompt: unknown): string[] {
  if (typeof prompt === "string" && prompt !== "") return [prompt];
  if (isUnset(prompt)) throw invalid("prompt", "The request has no prompt. Send the text that is to be continued.");
  if (!Array.isArray(prompt)) {
    throw invalid("prompt", `\`prompt\` must be a string or a list of strings, not ${kindOf(prompt)}.`);
  }
  return prompt.map((entry, index) => {
    if (typeof entry === "string" && entry !== "") return entry;
    const param = prompt.length === 1 || typeof entry === "number" ? "prompt" : `prompt[${index}]`;
    if (typeof entry === "number" || Array.isArray(entry)) {
      throw invalid(param, "The Codex backend takes text, not token ids. Send the prompt as a string.");
    }
    if (entry === "") throw invalid(param, `\`${param}\` is empty. Send the text that is to be continued.`);
    throw invalid(param, `\`${param}\` must be a string, not ${kindOf(entry)}.`);
  });
}
