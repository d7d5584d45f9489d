import { parseCodexMode } from "@codex/prompts";
import { describe, expect, it } from "vitest";

describe("parseCodexMode", () => {
  it.each([
    ["auto", "auto"],
    [" Auto ", "auto"],
    ["on", "on"],
    ["TRUE", "on"],
    ["1", "on"],
    ["off", "off"],
    ["False", "off"],
    ["0", "off"],
    ["", undefined],
    ["yes", undefined],
    ["2", undefined],
    [undefined, undefined],
  ])("reads %j as %s", (text, mode) => {
    expect(parseCodexMode(text)).toBe(mode);
  });
});
