/**
 * The listed names that resemble a name most, best first, for the message of a 404. Default limit 3. It always finds
 * some: where nothing resembles the name, knowing a few that exist still helps.
 */
export function closestModels(name: string, models: readonly { readonly slug: string }[], limit = 3): string[] {
  const wanted = bare(name);
  return models
    .map(({ slug }) => ({ slug, distance: distance(wanted, slug.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, limit)
    .map(({ slug }) => slug);
}

/** Without the prefix, and no longer than a model name can be: the cost grows with the length. */
function bare(name: string): string {
  const text = name.trim().toLowerCase().slice(0, 64);
  return text.slice(text.lastIndexOf("/") + 1);
}

/** Levenshtein distance: how many letters to put in, take out or change. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
