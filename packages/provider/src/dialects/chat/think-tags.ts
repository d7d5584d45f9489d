/** The tags in which reasoning stands inside the content. */
const openTag = "<think>\n";
const closeTag = "\n</think>";

/**
 * An answer's text without the reasoning that we have put into it, as it comes back in the conversation: the backend takes
 * its own reasoning back only in its own encryption, and the model would take this for a part of its answer.
 */
export function withoutThinkTags(text: string): string {
  let rest = text;
  let kept = "";
  for (;;) {
    const start = rest.startsWith(openTag) ? 0 : rest.indexOf(`\n\n${openTag}`);
    const end = start === -1 ? -1 : rest.indexOf(closeTag, start);
    if (end === -1) return kept + rest;
    kept += rest.slice(0, start);
    rest = rest.slice(end + closeTag.length).replace(/^\n{1,2}/, "");
    if (kept !== "" && rest !== "" && start > 0) kept += "\n\n";
  }
}
