/** Names of the canonical request for which chat has others. */
const chatNames: readonly (readonly [RegExp, string])[] = [
  [/^input\b.*/, "messages"],
  [/^reasoning\.effort$/, "reasoning_effort"],
  [/^text\.verbosity$/, "verbosity"],
  [/^text\.format\b.*/, "response_format"],
];

/** A field of the canonical request as a chat client knows it, so that it hears of fields that it has sent. */
export function spellForChat(field: string): string {
  for (const [pattern, name] of chatNames) if (pattern.test(field)) return name;
  return field;
}
