import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

/**
 * The words of the house: noun first, the field's own terms. Each phrase here was once all over it; what to write in its place
 * stands beside it.
 */
const banned: readonly [phrase: RegExp, instead: string][] = [
  [/\b(?:can|cannot|can't) be meant\b/i, "valid, invalid"],
  // Not the `for (const told of output)` of code.
  [/\btold of\b(?! [a-z]+\))/i, "called with, reported, mentioned"],
  [/\btold when\b/i, "called when"],
  [/\b(?:to|not|cannot|can't|could not) be had\b/i, "available, could not be fetched"],
  [/\bhas to be told\b/i, "needs"],
  [/\bmost in all\b/i, "maximum"],
];

const root = join(import.meta.dirname, "..");
const skipped: ReadonlySet<string> = new Set(["node_modules", "dist", "test", "coverage", ".next", "CHANGELOG.md"]);

/** Sources, help and READMEs: what users and authors read. */
function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (skipped.has(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesBelow(path);
    return /\.(?:ts|tsx|js|md)$/.test(entry.name) ? [path] : [];
  });
}

const files = [...["packages", "apps", "scripts"].flatMap(filesBelow), "README.md", "SECURITY.md", "CONTRIBUTING.md"];

it.each(banned)("%s is written nowhere: say %s", (phrase) => {
  expect(files.length).toBeGreaterThan(100);
  const found = files.flatMap((file) => {
    // A comment may break the phrase between two lines.
    const text = readFileSync(join(root, file), "utf8").replace(/\s*\n\s*(?:\*|\/\/)?\s*/g, " ");
    const at = text.search(phrase);
    return at === -1 ? [] : [`${file}: ${text.slice(Math.max(0, at - 30), at + 40)}`];
  });
  expect(found).toEqual([]);
});
