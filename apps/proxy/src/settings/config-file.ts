import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type Folders, findFolders } from "@codex/auth";
import { CodexError } from "@codex/errors";
import type { GivenFlags } from "./resolve-settings.js";

/** Where config.toml is, or would be. */
export interface ConfigFile {
  path: string;
  /** Whether a flag or a variable names it; then it must be there. */
  isNamed: boolean;
  /** Ours on this system, before the settings are read. */
  folders: Folders;
}

export function findConfigFile(flags: GivenFlags, env: Readonly<Record<string, string | undefined>>): ConfigFile {
  const folders = findFolders(env);
  const named = (flags.config as string | undefined) || env.CODEX_OAUTH_CONFIG || undefined;
  const path = named === undefined ? join(folders.config, "config.toml") : resolve(named);
  return { path, isNamed: named !== undefined, folders };
}

/** What the file holds, or nothing where there is none; one that was named must be there. */
export async function readConfigFile({ path: file, isNamed }: ConfigFile): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" && !isNamed) return undefined;
    const why = code === "ENOENT" ? "is not there" : `cannot be read (${code})`;
    throw new CodexError("request_invalid", `The config file ${file} ${why}. --config or CODEX_OAUTH_CONFIG names it.`);
  }
}
