import { createAccountModels, encodeModelEntry, listModelEntries, unlistedModel } from "@codex/models";
import { describe, expect, it } from "vitest";

describe("encodeModelEntry", () => {
  it("begins with OpenAI's fields, and leaves out what is not known", () => {
    const entry = encodeModelEntry({ ...unlistedModel("gpt-x"), supportsVerbosity: false, serviceTiers: [] });
    expect(Object.keys(entry).slice(0, 4)).toEqual(["id", "object", "created", "owned_by"]);
    expect(Object.values(entry)).not.toContain(undefined);
    expect(entry).not.toHaveProperty("context_window");
    expect(entry.supported_verbosities).toEqual([]);
    expect(entry.supported_parameters).not.toContain("verbosity");
    expect(entry.supported_parameters).not.toContain("service_tier");
  });

  it("has the most tokens of an answer where that is known", () => {
    expect(encodeModelEntry({ ...unlistedModel("gpt-x"), maxOutputTokens: 9 }).max_output_tokens).toBe(9);
  });
});

describe("useAliases", () => {
  it("changes what names mean, of the account's list and of the bundled one", async () => {
    let fails = true;
    const models = createAccountModels({
      fetchModels: async () => {
        if (fails) throw new Error("offline");
        return { status: "ok", body: { models: [{ slug: "gpt-a" }, { slug: "gpt-b" }] } };
      },
      aliases: { mine: "gpt-5.5" },
      retryMs: 0,
    });
    expect(await models.resolve("mine")).toMatchObject({ model: "gpt-5.5" });
    models.useAliases({ mine: "gpt-6-sol" });
    expect(models.peek("mine")).toMatchObject({ model: "gpt-6-sol" });
    fails = false;
    await expect.poll(() => models.source()).toBe("bundled");
    await expect.poll(async () => (await models.list()).map(({ slug }) => slug)).toEqual(["gpt-a", "gpt-b"]);
    models.useAliases({ mine: "gpt-b" });
    expect(models.aliases()).toEqual({ mine: "gpt-b" });
    expect(models.peek("mine")).toMatchObject({ model: "gpt-b", listed: true });
    const entries = listModelEntries(await models.list(), { aliases: models.aliases(), resolve: models.peek });
    expect(entries.map(({ id }) => id)).toEqual(["gpt-a", "gpt-b", "mine"]);
  });
});
