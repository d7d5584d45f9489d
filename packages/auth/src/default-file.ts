import { isAbsolute, join } from "node:path";
import { homeFolder } from "./home-folder.js";

/** The environment, as far as it is asked for. Only apps read the real one. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The Codex CLI's folder: CODEX_HOME, else `.codex` in the home folder. A `home` that is empty or relative is disregarded. */
export function defaultCodexHome(env: Environment, home?: string): string {
  return filled(env.CODEX_HOME) ?? join(home !== undefined && isAbsolute(home) ? home : homeFolder(), ".codex");
}

/** The login file: CODEX_AUTH_FILE, else `auth.json` in CODEX_HOME, else `~/.codex/auth.json`. */
export function defaultAuthFile(env: Environment, home?: string): string {
  return filled(env.CODEX_AUTH_FILE) ?? join(defaultCodexHome(env, home), "auth.json");
}

/** A variable that is empty, or blank, counts as not set. */
export function filled(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === "" ? undefined : value;
}
