import { buildReasoning, buildText } from "@codex/reasoning";
import { describe, expect, it } from "vitest";

describe("buildReasoning", () => {
  it.each([
    [{}, undefined],
    [{ given: { effort: "high", summary: "auto" } }, undefined],
    [{ effort: "high" }, { effort: "high" }],
    [
      { effort: "low", summary: "auto" },
      { effort: "low", summary: "auto" },
    ],
    [
      { effort: "low", given: { effort: "ultra", summary: "x", generate_summary: "auto" } },
      { effort: "low", generate_summary: "auto" },
    ],
    [{ lite: true }, { context: "all_turns" }],
    [{ lite: true, given: { context: "auto" } }, { context: "all_turns" }],
    [{ lite: false, given: { context: "auto" } }, { context: "auto" }],
  ])("makes of %j %j", (input, block) => {
    expect(buildReasoning(input)).toEqual(block);
  });
});

describe("buildText", () => {
  const format = { type: "json_schema", name: "x", schema: {} };
  it.each([
    [{}, undefined],
    [{ given: { verbosity: "huge" } }, undefined],
    [{ verbosity: "low" }, { verbosity: "low" }],
    [
      { verbosity: "low", given: { verbosity: "high", format, more: 1 } },
      { verbosity: "low", format, more: 1 },
    ],
    [{ given: { format } }, { format }],
  ])("makes of %j %j", (input, block) => {
    expect(buildText(input)).toEqual(block);
  });

  it("keeps the caller's object as it is", () => {
    const given = Object.freeze({ verbosity: "high", format });
    buildText({ given });
    expect(given).toEqual({ verbosity: "high", format });
  });
});
