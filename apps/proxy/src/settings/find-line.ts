/**
 * The line in which a key is set, counted from 1, in a text that has been read as TOML; undefined where it is not found.
 * @param path the key's parts, e.g. `["aliases", "fast"]` for `[aliases]` and `fast = ...`, or `aliases.fast = ...`
 */
export function findLine(toml: string, path: readonly string[]): number | undefined {
  let section: string[] = [];
  let nearest: { parts: number; line: number } | undefined;
  for (const [index, text] of toml.split("\n").entries()) {
    const header = /^\s*\[{1,2}([^\]]+)\]/.exec(text)?.[1];
    const key = header === undefined ? /^\s*((?:"[^"]*"|'[^']*'|[\w.\s-])+?)\s*=/.exec(text)?.[1] : undefined;
    if (header !== undefined) section = splitKey(header);
    if (header === undefined && key === undefined) continue;
    const full = header === undefined ? [...section, ...splitKey(key ?? "")] : section;
    // A line that sets the whole of it counts, and else the one that leads there furthest: an inline table, a section.
    const leads = full.every((part, at) => part === path[at]);
    if (leads && full.length > (nearest?.parts ?? 0)) nearest = { parts: full.length, line: index + 1 };
  }
  return nearest?.line;
}

function splitKey(key: string): string[] {
  return [...key.matchAll(/"([^"]*)"|'([^']*)'|([\w-]+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? "");
}
