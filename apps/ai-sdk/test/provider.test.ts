import { describe, expect, it } from "vitest";
import { createCodexWith } from "../src/provider.js";
import { openProvider } from "./open-provider.js";
import { pairs } from "./pairs.js";

describe.each(pairs)("the provider, $name", (pair) => {
  const { createProviderRegistry, customProvider, generateText, NoSuchModelError } = pair.ai;

  it("has language models under three names, in registries and custom providers too", async () => {
    const { codex, bodies } = await openProvider(pair);
    const registry = createProviderRegistry({ codex });
    const custom = customProvider({ languageModels: { quick: codex("gpt-6-luna") }, fallbackProvider: codex });
    const models = [
      codex("gpt-6-sol"),
      codex.languageModel("gpt-6-sol"),
      codex.responses("gpt-6-sol"),
      registry.languageModel("codex:gpt-6-sol"),
      custom.languageModel("quick"),
      (custom as unknown as typeof codex).languageModel("gpt-6-sol"),
    ];
    for (const model of models) await generateText({ model, prompt: "Hello" });
    expect(bodies().map(({ model }) => model)).toEqual([
      ...Array.from({ length: 4 }, () => "gpt-6-sol"),
      "gpt-6-luna",
      "gpt-6-sol",
    ]);
    expect(codex("gpt-6-sol")).toMatchObject({ provider: "codex.responses", modelId: "gpt-6-sol" });
  });

  it.each(["embeddingModel", "textEmbeddingModel", "transcriptionModel", "speechModel", "rerankingModel"] as const)(
    "has no %s",
    async (kind) => {
      const { codex } = await openProvider(pair);
      const ask = () => codex[kind]("some-model");
      expect(ask).toThrow(/some-model/);
      try {
        ask();
      } catch (error) {
        expect(NoSuchModelError.isInstance(error)).toBe(true);
      }
    },
  );

  it("lists the account's models with what they can do, and without what is not for a picker", async () => {
    const { codex } = await openProvider(pair);
    const models = await codex.models();
    const sol = models.find(({ id }) => id === "gpt-6-sol");
    expect(sol).toMatchObject({
      name: expect.any(String),
      efforts: expect.arrayContaining(["low", "max"]),
      reasoningSummaries: true,
    });
    expect(models.map(({ id }) => id)).not.toContain("codex-auto-review");
    expect(JSON.stringify(models).length).toBeLessThan(20_000);
  });

  it("is made without looking at anything: what is wrong shows at the first call", async () => {
    const codex = createCodexWith(pair.sdk, { authFile: "/nowhere/auth.json", baseURL: "http://127.0.0.1:9/" });
    const model = codex("gpt-6-sol");
    const error = await generateText({ model, prompt: "Hello" }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      statusCode: 401,
      isRetryable: false,
      message: expect.stringContaining("/nowhere/auth.json"),
    });
    await codex.close();
  });
});
