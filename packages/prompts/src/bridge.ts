/** What a tool of the Codex CLI is for, and by which names other programs have the same. */
const counterparts: readonly { cli: readonly string[]; purpose: string; others: RegExp }[] = [
  {
    cli: ["shell", "exec_command"],
    purpose: "to run a command",
    others: /bash|shell|exec|terminal|command|powershell/i,
  },
  { cli: ["apply_patch"], purpose: "to change files", others: /edit|patch|write|replace|create_file/i },
  { cli: ["update_plan"], purpose: "to keep a plan", others: /todo|plan/i },
  { cli: ["view_image"], purpose: "to look at an image", others: /image|screenshot/i },
];

/**
 * Tells a model that has just read the Codex CLI's instructions which tools it really has. Meant for a developer message;
 * only for requests that have tools.
 */
export function toolBridge(toolNames: readonly string[]): string {
  return [
    "The instructions above were written for the Codex CLI. This conversation runs in another program, and these points go before them:",
    `- Your tools are exactly those that this request declares: ${quoted(toolNames)}. Use these names, and the arguments that their schemas ask for.`,
    "- A tool that is mentioned above but not declared does not exist here. Don't call it, and don't write such a call as text.",
    ...remapLines(toolNames),
    "- Nothing is known of a sandbox or of approvals: a declared tool may be called, and its result tells whether it worked.",
  ].join("\n");
}

/** What a model is told in mode `off`, before the caller's own text: names of tools that it may be used to, and what is here instead. */
export function toolRemap(toolNames: readonly string[]): string {
  if (toolNames.length === 0) {
    return "No tools are declared for this conversation, those of the Codex CLI included. Answer in text alone.";
  }
  return [
    `You may be used to the tools of the Codex CLI. Here you have these instead: ${quoted(toolNames)}.`,
    ...remapLines(toolNames),
    "- Call tools by their declared names and schemas only. What no tool can do, do in your answer, or say that it can't be done.",
  ].join("\n");
}

function remapLines(toolNames: readonly string[]): string[] {
  return counterparts.flatMap(({ cli, purpose, others }) => {
    const missing = cli.filter((name) => !toolNames.includes(name));
    const here = toolNames.filter((name) => others.test(name) && !cli.includes(name));
    if (missing.length < cli.length || here.length === 0) return [];
    return [`- Instead of ${quoted(missing)}, ${purpose}: ${quoted(here)}.`];
  });
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}
