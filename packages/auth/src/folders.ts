import { platform } from "node:os";
import { isAbsolute, join } from "node:path";
import { homeFolder } from "./home-folder.js";

type Environment = Readonly<Record<string, string | undefined>>;

/** Where a system keeps what belongs to a program and a person. None of them need exist. */
export interface Folders {
  /** Logins of ours. */
  data: string;
  /** `config.toml`. */
  config: string;
  /** What can be fetched again. */
  cache: string;
  /** Keys, the running proxy, its log. */
  state: string;
}

/**
 * The folders of `codex-oauth`: those that the npm package env-paths gives (a test holds us to it), from an environment
 * that is passed, which env-paths does not take. A relative folder in the environment is disregarded, as the XDG
 * specification asks. On macOS and Windows, which know no folder for state, it is `data`.
 */
export function findFolders(
  env: Environment,
  home: string = homeFolder(),
  system: NodeJS.Platform = platform(),
): Folders {
  const name = "codex-oauth";
  if (system === "darwin") {
    const library = join(home, "Library");
    const data = join(library, "Application Support", name);
    return { data, config: join(library, "Preferences", name), cache: join(library, "Caches", name), state: data };
  }
  if (system === "win32") {
    const local = join(env.LOCALAPPDATA || join(home, "AppData", "Local"), name);
    const config = join(env.APPDATA || join(home, "AppData", "Roaming"), name, "Config");
    return { data: join(local, "Data"), config, cache: join(local, "Cache"), state: join(local, "Data") };
  }
  return {
    data: join(absolute(env.XDG_DATA_HOME) ?? join(home, ".local", "share"), name),
    config: join(absolute(env.XDG_CONFIG_HOME) ?? join(home, ".config"), name),
    cache: join(absolute(env.XDG_CACHE_HOME) ?? join(home, ".cache"), name),
    state: join(absolute(env.XDG_STATE_HOME) ?? join(home, ".local", "state"), name),
  };
}

function absolute(folder: string | undefined): string | undefined {
  return folder !== undefined && isAbsolute(folder) ? folder : undefined;
}
