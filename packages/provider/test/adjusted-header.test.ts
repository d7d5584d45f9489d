import { describe, expect, it } from "vitest";
import { encodeAdjustments, maxAdjustedLength } from "../src/adjusted-header.js";

describe("encodeAdjustments", () => {
  it("is a structured list, one member a field", () => {
    expect(
      encodeAdjustments([
        { field: "temperature", action: "dropped" },
        { field: "reasoning.effort", action: "clamped", detail: "minimal to low" },
      ]),
    ).toBe('"temperature";action=dropped, "reasoning.effort";action=clamped;detail="minimal to low"');
  });

  it("says nothing when nothing was changed", () => {
    expect(encodeAdjustments([])).toBeUndefined();
  });

  it("can't be broken out of", () => {
    expect(encodeAdjustments([{ field: 'a"b\\c\r\nx: y', action: "dropped", detail: "ä" }])).toBe(
      '"a\\"b\\\\c??x: y";action=dropped;detail="?"',
    );
  });

  it("keeps to its limit and counts what did not fit", () => {
    const many = Array.from({ length: 500 }, (_, i) => ({ field: `field_${i}`, action: "dropped" as const }));
    const value = encodeAdjustments(many) as string;
    expect(value.length).toBeLessThanOrEqual(maxAdjustedLength);
    const shown = value.split(", ").length - 1;
    expect(value.endsWith(`"...";more=${500 - shown}`)).toBe(true);
    expect(encodeAdjustments([{ field: "x".repeat(9999), action: "dropped" }])).toBe('"...";more=1');
  });
});
