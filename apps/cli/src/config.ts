import { readFileSync } from "node:fs";
import type { CodexClientOptions } from "@codex/provider";
import { loadConfig } from "@codex/proxy";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Flags that every command takes. */
export interface GlobalFlags {
  /** A login file, in place of the Codex CLI's own. */
  authFile?: string;
  /** A backend, in place of ChatGPT's. */
  baseUrl?: string;
}

/** The environment; nothing else of this program looks at it. */
export function readEnvironment(): Environment {
  return process.env;
}

/**
 * What to make a client from: flags, then the environment, then defaults, by the proxy's own rules. Throws
 * `request_invalid` with one line that says what is right.
 */
export function loadClientOptions(flags: GlobalFlags, env: Environment): CodexClientOptions {
  // Where a proxy would listen is no concern of other commands, be it wrong or right.
  const relevant = Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("CODEX_PROXY_")));
  const loaded = loadConfig(relevant, toArguments(flags));
  return loaded.kind === "serve" ? loaded.config.client : {};
}

/** The flags as the proxy takes them. */
export function toArguments({ authFile, baseUrl }: GlobalFlags): string[] {
  return [
    ...(authFile === undefined ? [] : [`--auth-file=${authFile}`]),
    ...(baseUrl === undefined ? [] : [`--base-url=${baseUrl}`]),
  ];
}

/** The version of this package, from its package.json. */
export function packageVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string };
  return manifest.version;
}
