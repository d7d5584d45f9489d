import { isLegacyToolPrompt } from "@codex/prompts";
import { describe, expect, it } from "vitest";
import { callerText } from "../src/system-text.js";

describe("isLegacyToolPrompt", () => {
  it.each(["A Toolchain System Prompt.", "use TOOLCHAIN::SYSTEM now", "the\nlegacy toolchain"])("knows %j", (text) => {
    expect(isLegacyToolPrompt(text)).toBe(true);
  });

  it.each(["", "toolchain", "system prompt", "a legacy tool chain", "toolchain system"])("lets %j be", (text) => {
    expect(isLegacyToolPrompt(text)).toBe(false);
  });
});

describe("callerText", () => {
  it("joins what is said, without blank and legacy messages", () => {
    const messages = [
      { role: "system", content: "  Be brief. " },
      { role: "system", content: " \n" },
      { role: "system", content: "This is the Legacy Toolchain." },
      { role: "developer", content: "Use metric units." },
    ] as const;
    expect(callerText(messages)).toBe("  Be brief. \n\nUse metric units.");
    expect(callerText([])).toBe("");
  });
});
