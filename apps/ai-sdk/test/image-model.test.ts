import { describe, expect, it } from "vitest";
import { openProvider } from "./open-provider.js";
import { pairs } from "./pairs.js";

const png = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);

describe.each(pairs)("pictures, $name", (pair) => {
  const { generateImage, APICallError } = pair.ai;

  it("are made, several at once", async () => {
    const { codex, sim } = await openProvider(pair);
    const openai = { quality: "low", background: "opaque" };
    const { images, image, warnings } = await generateImage({
      model: codex.imageModel("gpt-image-2"),
      prompt: "A perch.",
      n: 3,
      size: "1024x1024",
      providerOptions: { openai },
    });
    expect(images).toHaveLength(3);
    expect(image.mediaType).toBe("image/png");
    expect(warnings).toEqual([]);
    expect(sim.requests.map(({ path, body }) => [path, body])).toEqual([
      [
        "/backend-api/codex/images/generations",
        { model: "gpt-image-2", prompt: "A perch.", n: 3, size: "1024x1024", ...openai },
      ],
    ]);
  });

  it("are changed, and what the backend lacks is warned of", async () => {
    const { codex, sim } = await openProvider(pair);
    const { images, warnings } = await generateImage({
      model: codex.image("gpt-image-2"),
      prompt: { text: "Make it blue.", images: [png, png] },
      providerOptions: { openai: { outputFormat: "webp" } },
    });
    expect(images).toHaveLength(1);
    expect(warnings).toMatchObject([{ type: "unsupported", feature: "output_format" }]);
    const image_url = `data:image/png;base64,${png.toString("base64")}`;
    expect(sim.requests[0]?.body).toEqual({
      model: "gpt-image-2",
      prompt: "Make it blue.",
      n: 1,
      images: [{ image_url }, { image_url }],
    });
  });

  it("fail with their true status", async () => {
    const { codex, sim } = await openProvider(pair);
    const model = codex.imageModel("gpt-image-2");
    sim.faults.next({ route: "images", error: "usage_limit" });
    const error = await generateImage({ model, prompt: "A perch." }).catch((thrown: unknown) => thrown);
    expect(APICallError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({ statusCode: 429, isRetryable: false, cause: { code: "usage_limit_reached" } });
    sim.faults.next({ route: "images", error: "overloaded" });
    expect((await generateImage({ model, prompt: "A perch." })).images).toHaveLength(1);
  });

  it("stop with their signal", async () => {
    const { codex, sim } = await openProvider(pair);
    sim.faults.next({ route: "images", stall: "before-headers" });
    const abort = new AbortController();
    const model = codex.imageModel("gpt-image-2");
    const asked = generateImage({ model, prompt: "A perch.", abortSignal: abort.signal }).catch((e: unknown) => e);
    await sim.waitFor("request", ({ path }) => path.endsWith("/generations"));
    abort.abort();
    expect(await asked).toMatchObject({ name: "AbortError" });
  });
});
