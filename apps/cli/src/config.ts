import { readFileSync } from "node:fs";
import type { CodexClientOptions } from "@codex/provider";
import { type Login, loadConfig } from "@codex/proxy";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Flags that every command takes. */
export interface GlobalFlags {
  /** A login file, in place of the Codex CLI's own. */
  authFile?: string;
  /** One of several logins of the same person, in place of the Codex CLI's own. */
  profile?: string;
  /** A backend, in place of ChatGPT's. */
  baseUrl?: string;
}

/** The environment; nothing else of this program looks at it. */
export function readEnvironment(): Environment {
  return process.env;
}

/** What every command starts from. */
export interface Settings {
  /** What to make a client from. */
  client: CodexClientOptions;
  login: Login;
}

/**
 * Flags, then the environment, then defaults, by the proxy's own rules. Throws `request_invalid` with one line that
 * says what is right.
 */
export function loadSettings(flags: GlobalFlags, env: Environment): Settings {
  // Where a proxy would listen is no concern of other commands, be it wrong or right.
  const relevant = Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("CODEX_PROXY_")));
  const loaded = loadConfig(relevant, toArguments(flags));
  if (loaded.kind === "serve") return { client: loaded.config.client, login: loaded.login };
  throw new Error("These flags do not ask for a text.");
}

/** The flags as the proxy takes them. */
export function toArguments({ authFile, profile, baseUrl }: GlobalFlags): string[] {
  return [
    ...(authFile === undefined ? [] : [`--auth-file=${authFile}`]),
    ...(profile === undefined ? [] : [`--profile=${profile}`]),
    ...(baseUrl === undefined ? [] : [`--base-url=${baseUrl}`]),
  ];
}

/** The version of this package, from its package.json. */
export function packageVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string };
  return manifest.version;
}
