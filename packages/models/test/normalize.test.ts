import { bundledCatalog, createNormalizer, effortNames, normalizeModel, retiredModels } from "@codex/models";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const prefixes = ["", "codex/", "codex-oauth/", "codex_oauth/", "openai/", "chatgpt/", "CODEX/", "OpenAI/"];

describe("normalizeModel", () => {
  it.each([
    // name, model, effort
    ["gpt-6-sol", "gpt-6-sol", undefined],
    ["GPT-6-Sol", "gpt-6-sol", undefined],
    ["  gpt-6-sol\n", "gpt-6-sol", undefined],
    ["codex/gpt-6-sol-high", "gpt-6-sol", "high"],
    ["codex-oauth/gpt-6-luna", "gpt-6-luna", undefined],
    ["codex_oauth/gpt-6-luna-max", "gpt-6-luna", "max"],
    ["OpenAI/gpt-5.5-xhigh", "gpt-5.5", "xhigh"],
    ["chatgpt/gpt-6.1-sol-ULTRA", "gpt-6.1-sol", "ultra"],
    ["openai/codex/gpt-5.5", "gpt-5.5", undefined],
    ["codex-gpt-5.5", "gpt-5.5", undefined],
    ["codex/codex-gpt-5.5-low", "gpt-5.5", "low"],
    ["codex-auto-review", "codex-auto-review", undefined],
    ["codex-auto-review-low", "codex-auto-review", "low"],
    ["codex-mini-latest", "codex-mini-latest", undefined],
    ["openai/codex-mini-latest-medium", "codex-mini-latest", "medium"],
    ["codex-something-new", "codex-something-new", undefined],
    ["gpt-5.3-codex-spark", "gpt-5.3-codex-spark", undefined],
    ["gpt-7-sol-minimal", "gpt-7-sol", "minimal"],
    ["gpt-5.5-high-low", "gpt-5.5", "low"],
    ["gpt-5.5-none", "gpt-5.5", "none"],
    ["llama3:8b", "llama3:8b", undefined],
    ["meta/llama-3", "meta/llama-3", undefined],
    ["gpt-6", "gpt-6-sol", undefined],
    ["gpt-6.1-max", "gpt-6.1-sol", "max"],
    ["gpt-6.2-sol-ultra", "gpt-6.2-sol", "ultra"],
    ["gpt-6.2-high", "gpt-6.2-sol", "high"],
    ["gpt-5-codex-max", "gpt-6-sol", undefined],
    ["openai/GPT-5-Codex-Max-low", "gpt-6-sol", "low"],
    ["", "", undefined],
    ["codex/", "codex/", undefined],
    ["-high", "-high", undefined],
    ["high", "high", undefined],
    ["codex-", "codex-", undefined],
  ])("reads %j", (name, model, effort) => {
    const result = normalizeModel(name);
    expect(result.model).toBe(model);
    expect(result.effort).toBe(effort);
    expect(result.requested).toBe(name);
  });

  it("takes the longest known id before it looks for an effort", () => {
    const known = ["gpt-5.1-codex", "gpt-5.1-codex-max"];
    expect(normalizeModel("gpt-5.1-codex-max", { known })).toEqual({
      model: "gpt-5.1-codex-max",
      requested: "gpt-5.1-codex-max",
    });
    expect(normalizeModel("gpt-5.1-codex-high", { known })).toMatchObject({ model: "gpt-5.1-codex", effort: "high" });
    expect(normalizeModel("gpt-5.1-codex-max-max", { known })).toMatchObject({
      model: "gpt-5.1-codex-max",
      effort: "max",
    });
  });

  it("takes an effort that only the model itself advertises, of that model alone", () => {
    const known = [{ slug: "gpt-9", efforts: ["low", "Warp"] }, { slug: "gpt-8", efforts: ["low"] }, { slug: "gpt-7" }];
    expect(normalizeModel("codex/GPT-9-warp", { known })).toMatchObject({ model: "gpt-9", effort: "warp" });
    expect(normalizeModel("gpt-8-warp", { known })).toEqual({ model: "gpt-8-warp", requested: "gpt-8-warp" });
    expect(normalizeModel("gpt-7-warp", { known }).effort).toBeUndefined();
    expect(normalizeModel("gpt-9-warp", { known: new Set(["gpt-9"]) }).effort).toBeUndefined();
  });

  it("knows a retired id as an id, not as a base with an effort", () => {
    expect(normalizeModel("codex/GPT-5.1-codex-max").effort).toBeUndefined();
    expect(normalizeModel("codex/GPT-5.1-codex-high")).toEqual({
      model: "gpt-6-sol",
      effort: "high",
      requested: "codex/GPT-5.1-codex-high",
      mapped: { from: "gpt-5.1-codex", to: "gpt-6-sol", reason: "retired" },
    });
  });

  it.each([...retiredModels])("replaces %s by %s", (retired, standIn) => {
    expect(standIn).toBe(retired.includes("mini") ? "gpt-6-luna" : "gpt-6-sol");
    expect(normalizeModel(retired)).toMatchObject({
      model: standIn,
      mapped: { from: retired, to: standIn, reason: "retired" },
    });
    expect(normalizeModel(retired, { known: [retired] })).toEqual({ model: retired, requested: retired });
  });

  it("replaces a retired id by the account's first model when the usual one is missing", () => {
    const known = [
      { slug: "gpt-secret", priority: 0, visibility: "hide" },
      { slug: "gpt-9-b", priority: 7 },
      { slug: "gpt-9-a", priority: 2, visibility: "list" },
    ];
    expect(normalizeModel("gpt-5", { known }).model).toBe("gpt-9-a");
    expect(normalizeModel("gpt-5", { known: known.slice(0, 1) }).model).toBe("gpt-secret");
    expect(normalizeModel("gpt-5-codex-mini", { known: new Set(["gpt-9-b", "gpt-9-a"]) }).model).toBe("gpt-9-b");
    expect(normalizeModel("gpt-5-codex-mini", { known: new Set(["gpt-9-b", "gpt-6-luna"]) }).model).toBe("gpt-6-luna");
    expect(normalizeModel("gpt-5.4-mini", { known: [] }).model).toBe("gpt-6-luna");
    expect(normalizeModel("gpt-5.4", { known: new Set<string>() }).model).toBe("gpt-6-sol");
  });

  it("takes a dated id as its base when only the base is known or retired", () => {
    expect(normalizeModel("openai/gpt-5-2025-08-07-high")).toEqual({
      model: "gpt-6-sol",
      effort: "high",
      requested: "openai/gpt-5-2025-08-07-high",
      mapped: { from: "gpt-5-2025-08-07", to: "gpt-6-sol", reason: "retired" },
    });
    expect(normalizeModel("gpt-5.5-2026-04-23").mapped).toEqual({
      from: "gpt-5.5-2026-04-23",
      to: "gpt-5.5",
      reason: "snapshot",
    });
    expect(normalizeModel("gpt-5.5-2026-04-23", { known: ["gpt-5.5", "gpt-5.5-2026-04-23"] }).mapped).toBeUndefined();
    expect(normalizeModel("llama-2024-01-01").model).toBe("llama-2024-01-01");
  });

  it("lets the user's aliases win over everything", () => {
    const aliases = {
      Fast: "gpt-6-luna-low",
      "openai/gpt-4o": "gpt-5.5",
      "gpt-4o-high": "gpt-6-sol-max",
      "gpt-6-astra": "gpt-6-luna",
      "gpt-6": "gpt-5.5",
      deeper: "Fast",
      old: "codex/gpt-5.4-mini",
      "gpt-5.4": "gpt-5.4",
      "mini-latest": "gpt-6-luna",
    };
    const read = (name: string) => normalizeModel(name, { aliases });
    expect(read("codex/FAST")).toEqual({
      model: "gpt-6-luna",
      effort: "low",
      requested: "codex/FAST",
      mapped: { from: "fast", to: "gpt-6-luna", reason: "alias" },
    });
    expect(read("fast-high").effort).toBe("high");
    expect(read("codex-fast").model).toBe("gpt-6-luna");
    expect(read("openai/gpt-4o").model).toBe("gpt-5.5");
    expect(read("gpt-4o-high")).toMatchObject({ model: "gpt-6-sol", effort: "max" });
    expect(read("gpt-6-astra").model).toBe("gpt-6-luna");
    expect(read("gpt-6").model).toBe("gpt-5.5");
    expect(read("deeper")).toMatchObject({ model: "gpt-6-luna", effort: "low", mapped: { from: "deeper" } });
    expect(read("old").mapped).toEqual({ from: "old", to: "gpt-6-luna", reason: "retired" });
    expect(read("gpt-5.4")).toEqual({ model: "gpt-5.4", requested: "gpt-5.4" });
    expect(read("codex-mini-latest").model).toBe("codex-mini-latest");
    expect(read("constructor").model).toBe("constructor");
  });

  it("is not caught in circles", () => {
    const aliases = { a: "b", b: "c-high", c: "a", "gpt-6-sol": "gpt-5" };
    expect(normalizeModel("a", { aliases })).toMatchObject({ model: "a" });
    expect(normalizeModel("c", { aliases }).model).toBe("c");
    expect(normalizeModel("gpt-6-sol", { aliases }).model).toBe("gpt-6-sol");
    expect(normalizeModel("gpt-5.2", { aliases }).model).toBe("gpt-6-sol");
  });

  it("keeps an id in the backend's spelling", () => {
    expect(normalizeModel("my-MODEL-high", { known: ["My-Model"] })).toMatchObject({
      model: "My-Model",
      effort: "high",
    });
  });

  it("does not take apart what is too long to be a name", () => {
    const name = `gpt-6-sol${"-high".repeat(100_000)}`;
    const start = performance.now();
    expect(normalizeModel(name)).toEqual({ model: name, requested: name });
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

describe("for any name", () => {
  const ids = [...bundledCatalog.map(({ slug }) => slug), ...retiredModels.keys(), "gpt-7-x", "codex-mini-latest"];
  const word = fc.constantFrom(
    ...ids,
    ...effortNames,
    ...prefixes,
    "a",
    "b",
    "c",
    "-",
    "/",
    " ",
    "codex-",
    "gpt-",
    "-2025-08-07",
    "İ",
  );
  const name = fc.oneof(
    fc.string(),
    fc.array(word, { maxLength: 6 }).map((words) => words.join("")),
  );
  const names = fc.dictionary(name, name, { maxKeys: 5 });

  it("normalizing twice is normalizing once, whatever the aliases and the list", () => {
    fc.assert(
      fc.property(
        name,
        names,
        fc.option(fc.uniqueArray(fc.constantFrom(...ids)), { nil: undefined }),
        (text, aliases, list) => {
          const normalize = createNormalizer({ aliases, ...(list === undefined ? {} : { known: list }) });
          const { model } = normalize(text);
          expect(normalize(model).model).toBe(model);
        },
      ),
      { numRuns: 3000 },
    );
  });

  it("prefixes and suffixes change nothing but the effort", () => {
    const spelling = fc.func(fc.boolean());
    fc.assert(
      fc.property(
        fc.constantFrom(...bundledCatalog.map(({ slug }) => slug)),
        fc.array(fc.constantFrom(...prefixes), { maxLength: 3 }),
        fc.option(fc.constantFrom(...effortNames), { nil: undefined }),
        spelling,
        (slug, before, effort, isUpper) => {
          const plain = `${before.join("")}${slug}${effort === undefined ? "" : `-${effort}`}`;
          const text = [...plain].map((letter, i) => (isUpper(i) ? letter.toUpperCase() : letter)).join("");
          const result = normalizeModel(text);
          expect(result).toEqual({ model: slug, ...(effort === undefined ? {} : { effort }), requested: text });
        },
      ),
    );
  });

  it("a known id is never taken apart", () => {
    fc.assert(
      fc.property(name, (text) => {
        const slug = text.trim().toLowerCase();
        fc.pre(slug.length > 0 && slug.length <= 256 && slug.toLowerCase() === slug);
        expect(normalizeModel(text, { known: [slug] }).model).toBe(slug);
      }),
    );
  });
});

describe("the cost", () => {
  it("does not grow with the aliases and the list", () => {
    /** The least time of several rounds, since other programs can only add to it. */
    const cost = (size: number) => {
      const aliases = Object.fromEntries(Array.from({ length: size }, (_, i) => [`alias-${i}`, "gpt-6-sol"]));
      const known = [
        ...bundledCatalog,
        ...Array.from({ length: size }, (_, i) => ({ slug: `gpt-x-${i}`, priority: 99 })),
      ];
      const options = { aliases, known };
      normalizeModel("gpt-6-sol", options);
      let least = Number.POSITIVE_INFINITY;
      for (let round = 0; round < 15; round++) {
        const start = performance.now();
        for (let i = 0; i < 2000; i++) {
          normalizeModel("codex/nobody-knows-me-high", options);
          normalizeModel(`alias-${size - 1}`, options);
        }
        least = Math.min(least, performance.now() - start);
      }
      return least;
    };
    cost(10);
    const few = cost(10);
    const many = cost(10_000);
    // A scan would be some hundred times as slow.
    expect(many / few).toBeLessThan(10);
  });

  it("indexes a table once, however often it is passed", () => {
    let reads = 0;
    const aliases = new Proxy<Record<string, string>>(
      { fast: "gpt-6-luna" },
      {
        ownKeys: (target) => {
          reads++;
          return Reflect.ownKeys(target);
        },
      },
    );
    for (let i = 0; i < 100; i++) expect(normalizeModel("fast", { aliases }).model).toBe("gpt-6-luna");
    expect(reads).toBe(1);
  });
});
