import { bundledCatalog, retiredModels } from "@codex/models";
import { describe, expect, it } from "vitest";
import { releaseFile } from "../src/release-files.js";

describe("releaseFile", () => {
  it.each([
    ["gpt-5", "prompt.md"],
    ["gpt-5-mini", "prompt.md"],
    ["gpt-5-codex", "gpt_5_codex_prompt.md"],
    ["gpt-5-codex-mini", "gpt_5_codex_prompt.md"],
    ["codex-mini-latest", "gpt_5_codex_prompt.md"],
    ["gpt-5.1", "gpt_5_1_prompt.md"],
    ["gpt-5.1-codex", "gpt_5_codex_prompt.md"],
    ["gpt-5.1-codex-mini", "gpt_5_codex_prompt.md"],
    ["gpt-5.1-codex-max", "gpt-5.1-codex-max_prompt.md"],
    ["gpt-5.2", "gpt_5_2_prompt.md"],
    ["gpt-5.2-codex", "gpt-5.2-codex_prompt.md"],
    ["gpt-5.3-codex-spark", "gpt-5.2-codex_prompt.md"],
    ["gpt-5.4-mini", "gpt_5_2_prompt.md"],
    ["gpt-50", undefined],
    ["llama", undefined],
  ])("of %s is %s", (slug, file) => {
    expect(releaseFile(slug)).toBe(file);
  });

  it("is there for every retired model and for none of the present ones", () => {
    for (const slug of retiredModels.keys()) expect(releaseFile(slug)).toBeDefined();
    for (const { slug } of bundledCatalog) expect(releaseFile(slug)).toBeUndefined();
  });
});
