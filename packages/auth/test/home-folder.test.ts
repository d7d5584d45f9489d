import { execFileSync } from "node:child_process";
import { userInfo } from "node:os";
import { expect, it } from "vitest";
import { findFolders } from "../src/folders.js";

it.each(["", ".", "made-up/relative"])("a HOME of %j is no folder: the system's own entry counts", (HOME) => {
  const module = new URL("../src/home-folder.ts", import.meta.url).href;
  const source = `console.log((await import(${JSON.stringify(module)})).homeFolder())`;
  const command = ["--import", "tsx", "--input-type=module", "--eval", source];
  const printed = execFileSync(process.execPath, command, { env: { PATH: process.env.PATH, HOME }, encoding: "utf8" });
  expect(printed.trim()).toBe(userInfo().homedir);
});

it("a relative folder in the environment is disregarded", () => {
  const env = { XDG_CONFIG_HOME: "here", XDG_STATE_HOME: "", XDG_DATA_HOME: "/d" };
  expect(findFolders(env, "/home/me", "linux")).toMatchObject({
    config: "/home/me/.config/codex-oauth",
    state: "/home/me/.local/state/codex-oauth",
    data: "/d/codex-oauth",
  });
});
