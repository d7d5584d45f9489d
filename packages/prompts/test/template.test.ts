import { describe, expect, it } from "vitest";
import { fillTemplate } from "../src/template.js";

const fill = (instructionsTemplate?: string, instructionsVariables?: Record<string, string>) =>
  fillTemplate(
    {
      ...(instructionsTemplate === undefined ? {} : { instructionsTemplate }),
      ...(instructionsVariables === undefined ? {} : { instructionsVariables }),
    },
    "default",
  );

describe("fillTemplate", () => {
  const voices = { personality_default: "Calm.", personality_friendly: "Warm." };
  it.each([
    ["A. {{ personality }} B.", voices, "A. Calm. B."],
    ["{{personality}}{{  personality  }}", voices, "Calm.Calm."],
    ["A.{{ personality }}", undefined, "A."],
    ["A.{{ personality }}", { personality_friendly: "Warm." }, "A."],
    ["{{ place }} {{ constructor }} {{ x-y }}", { place: "Here" }, "Here {{ constructor }} {{ x-y }}"],
    ["{{ personality }}", { personality_default: "$& $1 {{ personality }}" }, "$& $1 {{ personality }}"],
    ["plain", voices, "plain"],
    ["  ", voices, undefined],
    [undefined, voices, undefined],
  ])("fills %j with %j", (template, variables, text) => {
    expect(fill(template, variables)).toBe(text);
  });

  it("has other voices", () => {
    const model = { instructionsTemplate: "{{ personality }}", instructionsVariables: voices };
    expect(fillTemplate(model, "friendly")).toBe("Warm.");
    expect(fillTemplate(model, "pragmatic")).toBe("");
  });
});
