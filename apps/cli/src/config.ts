import { readFileSync } from "node:fs";
import type { CodexClientOptions } from "@codex/provider";
import { type LoadedSettings, type LoadedState, loadConfig, loadState } from "@codex/proxy";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Flags that every command takes. */
export interface GlobalFlags {
  /** A login file, in place of the Codex CLI's own. */
  authFile?: string;
  /** One of several logins of the same person, in place of the Codex CLI's own. */
  profile?: string;
  /** A backend, in place of ChatGPT's. */
  baseUrl?: string;
  /** Where keys and the running proxy are noted, in place of our state folder. */
  stateDir?: string;
  /** A file of settings, in place of config.toml in our folder. */
  config?: string;
}

/** The environment; nothing else of this program looks at it. */
export function readEnvironment(): Environment {
  return process.env;
}

/** What every command starts from. */
export interface Settings extends LoadedSettings {
  /** What to make a client from. */
  client: CodexClientOptions;
}

/**
 * Flags, then the environment, then config.toml, then defaults, by the proxy's own rules. Where a proxy would listen is
 * no concern of other commands, be it wrong or right. Throws `request_invalid` with one line that says what is right.
 * @param clientOnly `false` for a command that is concerned with a proxy
 */
export async function loadSettings(flags: GlobalFlags, env: Environment, clientOnly = true): Promise<Settings> {
  const loaded = await loadConfig(env, toArguments(flags), { clientOnly });
  if (loaded.kind === "serve") return { ...loaded, client: loaded.config.client };
  throw new Error("These flags do not ask for a text.");
}

/** Where keys and running proxies are noted, whatever else is wrong with the settings. Throws `request_invalid`. */
export function readState({ stateDir, config }: GlobalFlags, env: Environment): Promise<LoadedState> {
  return loadState(env, toArguments({ ...(stateDir && { stateDir }), ...(config && { config }) }));
}

/** The flags as the proxy takes them. */
export function toArguments({ authFile, profile, baseUrl, config, stateDir }: GlobalFlags): string[] {
  return [
    ...(authFile === undefined ? [] : [`--auth-file=${authFile}`]),
    ...(profile === undefined ? [] : [`--profile=${profile}`]),
    ...(baseUrl === undefined ? [] : [`--base-url=${baseUrl}`]),
    ...(stateDir === undefined ? [] : [`--state-dir=${stateDir}`]),
    ...(config === undefined ? [] : [`--config=${config}`]),
  ];
}

/** The version of this package, from its package.json. */
export function packageVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string };
  return manifest.version;
}
