import { bundledAliases, bundledCatalog, retiredModels } from "@codex/models";
import { describe, expect, it } from "vitest";

const bySlug = new Map(bundledCatalog.map((model) => [model.slug, model]));

describe("bundledCatalog", () => {
  it("holds the fourteen models of the Codex CLI 0.171 by priority", () => {
    expect(bundledCatalog.map(({ slug, priority }) => `${priority} ${slug}`)).toEqual([
      "1 gpt-6.2-sol",
      "2 gpt-6.2-astra",
      "3 gpt-6.1-terra",
      "4 gpt-6.1-sol",
      "5 gpt-6-astra",
      "6 gpt-6-sol",
      "7 gpt-6-luna",
      "8 gpt-5.6-sol",
      "9 gpt-5.6-terra",
      "10 gpt-5.6-luna",
      "11 gpt-daybreak-blue-latest",
      "12 gpt-daybreak-red-latest",
      "13 gpt-5.5",
      "43 codex-auto-review",
    ]);
  });

  it("knows what sets single models apart", () => {
    expect(bySlug.get("gpt-6.2-sol")).toMatchObject({
      contextWindow: 500_000,
      maxContextWindow: 872_000,
      defaultEffort: "low",
      minimalClientVersion: "0.166.0",
      responsesLite: true,
      serviceTiers: ["priority"],
    });
    expect(bySlug.get("gpt-6.2-astra")).toMatchObject({ contextWindow: 272_000, minimalClientVersion: "0.166.0" });
    expect(bySlug.get("gpt-6.1-sol")?.contextWindow).toBe(500_000);
    expect(bySlug.get("gpt-6.1-terra")?.contextWindow).toBe(500_000);
    expect(bySlug.get("gpt-daybreak-blue-latest")?.minimalClientVersion).toBe("0.144.0");
    expect(bySlug.get("gpt-daybreak-red-latest")).toMatchObject({
      visibility: "hide",
      contextWindow: 372_000,
      maxContextWindow: 372_000,
      defaultVerbosity: "high",
      serviceTiers: [],
    });
    expect(bySlug.get("gpt-5.5")).toMatchObject({
      responsesLite: false,
      upgrade: "gpt-6-sol",
      maxContextWindow: 272_000,
    });
    expect(bySlug.get("gpt-5.5")?.efforts).toEqual(["low", "medium", "high", "xhigh"]);
    expect(bySlug.get("gpt-6-luna")?.efforts).toEqual(["low", "medium", "high", "xhigh", "max"]);
    expect(bySlug.get("gpt-6-sol")?.efforts).toContain("ultra");
    expect(bySlug.get("gpt-6-sol")?.defaultServiceTier).toBe("priority");
    expect(bundledCatalog.filter(({ visibility }) => visibility === "hide")).toHaveLength(3);
  });

  it("supports the default effort of every model", () => {
    for (const model of bundledCatalog) expect(model.efforts).toContain(model.defaultEffort);
  });

  it("points upgrades, stand-ins and aliases at its own models, and retires none of them", () => {
    const targets = [
      ...retiredModels.values(),
      ...bundledAliases.values(),
      ...bundledCatalog.map(({ upgrade }) => upgrade),
    ];
    for (const target of targets) if (target !== undefined) expect(bySlug.has(target)).toBe(true);
    for (const { slug } of bundledCatalog) expect(retiredModels.has(slug) || bundledAliases.has(slug)).toBe(false);
  });
});
