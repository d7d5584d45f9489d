import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { fillSettingsTable, helpText } from "../../src/settings/describe-settings.js";
import type { Setting } from "../../src/settings/setting.js";
import { settingKeys, settings } from "../../src/settings/settings.js";

it("the README has every setting (`pnpm settings-table` writes them)", async () => {
  const readme = await readFile(new URL("../../README.md", import.meta.url), "utf8");
  expect(fillSettingsTable(readme)).toBe(readme);
  for (const key of settingKeys) expect(readme).toContain(`| \`${key}\` |`);
  expect(() => fillSettingsTable("# another")).toThrow("no place");
});

it("the help has every flag with its variable, in lines that fit", () => {
  const lines = helpText("codex-oauth serve").split("\n");
  for (const key of settingKeys) {
    const { flag, env = "" }: Setting = settings[key];
    if (flag !== undefined) {
      expect(lines.filter((line) => line.includes(`--${flag} `) && line.endsWith(env))).toHaveLength(1);
    }
  }
  expect(lines[0]).toContain("codex-oauth serve");
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(122);
});

it.each([40, 60, 80, 121])("the help fits %i columns, broken between words", (columns) => {
  const text = helpText("codex-oauth serve", [["detach", "run on by itself"]], columns);
  for (const line of text.split("\n")) expect([line.length <= columns, line]).toEqual([true, line]);
  const words = (all: string) => new Set(all.replaceAll(/[()]/g, " ").split(/\s+/));
  expect(words(text)).toEqual(words(helpText("codex-oauth serve", [["detach", "run on by itself"]])));
});
