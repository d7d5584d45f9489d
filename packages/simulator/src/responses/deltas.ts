/**
 * Cuts a text into pieces: a word each with the space before it, or into `count` pieces of about the same length.
 * Never between the halves of a surrogate pair; the pieces joined are the text.
 */
export function splitText(text: string, count?: number): string[] {
  if (text === "") return [];
  if (count === undefined) return text.match(/\s*\S+|\s+$/gu) ?? [text];
  const pieces: string[] = [];
  let start = 0;
  for (let i = 1; i <= count && start < text.length; i++) {
    let end = i >= count ? text.length : Math.round((text.length * i) / count);
    if (isHighSurrogate(text.charCodeAt(end - 1)) && end < text.length) end++;
    if (end > start) pieces.push(text.slice(start, end));
    start = Math.max(start, end);
  }
  return pieces;
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}
