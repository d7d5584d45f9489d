import { describe, expect, it } from "vitest";
import { openProvider, script } from "./open-provider.js";
import { pairs } from "./pairs.js";

describe.each(pairs)("failures, $name", (pair) => {
  const { APICallError, generateText, streamText } = pair.ai;

  async function failureOf(asked: PromiseLike<unknown>): Promise<InstanceType<typeof APICallError>> {
    const error = await Promise.resolve(asked).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (!APICallError.isInstance(error)) throw new Error("No APICallError.", { cause: error });
    return error;
  }

  it.each([
    ["usage_limit", 429, false, "usage_limit_reached", /available again at/],
    ["usage_not_included", 402, false, "payment_required", /./],
    ["forbidden", 403, false, "forbidden", /./],
    ["context_length_exceeded", 400, false, "context_length_exceeded", /./],
    ["overloaded", 503, true, "upstream_overloaded", /./],
    ["failed:server_is_overloaded", 503, true, "upstream_overloaded", /./],
  ] as const)("keep status and retryability: %s", async (fault, statusCode, isRetryable, code, message) => {
    const { codex, sim } = await openProvider(pair);
    sim.faults.always(fault);
    const model = codex("gpt-6-sol");
    const expected = { statusCode, isRetryable, message: expect.stringMatching(message), cause: { code } };
    expect(await failureOf(generateText({ model, prompt: "Hi", maxRetries: 0 }))).toMatchObject(expected);
    const errors: unknown[] = [];
    const stream = streamText({ model, prompt: "Hi", maxRetries: 0, onError: ({ error }) => void errors.push(error) });
    await stream.consumeStream();
    expect(errors).toMatchObject([expected]);
  });

  it("of a login that is gone say what to do, and are not retried", async () => {
    const { codex, sim } = await openProvider(pair);
    sim.faults.always("token_invalidated");
    sim.expireRefreshTokens();
    const error = await failureOf(generateText({ model: codex("gpt-6-sol"), prompt: "Hi" }));
    expect(error).toMatchObject({ statusCode: 401, isRetryable: false });
    expect(error.message).toMatch(/login/);
  });

  it("of an unknown model name those that there are", async () => {
    const { codex } = await openProvider(pair);
    const error = await failureOf(generateText({ model: codex("gpt-6-soll"), prompt: "Hi" }));
    expect(error).toMatchObject({ statusCode: 404, isRetryable: false });
    expect(error.message).toContain("gpt-6-sol");
  });

  it("are survived where trying again helps, without the SDK", async () => {
    const { codex, sim } = await openProvider(pair);
    sim.expireAccessTokens();
    sim.faults.next("bad_gateway");
    const { text } = await generateText({
      model: codex("gpt-6-sol"),
      prompt: script({ text: "Here." }),
      maxRetries: 0,
    });
    expect(text).toBe("Here.");
    expect(sim.refreshCount).toBe(1);
  });

  it("an answer that ends early is one, as a whole and in the middle of a stream", async () => {
    const { codex, sim } = await openProvider(pair);
    const prompt = script({ reasoning: false, text: "Half of an answer", deltas: 8 });
    const model = codex("gpt-6-sol");
    sim.faults.always({ cut: 9 });
    expect(await failureOf(generateText({ model, prompt, maxRetries: 0 }))).toMatchObject({
      statusCode: 502,
      isRetryable: true,
    });
    const errors: unknown[] = [];
    const stream = streamText({ model, prompt, maxRetries: 0, onError: ({ error }) => void errors.push(error) });
    const types: string[] = [];
    let text = "";
    for await (const part of stream.fullStream) {
      types.push(part.type);
      if (part.type === "text-delta") text += part.text;
    }
    expect("Half of an answer".startsWith(text) && text !== "").toBe(true);
    expect(types).toContain("error");
    expect(errors).toMatchObject([{ statusCode: 502, isRetryable: true, cause: { code: "stream_interrupted" } }]);
    expect(await stream.finishReason).toBe("error");
  });

  it("an answer that is cut by a limit is none: it says so", async () => {
    const { codex, sim } = await openProvider(pair);
    sim.faults.always({ incomplete: "max_output_tokens" });
    const result = await generateText({ model: codex("gpt-6-sol"), prompt: script({ text: "Half" }) });
    expect(result.finishReason).toBe("length");
  });

  it("an abort frees the backend, before the answer and in the middle of it", async () => {
    const { codex, sim } = await openProvider(pair);
    const model = codex("gpt-6-sol");
    const early = new AbortController();
    sim.faults.next({ stall: "before-headers" });
    const asked = generateText({ model, prompt: "Hi", abortSignal: early.signal }).catch((error: unknown) => error);
    await sim.waitFor("request", ({ path }) => path.endsWith("/responses"));
    const gone = sim.waitFor("disconnect");
    early.abort();
    expect(await asked).toMatchObject({ name: "AbortError" });
    await gone;

    const late = new AbortController();
    sim.faults.next({ stall: 9 });
    const prompt = script({ reasoning: false, text: "Half of an answer", deltas: 8 });
    const stream = streamText({ model, prompt, abortSignal: late.signal });
    const types: string[] = [];
    const left = sim.waitFor("disconnect");
    for await (const part of stream.fullStream) {
      types.push(part.type);
      if (part.type === "text-delta") late.abort();
    }
    expect(types).toContain("abort");
    await left;
    await sim.idle();
  });

  it("a reader that goes away frees the backend as well", async () => {
    const { codex, sim } = await openProvider(pair);
    sim.faults.next({ stall: 9 });
    const prompt = [
      {
        role: "user" as const,
        content: [{ type: "text" as const, text: script({ reasoning: false, text: "Half of it", deltas: 8 }) }],
      },
    ];
    const { stream } = await codex("gpt-6-sol").doStream({ prompt });
    const left = sim.waitFor("disconnect");
    const reader = stream.getReader();
    await reader.read();
    await reader.cancel();
    await left;
  });

  it("an abort before the call sends nothing", async () => {
    const { codex, requests } = await openProvider(pair);
    const abortSignal = AbortSignal.abort();
    await expect(generateText({ model: codex("gpt-6-sol"), prompt: "Hi", abortSignal })).rejects.toMatchObject({
      name: "AbortError",
    });
    expect(requests()).toEqual([]);
  });
});
