import { execFileSync } from "node:child_process";
import { homedir } from "node:os";
import { describe, expect, it } from "vitest";
import { findFolders } from "../src/folders.js";

describe("findFolders", () => {
  it("gives what env-paths gives, with and without the system's variables", () => {
    for (const xdg of [
      {},
      { XDG_CONFIG_HOME: "/c", XDG_CACHE_HOME: "/k", XDG_DATA_HOME: "/d", XDG_STATE_HOME: "/s" },
    ]) {
      const env = { PATH: process.env.PATH, HOME: homedir(), ...xdg };
      const script = `import p from "env-paths"; console.log(JSON.stringify(p("codex-oauth", { suffix: "" })))`;
      const cwd = new URL("..", import.meta.url);
      const printed = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
        cwd,
        env,
        encoding: "utf8",
      });
      const paths = JSON.parse(printed) as Record<string, string>;
      const folders = findFolders(env);
      expect({ data: folders.data, config: folders.config, cache: folders.cache }).toEqual({
        data: paths.data,
        config: paths.config,
        cache: paths.cache,
      });
      // env-paths knows no state: its folder for logs is the system's for state on Linux.
      if (process.platform === "linux") expect(folders.state).toBe(paths.log);
    }
  });

  it.each([
    ["darwin", {}, "/home/me/Library/Preferences/codex-oauth", "/home/me/Library/Application Support/codex-oauth"],
    ["win32", { APPDATA: "/roam" }, "/roam/codex-oauth/Config", "/home/me/AppData/Local/codex-oauth/Data"],
    ["linux", {}, "/home/me/.config/codex-oauth", "/home/me/.local/state/codex-oauth"],
  ] as const)("knows %s", (system, env, config, state) => {
    expect(findFolders(env, "/home/me", system)).toMatchObject({ config, state });
  });
});
