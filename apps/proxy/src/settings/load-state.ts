import { join } from "node:path";
import { type Folders, homeFolder } from "@codex/auth";
import { createKeyStore, type KeyStore } from "../keys/key-store.js";
import { findConfigFile, readConfigFile } from "./config-file.js";
import { ConfigFileError } from "./config-problem.js";
import { parseFlags, resolveSetting, type Sources } from "./resolve-settings.js";
import type { EffectiveSetting } from "./settings.js";

/** What commands need that look after running proxies and their keys. */
export interface LoadedState {
  folders: Folders;
  keys: KeyStore;
  /** Keys of the settings, as far as those can be read. */
  apiKeys: Pick<EffectiveSetting, "value" | "from">;
}

/**
 * Reads where the state is kept, from the same sources as `loadConfig`. Whatever is wrong with another setting is no
 * concern of a command that stops a proxy or takes a key away. Throws `request_invalid` for a flag that is not there, a
 * state folder that cannot be read, and a file of settings that was named and is not there: it may name another folder.
 */
export async function loadState(env: Sources["env"], argv: readonly string[]): Promise<LoadedState> {
  const flags = parseFlags(argv, "codex-oauth");
  const found = findConfigFile(flags, env);
  const { path, folders } = found;
  const text = await readConfigFile(found);
  let file: Sources["file"];
  if (text !== undefined) {
    const { readConfigText, findReadableText } = await import("./read-file.js");
    const read = readConfigText(findReadableText(text), path, homeFolder());
    const problems = read.problems.filter(({ key }) => key === "state_dir");
    if (problems.length > 0) throw new ConfigFileError(path, problems);
    file = { path, text: read };
  }
  const sources: Sources = { flags, env, file, clientOnly: false };
  const { value } = resolveSetting("state_dir", sources);
  const state = (value as string | undefined) ?? folders.state;
  const apiKeys = resolveSetting("api_keys", sources);
  return { folders: { ...folders, state }, keys: createKeyStore(keysFileIn(state)), apiKeys };
}

/** Where callers' keys are kept. */
export function keysFileIn(stateFolder: string): string {
  return join(stateFolder, "keys.json");
}
