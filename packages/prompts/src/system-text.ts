/** A system or developer message from the head of a conversation, as plain text. */
export interface SystemMessage {
  readonly role: "system" | "developer";
  readonly content: string;
}

/** The three names by which such a prompt calls itself, with an article before, a version behind, and marks around. */
const legacyTitle =
  /^[\W_]*(?:(?:this is )?(?:an? |the ))?(?:toolchain system prompt|toolchain::system|legacy toolchain(?: (?:system )?prompt)?)(?: v?\d[\w.]*)?[\W_]*$/i;

const longestTitle = 100;

/**
 * Whether a text is the prompt of an old tool chain, which tells the model of tools that are not there. Known by its first
 * line, which must be such a title and nothing else: a text that merely speaks of a legacy toolchain is somebody's own.
 */
export function isLegacyToolPrompt(text: string): boolean {
  const start = text.trimStart();
  const end = start.indexOf("\n");
  const line = (end === -1 ? start : start.slice(0, end)).trim();
  return line.length <= longestTitle && legacyTitle.test(line);
}

/** What the caller says to the model: the messages in order, without blank ones and legacy tool prompts. Empty when none. */
export function callerText(messages: readonly SystemMessage[]): string {
  const said = messages.filter(({ content }) => content.trim() !== "" && !isLegacyToolPrompt(content));
  return said.map(({ content }) => content).join("\n\n");
}
