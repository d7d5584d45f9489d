import { CodexError } from "@codex/errors";
import { parseModelList } from "@codex/models";
import { describe, expect, it } from "vitest";

const full = {
  slug: "gpt-x",
  display_name: "GPT-X",
  description: "Good at tests",
  default_reasoning_level: "medium",
  supported_reasoning_levels: [
    { effort: "low", description: "quick" },
    { effort: "medium", description: "usual" },
  ],
  shell_type: "unified_exec",
  visibility: "list",
  priority: 4,
  service_tiers: [{ id: "priority", name: "Fast", description: "" }],
  default_service_tier: "priority",
  supports_reasoning_summaries: true,
  default_reasoning_summary: "none",
  support_verbosity: true,
  default_verbosity: "low",
  context_window: 272000,
  max_context_window: 872000,
  input_modalities: ["text", "image"],
  use_responses_lite: true,
  supports_parallel_tool_calls: true,
  minimal_client_version: "0.155.0",
  model_messages: {
    instructions_template: "You are made up. {{ personality }}",
    instructions_variables: { personality_default: "Be kind.", personality_friendly: null },
  },
  upgrade: { model: "gpt-y", migration_markdown: "", retirement_at: null },
  something_new: { nested: [1, 2, 3] },
};

describe("parseModelList", () => {
  it("reads an entry in full and ignores what it does not know", () => {
    expect(parseModelList({ models: [full], more: true })).toEqual([
      {
        slug: "gpt-x",
        displayName: "GPT-X",
        description: "Good at tests",
        priority: 4,
        visibility: "list",
        defaultEffort: "medium",
        efforts: ["low", "medium"],
        supportsVerbosity: true,
        defaultVerbosity: "low",
        supportsReasoningSummaries: true,
        defaultSummary: "none",
        contextWindow: 272000,
        maxContextWindow: 872000,
        inputModalities: ["text", "image"],
        serviceTiers: ["priority"],
        defaultServiceTier: "priority",
        responsesLite: true,
        supportsParallelToolCalls: true,
        instructionsTemplate: "You are made up. {{ personality }}",
        instructionsVariables: { personality_default: "Be kind." },
        minimalClientVersion: "0.155.0",
        upgrade: "gpt-y",
      },
    ]);
  });

  it("reads an entry that has little more than its slug", () => {
    expect(parseModelList({ models: [{ slug: "bare", upgrade: null, context_window: null }] })).toEqual([
      {
        slug: "bare",
        displayName: "bare",
        priority: 1000,
        visibility: "list",
        efforts: [],
        supportsVerbosity: false,
        supportsReasoningSummaries: false,
        inputModalities: ["text", "image"],
        serviceTiers: [],
        responsesLite: false,
        supportsParallelToolCalls: false,
      },
    ]);
  });

  it("takes the instructions of an older list from base_instructions", () => {
    const [model] = parseModelList({ models: [{ slug: "old", base_instructions: "Old text" }] });
    expect(model?.instructionsTemplate).toBe("Old text");
  });

  it("sorts by priority and keeps the first of two with one slug", () => {
    const models = parseModelList({
      models: [
        { slug: "b", priority: 2 },
        { slug: "a", priority: 1, display_name: "first" },
        { slug: "a", priority: 0, display_name: "second" },
      ],
    });
    expect(models.map(({ displayName }) => displayName)).toEqual(["first", "b"]);
  });

  it("hides what has a visibility that is not known yet", () => {
    const seen = ["list", "hide", "none", "tease"].map(
      (visibility) => parseModelList({ models: [{ slug: "x", visibility }] })[0]?.visibility,
    );
    expect(seen).toEqual(["list", "hide", "none", "hide"]);
  });

  it.each([
    ["null", null],
    ["a text", "gpt-x"],
    ["a list", []],
    ["no slug", { display_name: "x" }],
    ["an empty slug", { slug: "" }],
    ["a number as slug", { slug: 5 }],
    ["efforts as texts", { slug: "x", supported_reasoning_levels: ["low"] }],
    ["efforts as a text", { slug: "x", supported_reasoning_levels: "low" }],
    ["a window as text", { slug: "x", context_window: "272k" }],
    ["a flag as text", { slug: "x", support_verbosity: "yes" }],
    ["messages as text", { slug: "x", model_messages: "You are" }],
    ["modalities of numbers", { slug: "x", input_modalities: [1] }],
    ["an upgrade as text", { slug: "x", upgrade: "gpt-y" }],
  ])("skips a broken entry: %s", (_, entry) => {
    expect(parseModelList({ models: [entry, full] }).map(({ slug }) => slug)).toEqual(["gpt-x"]);
  });

  it.each([undefined, null, "x", [], {}, { models: {} }, { data: [] }])(
    "refuses a body that is no list: %j",
    (body) => {
      expect(() => parseModelList(body)).toThrow(CodexError);
      expect(() => parseModelList(body)).toThrow(/model list has an unknown shape/);
    },
  );

  it("reads an empty list as empty", () => {
    expect(parseModelList({ models: [] })).toEqual([]);
  });
});
