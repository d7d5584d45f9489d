/**
 * Stand-ins for the official prompts, in our own words: short, and different for each family, so that a test can
 * tell which one a client sent.
 */

const closing = [
  "Read before you change. Keep to the style of the files around you, and touch no more of them than the task needs.",
  "When you run a command, say what it is for. When something fails, say what failed and what you tried.",
  "End with a short account of what was done and what is left.",
].join("\n");

function text(opening: string, emphasis: string): string {
  return `${opening}\n\n${emphasis}\n\n${closing}\n`;
}

/** The instructions template of each model family. */
export const instructionsByFamily = {
  // The real one shows placeholders of its own, such as these, and its readers leave them as they are.
  "gpt-6.2": text(
    "You are a coding agent of the family GPT-6.2, speaking through the Codex simulator.",
    "You share a workspace with one person. Name a plugin as plugin://{{plugin_id}}/{{connector_id}}.",
  ),
  "gpt-6.1": text(
    "You are a coding agent of the family GPT-6.1, speaking through the Codex simulator.",
    "You share a workspace with one person. Plan first when the work has several steps.",
  ),
  "gpt-6": text(
    "You are a coding agent of the family GPT-6, speaking through the Codex simulator.",
    "You share a workspace with one person. Prefer the smallest change that solves the task.",
  ),
  "gpt-5.6": text(
    "You are a coding agent of the family GPT-5.6, speaking through the Codex simulator.",
    "Search the workspace with fast tools before you ask a question about it.",
  ),
  "gpt-5.5": text(
    "You are a coding agent of the family GPT-5.5, speaking through the Codex simulator.",
    "Edit files with patches, and show the paths that you changed.",
  ),
  daybreak: text(
    "You are a security-minded coding agent of the family Daybreak, speaking through the Codex simulator.",
    "Stay within what the owner of a system has allowed.",
  ),
  "auto-review": text(
    "You are a reviewer of planned actions, speaking through the Codex simulator.",
    "Answer whether the action may go ahead, and name the risk when it may not.",
  ),
} as const;

/** The prompt files of the public repository, by file name, for clients that fetch them by release tag. */
export const promptFiles: Readonly<Record<string, string>> = {
  "prompt.md": text("You are a coding agent in a terminal (general prompt).", "Work until the task is done."),
  "gpt_5_codex_prompt.md": text("You are a coding agent of the family GPT-5-Codex.", "Keep answers brief."),
  "gpt_5_1_prompt.md": text("You are a coding agent of the family GPT-5.1.", "Explain what you are about to do."),
  "gpt-5.1-codex-max_prompt.md": text("You are a coding agent of the family GPT-5.1-Codex-Max.", "Work on long tasks."),
  "gpt_5_2_prompt.md": text("You are a coding agent of the family GPT-5.2.", "Prefer evidence to guesses."),
  "gpt-5.2-codex_prompt.md": text("You are a coding agent of the family GPT-5.2-Codex.", "Test what you change."),
  "prompt_with_apply_patch_instructions.md": text(
    "You are a coding agent in a terminal (prompt with patch rules).",
    "A patch names its file, then the lines to take out and to put in.",
  ),
};
