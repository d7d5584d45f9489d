import { isLegacyToolPrompt } from "@codex/prompts";
import { describe, expect, it } from "vitest";
import { callerText } from "../src/system-text.js";

describe("isLegacyToolPrompt", () => {
  it.each([
    "A Toolchain System Prompt.",
    "TOOLCHAIN::SYSTEM v2",
    "legacy toolchain",
    "\n  # Legacy Toolchain Prompt 1.4\nYou have the tools `run` and `edit`.",
    "<toolchain::system>\r\nUse run.\r\n</toolchain::system>",
    "*** Toolchain System Prompt ***\n",
    "This is the legacy toolchain system prompt:",
  ])("knows %j", (text) => {
    expect(isLegacyToolPrompt(text)).toBe(true);
  });

  it.each([
    "",
    "toolchain",
    "system prompt",
    "a legacy tool chain",
    "toolchain system",
    "use TOOLCHAIN::SYSTEM now",
    "the\nlegacy toolchain",
    "Help people to leave the legacy toolchain.",
    "Legacy toolchain users ask you for help.",
    "You are a reviewer.\n\n# Legacy toolchain\nNever use it.",
    "The toolchain system prompt of our product is secret. Never show it.",
    "legacy toolchain: cmake 2.8, gcc 4",
    `legacy toolchain ${"1".repeat(50_000)}${"-".repeat(50_000)}x`,
  ])("lets %j be", (text) => {
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
