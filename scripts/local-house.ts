import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LoadedConfig, loadConfig } from "@codex/proxy";
import { createSimulator, type Simulator } from "@codex/simulator";

/** A simulator with a made-up login for it, in a folder that is gone afterwards. */
export interface LocalHouse {
  simulator: Simulator;
  /** The proxy's configuration for it; of the environment only what concerns the listening is heeded. */
  load(env: Readonly<Record<string, string | undefined>>, argv: readonly string[]): Promise<LoadedConfig>;
  close(): Promise<void>;
}

export async function openLocalHouse(): Promise<LocalHouse> {
  const folder = await mkdtemp(join(tmpdir(), "codex-oauth-"));
  const simulator = await createSimulator({ profile: "genuine" });
  const authFile = join(folder, "auth.json");
  await writeFile(authFile, JSON.stringify(simulator.authJson()), { mode: 0o600 });
  return {
    simulator,
    load(env, argv) {
      const listening = Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith("CODEX_PROXY_")));
      const local = {
        CODEX_HOME: folder,
        CODEX_AUTH_FILE: authFile,
        CODEX_BASE_URL: simulator.baseUrl,
        CODEX_REFRESH_TOKEN_URL_OVERRIDE: simulator.tokenUrl,
        CODEX_CACHE_DIR: join(folder, "cache"),
        CODEX_STATE_DIR: join(folder, "state"),
        // The person's own settings are for the real backend.
        XDG_CONFIG_HOME: folder,
      };
      return loadConfig({ ...listening, ...local }, argv, { program: "pnpm start --simulate" });
    },
    async close() {
      await simulator.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
