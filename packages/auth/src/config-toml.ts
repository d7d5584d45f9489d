/** Where the Codex CLI keeps its login, by its own setting `cli_auth_credentials_store`. */
export type CredentialsStoreSetting = "file" | "keyring" | "auto" | "ephemeral";

const settingKey = "cli_auth_credentials_store";
const settings: readonly string[] = ["file", "keyring", "auto", "ephemeral"] satisfies CredentialsStoreSetting[];

/**
 * Finds the top-level key `cli_auth_credentials_store` in the text of the Codex CLI's config.toml. Reads just enough
 * TOML to know what is top-level: tables, comments, quoted keys, strings and arrays over several lines.
 */
export function readCredentialsStoreSetting(configToml: string): CredentialsStoreSetting | undefined {
  let at = configToml.charCodeAt(0) === 0xfeff ? 1 : 0;
  for (;;) {
    at = skipBlank(configToml, at);
    // The first table header ends the top level for good.
    if (at >= configToml.length || configToml[at] === "[") return undefined;
    const equals = findEquals(configToml, at);
    if (equals === undefined) return undefined;
    const key = unquote(configToml.slice(at, equals).trim());
    const start = skipSpaces(configToml, equals + 1);
    at = skipValue(configToml, start);
    if (key !== settingKey) continue;
    const value = unquote(configToml.slice(start, at).trim());
    return settings.includes(value) ? (value as CredentialsStoreSetting) : undefined;
  }
}

function skipSpaces(text: string, from: number): number {
  let at = from;
  while (text[at] === " " || text[at] === "\t") at += 1;
  return at;
}

function skipBlank(text: string, from: number): number {
  let at = from;
  while (at < text.length) {
    const char = text[at] as string;
    if (char === "#") at = lineEnd(text, at);
    else if (" \t\r\n".includes(char)) at += 1;
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

/** Returns where a value ends: at the end of its line, at a comment, or behind its closing bracket. */
function skipValue(text: string, from: number): number {
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
    if (char === "\n" && depth === 0) return at;
    if (char === "[" || char === "{") depth += 1;
    if (char === "]" || char === "}") depth -= 1;
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

function unquote(text: string): string {
  const match = /^("""|'''|"|')([\s\S]*)\1$/.exec(text);
  return match?.[2] ?? text;
}
