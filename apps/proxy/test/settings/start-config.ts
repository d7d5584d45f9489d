import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LoadedSettings, type LoadOptions, loadConfig } from "../../src/config.js";

/** A folder with a config.toml, and what becomes of it. */
export interface ConfigHouse {
  folder: string;
  file: string;
  write(toml: string): Promise<void>;
  load(env?: Record<string, string>, argv?: string[], options?: LoadOptions): Promise<LoadedSettings>;
  close(): Promise<void>;
}

export async function openConfigHouse(): Promise<ConfigHouse> {
  const folder = await mkdtemp(join(tmpdir(), "codex-config-"));
  const file = join(folder, "config.toml");
  return {
    folder,
    file,
    write: (toml) => writeFile(file, toml),
    async load(env = {}, argv = [], options = {}) {
      const loaded = await loadConfig(
        { CODEX_OAUTH_CONFIG: file, CODEX_HOME: folder, XDG_STATE_HOME: folder, ...env },
        argv,
        options,
      );
      if (loaded.kind !== "serve") throw new Error("it only prints");
      return loaded;
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}
