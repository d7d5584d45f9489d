import { stripVTControlCharacters } from "node:util";
import { Help } from "commander";

/** Stands for a space that must not become the end of a line; no text of ours holds it. */
const kept = "\u0001";

const wrapper = Object.assign(new Help(), { minWidthToWrap: 20 });

/**
 * Breaks long lines between words. A further line begins below the last column of its line, columns being two spaces or
 * more apart; what stands in `backticks` stays whole, since it is there to be copied.
 * @param columns of the terminal; undefined: as it is
 */
export function wrapWords(text: string, columns: number | undefined): string {
  if (columns === undefined) return text;
  return text
    .split("\n")
    .map((line) => wrapLine(line, columns))
    .join("\n");
}

function wrapLine(line: string, columns: number): string {
  if (stripVTControlCharacters(line).length <= columns) return line;
  const head = /^\s*(?:.*\S\s{2,})?/.exec(line)?.[0] ?? "";
  const indent = " ".repeat(stripVTControlCharacters(head).length);
  const words = line.slice(head.length).replace(/`[^`]*`/g, (code) => code.replaceAll(" ", kept));
  const wrapped = wrapper.boxWrap(words, columns - indent.length).replaceAll(kept, " ");
  return head + wrapped.replaceAll("\n", `\n${indent}`);
}
