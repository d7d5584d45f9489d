/** A system or developer message from the head of a conversation, as plain text. */
export interface SystemMessage {
  readonly role: "system" | "developer";
  readonly content: string;
}

const legacyMarks = ["toolchain system prompt", "toolchain::system", "legacy toolchain"];

/**
 * Whether a text is the prompt of an old tool chain, which tells the model of tools that are not there. Known by three
 * phrases, in any case.
 */
export function isLegacyToolPrompt(text: string): boolean {
  const lower = text.toLowerCase();
  return legacyMarks.some((mark) => lower.includes(mark));
}

/** What the caller says to the model: the messages in order, without blank ones and legacy tool prompts. Empty when none. */
export function callerText(messages: readonly SystemMessage[]): string {
  const said = messages.filter(({ content }) => content.trim() !== "" && !isLegacyToolPrompt(content));
  return said.map(({ content }) => content).join("\n\n");
}
