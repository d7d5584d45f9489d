import { describe, expect, it } from "vitest";
import { openProvider, script } from "./open-provider.js";
import { pairs } from "./pairs.js";

describe.each(pairs)("settings, $name", (pair) => {
  const { generateText, streamText, wrapLanguageModel } = pair.ai;
  const prompt = "Hello";

  it("hold for every call, and a call's own go before them", async () => {
    const defaults = { reasoningEffort: "low", reasoningSummary: "none", verbosity: "high", serviceTier: "priority" };
    const { codex, bodies } = await openProvider(pair, defaults);
    const model = codex("gpt-6-sol");
    await generateText({ model, prompt });
    const openai = { reasoningEffort: "high", reasoningSummary: "detailed", textVerbosity: "low", serviceTier: "auto" };
    await generateText({ model, prompt, providerOptions: { openai } });
    await generateText({ model, prompt, providerOptions: { codex: { reasoningEffort: "max" } } });
    await generateText({ model: codex("gpt-6-luna-high"), prompt });
    expect(bodies()).toMatchObject([
      { reasoning: { effort: "low" }, text: { verbosity: "high" }, service_tier: "priority" },
      { reasoning: { effort: "high", summary: "detailed" }, text: { verbosity: "low" } },
      { reasoning: { effort: "max" }, text: { verbosity: "high" } },
      { model: "gpt-6-luna", reasoning: { effort: "low" } },
    ]);
    expect(bodies()[0]?.reasoning).not.toHaveProperty("summary");
    expect(bodies()[1]).not.toHaveProperty("service_tier");
  });

  it("an effort that the model lacks becomes the nearest, with a warning", async () => {
    const { codex, bodies } = await openProvider(pair);
    const { warnings } = await generateText({
      model: codex("gpt-6-sol"),
      prompt,
      providerOptions: { openai: { reasoningEffort: "minimal" } },
    });
    expect(bodies()).toMatchObject([{ reasoning: { effort: "low" } }]);
    expect(warnings).toEqual([
      { type: "compatibility", feature: "reasoningEffort", details: "clamped: minimal to low" },
    ]);
  });

  it("the portable `reasoning` of AI SDK 7 counts as an effort", async () => {
    const { codex, bodies } = await openProvider(pair, { reasoningEffort: "low" });
    // ai 6 does not pass it on by itself; a middleware may.
    const model = wrapLanguageModel({
      model: codex("gpt-6-sol"),
      middleware: {
        specificationVersion: "v3",
        transformParams: async ({ params }) => ({ ...params, reasoning: "high" }) as typeof params,
      },
    });
    await generateText({ model, prompt });
    const portable = { reasoning: "xhigh" } as object;
    await generateText({ model: codex("gpt-6-sol"), prompt, ...portable });
    await generateText({ model: codex("gpt-6-sol"), prompt, ...({ reasoning: "provider-default" } as object) });
    const efforts = bodies().map(({ reasoning }) => (reasoning as { effort: string }).effort);
    expect(efforts).toEqual(["high", pair.specification === "v4" ? "xhigh" : "low", "low"]);
  });

  it("what the backend lacks is left out or emulated, with warnings, in both ways of answering", async () => {
    const { codex, bodies } = await openProvider(pair);
    const asked = {
      model: codex("gpt-6-sol"),
      prompt: script({ text: "one two three STOP four five" }),
      temperature: 0.5,
      topP: 0.9,
      topK: 3,
      seed: 1,
      presencePenalty: 0.1,
      frequencyPenalty: 0.1,
      stopSequences: ["STOP"],
      maxOutputTokens: 400,
    };
    const whole = await generateText(asked);
    const streamed = streamText(asked);
    await streamed.consumeStream();
    // What was counted of a cut answer is known at its end: warnings of a stream come before it.
    const ways = [
      { text: whole.text, warnings: whole.warnings, atEnd: { usage: "compatibility" } },
      { text: await streamed.text, warnings: await streamed.warnings, atEnd: {} },
    ];
    for (const { text, warnings, atEnd } of ways) {
      expect(text).toBe("one two three ");
      const features = Object.fromEntries(
        (warnings ?? []).map((w) => [w.type === "other" ? "" : (w as { feature: string }).feature, w.type]),
      );
      expect(features).toEqual({
        ...atEnd,
        temperature: "unsupported",
        topP: "unsupported",
        topK: "unsupported",
        seed: "unsupported",
        presencePenalty: "unsupported",
        frequencyPenalty: "unsupported",
        stopSequences: "compatibility",
        maxOutputTokens: "compatibility",
      });
    }
    for (const body of bodies()) expect(Object.keys(body)).not.toEqual(expect.arrayContaining(["temperature", "stop"]));
  });

  it("an answer of a number of tokens ends there", async () => {
    const { codex } = await openProvider(pair);
    const result = await generateText({
      model: codex("gpt-6-sol"),
      prompt: script({ words: 200 }),
      maxOutputTokens: 10,
    });
    expect(result.finishReason).toBe("length");
    expect(result.text.split(" ").length).toBeLessThan(14);
  });

  it("keeping an answer is not to be had: it says so, and nothing is kept", async () => {
    const { codex, bodies } = await openProvider(pair);
    const { warnings } = await generateText({
      model: codex("gpt-6-sol"),
      prompt,
      providerOptions: { openai: { store: true } },
    });
    expect(warnings).toMatchObject([{ type: "unsupported", feature: "store" }]);
    expect(bodies()[0]?.store).toBe(false);
  });

  it("headers go to the backend, and ours are heard here", async () => {
    const { codex, requests } = await openProvider(pair, {
      headers: { "X-App": "notes", Authorization: "Bearer mine" },
    });
    await generateText({ model: codex("gpt-6-sol"), prompt, headers: { "x-codex-session": "a-conversation" } });
    const { headers } = requests()[0] as { headers: Record<string, string> };
    expect(headers["x-app"]).toBe("notes");
    expect(headers.authorization).not.toContain("mine");
    await generateText({ model: codex("gpt-6-sol"), prompt, headers: { "x-codex-session": "a-conversation" } });
    expect(requests()[1]?.headers["session-id"]).toBe(headers["session-id"]);
    const strict = { "x-codex-strict": "1" };
    const refused = generateText({ model: codex("gpt-6-sol"), prompt, seed: 1, maxOutputTokens: 5, headers: strict });
    await expect(refused).rejects.toMatchObject({ statusCode: 400, message: expect.stringContaining("Strict mode") });
  });

  it("a fetch of the app's own carries everything", async () => {
    const urls: string[] = [];
    const seen: typeof fetch = async (input, init) => {
      urls.push(new URL(String(input)).pathname);
      return await fetch(input, init);
    };
    const { codex, sim } = await openProvider(pair, { fetch: seen });
    const stream = streamText({ model: codex("gpt-6-sol"), prompt: script({ text: "Through it." }) });
    expect(await stream.text).toBe("Through it.");
    expect(urls.sort()).toEqual(["/backend-api/codex/models", "/backend-api/codex/responses"]);
    const abort = new AbortController();
    sim.faults.next({ stall: "after-headers" });
    const left = sim.waitFor("disconnect");
    const asked = generateText({ model: codex("gpt-6-sol"), prompt, abortSignal: abort.signal }).catch(
      (e: unknown) => e,
    );
    await sim.waitFor("request", ({ path }) => path.endsWith("/responses"));
    abort.abort();
    expect(await asked).toMatchObject({ name: "AbortError" });
    await left;
  });

  it("instructions are the app's own, or with the mode `on` the official ones", async () => {
    const own = await openProvider(pair);
    await generateText({ model: own.codex("gpt-6-sol"), system: "You speak of fish.", prompt });
    expect(own.bodies()[0]?.instructions).toBe("You speak of fish.");
    const official = await openProvider(pair, { mode: "on" });
    await generateText({ model: official.codex("gpt-6-sol"), system: "You speak of fish.", prompt });
    expect(official.bodies()[0]?.instructions).not.toContain("fish");
    expect(JSON.stringify(official.inputOf(0))).toContain("You speak of fish.");
  });

  it("listeners hear of the plan's limits", async () => {
    const told: unknown[] = [];
    const { codex } = await openProvider(pair, { onRateLimits: (limits) => void told.push(limits) });
    expect(codex.lastUsage()).toBeUndefined();
    await generateText({ model: codex("gpt-6-sol"), prompt });
    expect(told[0]).toMatchObject({ limitId: "codex", windows: [{ windowMinutes: 300 }, { windowMinutes: 10_080 }] });
    expect(codex.lastUsage()).toMatchObject({ planType: "plus" });
    expect(await codex.usage()).toMatchObject({ planType: "plus", limits: [{ limitId: "codex", reached: false }] });
  });
});
