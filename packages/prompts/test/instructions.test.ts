import { createServer } from "node:net";
import { unlistedModel } from "@codex/models";
import {
  bundledInstructions,
  createInstructions,
  type DerivedInstructions,
  defaultInstructions,
  type InstructionsOptions,
} from "@codex/prompts";
import { describe, expect, it } from "vitest";

const model = {
  ...unlistedModel("gpt-6-sol"),
  instructionsTemplate: "Official. {{ personality }}",
  instructionsVariables: { personality_default: "Calm.", personality_pragmatic: "Dry." },
};
const system = (...texts: string[]) => texts.map((content) => ({ role: "system" as const, content }));

/** A fetch that must not be called. */
const noFetch: typeof fetch = () => {
  throw new Error("nothing is to be fetched here");
};

function derive(
  options: InstructionsOptions,
  input: { messages?: ReturnType<typeof system>; toolNames?: string[]; mode?: "auto" | "on" | "off" } = {},
): DerivedInstructions | Promise<DerivedInstructions> {
  const instructions = createInstructions({ fetch: noFetch, ...options });
  return instructions.derive({ messages: [], toolNames: [], model, ...input });
}

describe("mode auto", () => {
  it("is the default: the caller's text, at once", () => {
    expect(derive({}, { messages: system("Be brief.", "Use metric units."), toolNames: ["bash"] })).toEqual({
      instructions: "Be brief.\n\nUse metric units.",
      developer: [],
      source: "caller",
    });
  });

  it("has a short default where nothing is said", () => {
    const fallback = { instructions: defaultInstructions, developer: [], source: "default" };
    expect(derive({})).toEqual(fallback);
    expect(derive({ mode: "auto" }, { messages: system(" ", "TOOLCHAIN::SYSTEM v2") })).toEqual(fallback);
    expect(defaultInstructions.length).toBeLessThan(300);
  });
});

describe("mode on", () => {
  it("takes the list's text, the caller's follows, then the note on tools", () => {
    const derived = derive({ mode: "on" }, { messages: system("Be brief.", "legacy toolchain"), toolNames: ["bash"] });
    expect(derived).toMatchObject({ instructions: "Official. Calm.", source: "official" });
    const { developer } = derived as DerivedInstructions;
    expect(developer[0]).toBe("Be brief.");
    expect(developer[1]).toContain("`bash`");
    expect(developer).toHaveLength(2);
  });

  it("has no developer messages where nothing is said and no tool is there", () => {
    expect(derive({ mode: "on" })).toEqual({ instructions: "Official. Calm.", developer: [], source: "official" });
  });

  it("may be asked for by one request, and have another voice", () => {
    const derived = derive({ mode: "auto", personality: "pragmatic" }, { mode: "on" });
    expect(derived).toMatchObject({ instructions: "Official. Dry." });
  });

  it("falls back to our own text for a new model whose text cannot be had", async () => {
    const instructions = createInstructions({ mode: "on", fetch: noFetch });
    const input = { messages: [], toolNames: [], model: unlistedModel("gpt-9") };
    expect(await instructions.derive(input)).toEqual({
      instructions: bundledInstructions,
      developer: [],
      source: "bundled",
    });
  });

  it("falls back to our own text when nobody listens at the source", async () => {
    const failures: unknown[] = [];
    const closed = await closedPort();
    const instructions = createInstructions({
      mode: "on",
      sources: { releasesUrl: `${closed}/releases`, rawUrl: closed },
      onFailure: (error) => failures.push(error),
    });
    const input = { messages: [], toolNames: [], model: unlistedModel("gpt-5.1") };
    expect(await instructions.derive(input)).toMatchObject({ source: "bundled" });
    expect(failures.length).toBeGreaterThan(0);
    // It is not waited for a second time.
    expect(instructions.derive(input)).toMatchObject({ source: "bundled" });
  });
});

describe("mode off", () => {
  it("puts the note on tools before the caller's text, at once", () => {
    const derived = derive({ mode: "off" }, { messages: system("Be brief."), toolNames: ["bash"] });
    const { instructions, developer, source } = derived as DerivedInstructions;
    expect(instructions).toContain("`bash`");
    expect(instructions.endsWith("\n\nBe brief.")).toBe(true);
    expect({ developer, source }).toEqual({ developer: [], source: "remap" });
  });

  it("is the note alone where nothing is said", () => {
    const derived = derive({ mode: "off" }, { messages: system("Legacy Toolchain") }) as DerivedInstructions;
    expect(derived.instructions).toContain("No tools");
    expect(derived.instructions).not.toContain("Legacy");
  });
});

describe("deriveInstructions", () => {
  it("replaces the whole policy and sees everything", () => {
    const calls: unknown[] = [];
    const messages = system("legacy toolchain", "Be brief.");
    const derived = derive(
      {
        mode: "on",
        deriveInstructions: (...call) => {
          calls.push(call);
          return "Mine";
        },
      },
      { messages, toolNames: ["a"], mode: "off" },
    );
    expect(derived).toEqual({ instructions: "Mine", developer: [], source: "custom" });
    expect(calls).toEqual([[messages, { mode: "off", model, toolNames: ["a"] }]]);
  });

  it("may answer later, and with developer messages", async () => {
    const answer = { instructions: "", developer: ["First"] };
    expect(derive({ deriveInstructions: () => answer })).toEqual({ ...answer, source: "custom" });
    const later = derive({ deriveInstructions: async () => answer });
    expect(later).toBeInstanceOf(Promise);
    expect(await later).toEqual({ ...answer, source: "custom" });
    expect(await derive({ deriveInstructions: async () => "Mine" })).toMatchObject({ instructions: "Mine" });
  });

  it("passes its errors on", async () => {
    const failing = () => {
      throw new Error("no words");
    };
    expect(() => derive({ deriveInstructions: failing })).toThrow("no words");
    await expect(derive({ deriveInstructions: async () => failing() })).rejects.toThrow("no words");
  });
});

/** An address at which nobody listens: a port that was just given back. */
async function closedPort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}
