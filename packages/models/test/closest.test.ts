import { bundledCatalog, closestModels } from "@codex/models";
import { describe, expect, it } from "vitest";

describe("closestModels", () => {
  it.each([
    ["gpt-6-soll", "gpt-6-sol"],
    ["codex/gpt-6-lunar", "gpt-6-luna"],
    ["GPT-5.6-TERA", "gpt-5.6-terra"],
    ["gpt5.5", "gpt-5.5"],
    ["codex-autoreview", "codex-auto-review"],
  ])("finds for %s first %s", (name, best) => {
    expect(closestModels(name, bundledCatalog)[0]).toBe(best);
  });

  it("gives three, or as many as asked for or there are", () => {
    expect(closestModels("llama", bundledCatalog)).toHaveLength(3);
    expect(closestModels("llama", bundledCatalog, 1)).toHaveLength(1);
    expect(closestModels("llama", [{ slug: "a" }])).toEqual(["a"]);
    expect(closestModels("llama", [])).toEqual([]);
  });

  it("prefers the order of the list among equals, and takes long names", () => {
    expect(closestModels("x", [{ slug: "b" }, { slug: "a" }])).toEqual(["b", "a"]);
    expect(closestModels("x".repeat(1_000_000), bundledCatalog)).toHaveLength(3);
  });
});
