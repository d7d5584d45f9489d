import { bundledCatalog, effortNames, unlistedModel } from "@codex/models";
import { resolveReasoning, resolveVerbosity } from "@codex/reasoning";
import { describe, expect, it } from "vitest";

const model = {
  efforts: ["low", "medium", "high", "xhigh"],
  defaultEffort: "medium",
  supportsReasoningSummaries: true,
  defaultSummary: "none",
};

describe("the effort", () => {
  it.each([
    // header, parameter, suffix, sent
    ["xhigh", "low", "high", "xhigh"],
    [undefined, "low", "high", "low"],
    [undefined, undefined, "high", "high"],
    [undefined, undefined, undefined, "medium"],
    [undefined, null, "high", "high"],
    ["", "HIGH", undefined, "high"],
  ])("of header %s, field %s, suffix %s is %s", (header, parameter, suffix, effort) => {
    expect(resolveReasoning({ header, parameter, suffix, model })).toEqual({ effort, notes: [] });
  });

  it.each([
    [{ header: "max" }, { field: "x-codex-effort", from: "max", to: "xhigh" }],
    [
      { parameter: "none", suffix: "high" },
      { field: "reasoning.effort", from: "none", to: "low" },
    ],
    [{ suffix: "ultra" }, { field: "model", from: "ultra", to: "xhigh" }],
  ])("that was clamped is noted: %j", (asked, note) => {
    expect(resolveReasoning({ ...asked, model })).toEqual({ effort: note.to, notes: [note] });
  });

  it.each([
    [{ header: "warp", parameter: 7, suffix: "high" }, "x-codex-effort", "warp"],
    [{ header: "low", parameter: "Bogus" }, "reasoning.effort", "Bogus"],
    [{ parameter: 7 }, "reasoning.effort", "7"],
    [{ suffix: "extreme" }, "model", "extreme"],
    [{ header: "high", suffix: "extreme" }, "model", "extreme"],
  ])("that does not exist is told, with those that do, whatever else is asked for: %j", (asked, field, value) => {
    expect(resolveReasoning({ ...asked, model }).unknown).toEqual({ field, value, known: model.efforts });
    expect(resolveReasoning({ ...asked, model: unlistedModel("gpt-9") }).unknown?.known).toContain("max");
  });

  it("that does not exist is told in a few characters", () => {
    expect(resolveReasoning({ parameter: { deep: "x".repeat(1000) }, model }).unknown?.value).toHaveLength(40);
    expect(resolveReasoning({ parameter: "x", model: { ...model, efforts: [] } }).unknown?.known).toEqual(effortNames);
  });

  it("that only the model knows is sent", () => {
    expect(resolveReasoning({ parameter: "Warp", model: { ...model, efforts: ["low", "warp"] } })).toEqual({
      effort: "warp",
      notes: [],
    });
  });

  it("is left to the backend where nobody asks and the model has no default", () => {
    expect(resolveReasoning({ model: unlistedModel("gpt-9") })).toEqual({ notes: [] });
    expect(resolveReasoning({ parameter: "minimal", model: unlistedModel("gpt-9") }).effort).toBe("minimal");
  });

  it("is the default of every bundled model as it stands in the catalog", () => {
    for (const bundled of bundledCatalog) {
      expect(resolveReasoning({ model: bundled })).toEqual({ effort: bundled.defaultEffort, notes: [] });
    }
    expect(resolveReasoning({ model: { ...model, defaultEffort: "ultra" } }).effort).toBe("max");
  });
});

describe("the summary", () => {
  it.each([
    ["auto", undefined, "auto"],
    ["Detailed", undefined, "detailed"],
    ["concise", "auto", "concise"],
    ["none", "auto", undefined],
    [undefined, "auto", "auto"],
    [null, "auto", "auto"],
    [undefined, "none", undefined],
  ])("asked as %s with default %s is %s", (summary, defaultSummary, sent) => {
    const { defaultSummary: _, ...rest } = model;
    const resolved = resolveReasoning({
      summary,
      model: defaultSummary === undefined ? rest : { ...rest, defaultSummary },
    });
    expect(resolved.summary).toBe(sent);
    expect("summary" in resolved).toBe(sent !== undefined);
    expect(resolved.notes).toEqual([]);
  });

  it("is dropped and noted where the model has none, or where it is invalid", () => {
    const without = { ...model, supportsReasoningSummaries: false, defaultSummary: "auto" };
    expect(resolveReasoning({ summary: "auto", model: without })).toEqual({ effort: "medium", notes: [] });
    expect(resolveReasoning({ summary: "detailed", model: without })).toEqual({
      effort: "medium",
      notes: [{ field: "reasoning.summary", from: "detailed", to: undefined }],
    });
    expect(resolveReasoning({ summary: "none", model: without }).notes).toEqual([]);
    expect(resolveReasoning({ summary: "long", model: { ...model, defaultSummary: "auto" } })).toEqual({
      effort: "medium",
      summary: "auto",
      notes: [{ field: "reasoning.summary", from: "long", to: "auto" }],
    });
  });
});

describe("resolveVerbosity", () => {
  const talkative = { supportsVerbosity: true, defaultVerbosity: "low" };
  it.each([
    ["High", talkative, { verbosity: "high" }],
    [undefined, talkative, {}],
    [null, talkative, {}],
    [undefined, { supportsVerbosity: false }, {}],
    ["huge", talkative, { note: { field: "text.verbosity", from: "huge", to: undefined } }],
    [3, talkative, { note: { field: "text.verbosity", from: "3", to: undefined } }],
    ["high", { supportsVerbosity: false }, { note: { field: "text.verbosity", from: "high", to: undefined } }],
  ])("gives for %j and %j %j", (requested, supported, result) => {
    expect(resolveVerbosity({ requested, model: supported })).toEqual(result);
  });
});
