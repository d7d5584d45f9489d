/**
 * The prompt files that releases of openai/codex held in `codex-rs/core/` up to about 0.9x, by family of models; the first
 * that fits counts. Later families have their text in model lists alone, the account's and the release's.
 */
const families: readonly (readonly [RegExp, string])[] = [
  [/^gpt-5\.[23]-codex/, "gpt-5.2-codex_prompt.md"],
  [/^gpt-5\.1-codex-max/, "gpt-5.1-codex-max_prompt.md"],
  [/^(gpt-5(\.1)?-codex|codex-mini)/, "gpt_5_codex_prompt.md"],
  [/^gpt-5\.[234](-|$)/, "gpt_5_2_prompt.md"],
  [/^gpt-5\.1(-|$)/, "gpt_5_1_prompt.md"],
  [/^gpt-5(-|$)/, "prompt.md"],
];

/** The file with the official instructions of an old model; undefined for newer ones. */
export function releaseFile(slug: string): string | undefined {
  return families.find(([family]) => family.test(slug))?.[1];
}

/** Where a prompt file lies in a release. */
export function promptPath(file: string): string {
  return `codex-rs/core/${file}`;
}
