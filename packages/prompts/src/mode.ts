/**
 * Whose instructions the model gets. `auto`: the caller's, or a short default. `on`: the official ones of the Codex CLI,
 * the caller's after them. `off`: a note on tool names, then the caller's.
 */
export type CodexMode = "auto" | "on" | "off";

const modes: ReadonlyMap<string, CodexMode> = new Map([
  ["auto", "auto"],
  ["on", "on"],
  ["true", "on"],
  ["1", "on"],
  ["off", "off"],
  ["false", "off"],
  ["0", "off"],
]);

/**
 * Reads the value of the environment name CODEX_MODE: `auto`, `on`, `off`, and as the Python original of this project took
 * them `true`, `1`, `false`, `0`; any case. Undefined for anything else, so that whoever asked can say what is wrong.
 */
export function parseCodexMode(text: string | undefined): CodexMode | undefined {
  return text === undefined ? undefined : modes.get(text.trim().toLowerCase());
}
