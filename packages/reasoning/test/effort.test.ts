import { bundledCatalog, effortNames } from "@codex/models";
import { clampEffort, parseEffort } from "@codex/reasoning";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

describe("parseEffort", () => {
  it.each(effortNames)("knows %s in any case", (effort) => {
    expect(parseEffort(` ${effort.toUpperCase()} `)).toBe(effort);
  });

  it.each([undefined, null, "", "extreme", 3, {}, ["low"], "lowest"])("does not know %j", (text) => {
    expect(parseEffort(text)).toBeUndefined();
  });
});

const toXhigh = { efforts: ["low", "medium", "high", "xhigh"], defaultEffort: "medium" };
const toMax = { efforts: ["low", "medium", "high", "xhigh", "max"], defaultEffort: "low" };
const toUltra = { efforts: [...toMax.efforts, "ultra"], defaultEffort: "low" };
const few = { efforts: ["minimal", "high"], defaultEffort: "high" };

describe("clampEffort", () => {
  it.each([
    // effort, model, sent, clamped
    ["high", toXhigh, "high", false],
    ["none", toXhigh, "low", true],
    ["minimal", toXhigh, "low", true],
    ["max", toXhigh, "xhigh", true],
    ["ultra", toXhigh, "xhigh", true],
    ["ultra", toMax, "max", true],
    ["ultra", toUltra, "max", false],
    ["max", toUltra, "max", false],
    ["none", few, "minimal", true],
    ["low", few, "minimal", true],
    ["medium", few, "high", true],
    ["max", few, "high", true],
    ["medium", { efforts: ["low", "high"] }, "low", true],
    ["medium", { efforts: ["high", "low"] }, "low", true],
    ["low", { efforts: ["none", "medium"] }, "medium", true],
    ["max", { efforts: ["low", "ultra"] }, "low", true],
    ["none", { efforts: ["none", "low"] }, "none", false],
    ["warp", { efforts: ["low", "warp"] }, "warp", false],
    ["warp", toXhigh, "medium", true],
    ["high", { efforts: ["warp"], defaultEffort: "warp" }, "warp", true],
    ["high", { efforts: ["warp"] }, undefined, true],
    ["high", { efforts: ["ultra"], defaultEffort: "ultra" }, "max", true],
    ["minimal", { efforts: [] }, "minimal", false],
    ["ultra", { efforts: [] }, "max", true],
  ])("sends %s to %j as %s", (effort, model, sent, clamped) => {
    expect(clampEffort(effort, model)).toEqual({ effort: sent, clamped });
  });

  it("never sends ultra, sends only what a model supports, and clamping again changes nothing", () => {
    const model = fc.oneof(
      fc.constantFrom(...bundledCatalog),
      fc.record({
        efforts: fc.shuffledSubarray(
          effortNames.filter((effort) => effort !== "ultra"),
          { minLength: 1 },
        ),
      }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...effortNames), model, (effort, supported) => {
        const sent = clampEffort(effort, supported).effort;
        expect(sent).not.toBe("ultra");
        expect(supported.efforts).toContain(sent);
        expect(clampEffort(sent ?? "", supported)).toEqual({ effort: sent, clamped: false });
        const gap = (other: string) =>
          Math.abs(effortNames.indexOf(effort) - effortNames.indexOf(other as typeof effort));
        if (effort !== "ultra")
          for (const other of supported.efforts) expect(gap(sent ?? "")).toBeLessThanOrEqual(gap(other));
      }),
    );
  });
});
