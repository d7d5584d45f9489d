/** One key of a TOML text, with all that stands before it, and the raw text of its value. */
export interface TomlEntry {
  path: readonly string[];
  value: string;
}

/**
 * The keys of a TOML text, those of inline tables as well. Reads just enough TOML to know which key belongs to which
 * table: headers, comments, dotted and quoted keys, strings and arrays over several lines. Ends at what is no TOML.
 */
export function* readTomlEntries(text: string): Generator<TomlEntry> {
  let table: readonly string[] = [];
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  for (;;) {
    at = skipBlank(text, at, " \t\r\n");
    if (at >= text.length) return;
    if (text[at] === "[") {
      const end = lineEnd(text, at);
      table = splitKey(text.slice(at, end).replace(/^\[+|\]+\s*(#.*)?$/g, ""));
      at = end;
      continue;
    }
    const pair = readPair(text, at, table, "\n");
    if (pair === undefined) return;
    yield* withInline(pair.entry);
    at = pair.end;
  }
}

function* withInline(entry: TomlEntry): Generator<TomlEntry> {
  yield entry;
  const { path, value } = entry;
  if (!value.startsWith("{")) return;
  for (let at = 1; ; ) {
    at = skipBlank(value, at, " \t\r\n,");
    const pair = readPair(value, at, path, ",");
    if (pair === undefined) return;
    yield* withInline(pair.entry);
    at = pair.end;
  }
}

function readPair(
  text: string,
  from: number,
  table: readonly string[],
  separator: "\n" | ",",
): { entry: TomlEntry; end: number } | undefined {
  const equals = findEquals(text, from);
  if (equals === undefined) return undefined;
  const end = skipValue(text, equals + 1, separator);
  const path = [...table, ...splitKey(text.slice(from, equals))];
  return { entry: { path, value: text.slice(equals + 1, end).trim() }, end };
}

/** The text of a TOML string without its quotes; anything else as it is. */
export function unquoteToml(text: string): string {
  const match = /^("""|'''|"|')([\s\S]*)\1$/.exec(text);
  return match?.[2] ?? text;
}

function splitKey(text: string): string[] {
  const parts = text.match(/"(?:[^"\\]|\\.)*"|'[^']*'|[^\s."']+/g) ?? [];
  return parts.map(unquoteToml);
}

function skipBlank(text: string, from: number, blank: string): number {
  let at = from;
  while (at < text.length) {
    const char = text[at] as string;
    if (char === "#") at = lineEnd(text, at);
    else if (blank.includes(char)) at += 1;
    else break;
  }
  return at;
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end < 0 ? text.length : end;
}

function findEquals(text: string, from: number): number | undefined {
  let at = from;
  while (at < text.length && text[at] !== "\n") {
    if (text[at] === "=") return at;
    at = text[at] === '"' || text[at] === "'" ? skipString(text, at) : at + 1;
  }
  return undefined;
}

/** Returns where a value ends: before its separator, at a comment, or before the bracket that it stands in. */
function skipValue(text: string, from: number, separator: "\n" | ","): number {
  let depth = 0;
  let at = from;
  while (at < text.length) {
    const char = text[at] as string;
    if (char === '"' || char === "'") {
      at = skipString(text, at);
      continue;
    }
    if (char === "#") {
      if (depth === 0) return at;
      at = lineEnd(text, at);
      continue;
    }
    if (char === separator && depth === 0) return at;
    if (char === "[" || char === "{") depth += 1;
    if (char === "]" || char === "}") {
      if (depth === 0) return at;
      depth -= 1;
    }
    at += 1;
  }
  return at;
}

function skipString(text: string, from: number): number {
  const quote = text[from] as string;
  const long = text.startsWith(quote.repeat(3), from) ? quote.repeat(3) : undefined;
  const close = long ?? quote;
  let at = from + close.length;
  while (at < text.length) {
    if (quote === '"' && text[at] === "\\") at += 2;
    else if (text.startsWith(close, at)) {
      at += close.length;
      // A long string may end in one or two quotes of its own.
      while (long !== undefined && text[at] === quote) at += 1;
      return at;
    } else if (long === undefined && text[at] === "\n") return at;
    else at += 1;
  }
  return at;
}
