import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask, type House, startHouse } from "./start-house.js";

/** `GET /v1/models` and `GET /v1/models/{id}`, over real sockets. */
let house: House;
let url: string;

beforeAll(async () => {
  house = await startHouse();
  url = house.proxy.url;
});
afterAll(() => house.close());

const ids = (json: { data: { id: string }[] }) => json.data.map(({ id }) => id);

describe("the list", () => {
  it("has the account's models that are for picking, best first, with what is known of them", async () => {
    const { status, json, headers } = await ask(`${url}/v1/models`);
    expect(status).toBe(200);
    expect(headers["x-codex-models-source"]).toBe("account");
    expect(Object.keys(json)).toEqual(["object", "data"]);
    expect(ids(json)[0]).toBe("gpt-6.2-sol");
    expect(ids(json)).toContain("gpt-5.5");
    expect(ids(json)).not.toContain("codex-auto-review");
    expect(ids(json)).not.toContain("gpt-6-sol-high");
    expect(json.data[0]).toMatchObject({
      object: "model",
      created: expect.any(Number),
      owned_by: "openai",
      context_window: 500000,
      context_length: 500000,
      max_context_window: 872000,
      supported_reasoning_efforts: expect.arrayContaining(["low", "max"]),
      default_reasoning_effort: "low",
      supported_verbosities: ["low", "medium", "high"],
      input_modalities: ["text", "image"],
      architecture: { modality: "text+image->text" },
      service_tiers: ["priority"],
      supported_parameters: expect.arrayContaining(["tools", "reasoning", "verbosity"]),
    });
  });

  it("says that it came with the program when the account's own cannot be had", async () => {
    const offline = await startHouse({ login: null });
    try {
      const { status, json, headers } = await ask(`${offline.proxy.url}/v1/models`);
      expect([status, headers["x-codex-models-source"]]).toEqual([200, "bundled"]);
      expect(json.data.length).toBeGreaterThan(5);
      const missing = await ask(`${offline.proxy.url}/v1/models/gpt-9`);
      expect(missing).toMatchObject({ status: 404 });
      expect(missing.json.error.message).toContain("could not be fetched");
    } finally {
      await offline.close();
    }
  });

  it("has efforts as models, and the user's own names, where asked for", async () => {
    const own = await startHouse({
      config: { effortVariants: true },
      client: { aliases: { fast: "gpt-6-luna-low", lost: "no-such-model", "gpt-5.5-high": "gpt-6-sol" } },
    });
    try {
      const { json } = await ask(`${own.proxy.url}/v1/models`);
      const all = ids(json);
      expect(all.slice(0, 2)).toEqual(["gpt-6.2-sol", "gpt-6.2-sol-low"]);
      expect(all).toEqual(expect.arrayContaining(["gpt-6-sol-high", "gpt-6-sol-ultra", "fast"]));
      expect(all).not.toContain("lost");
      expect(new Set(all).size).toBe(all.length);
      const find = (id: string) => json.data.find((entry: { id: string }) => entry.id === id);
      expect(find("gpt-6-sol-high")).toMatchObject({ canonical_slug: "gpt-6-sol", reasoning_effort: "high" });
      expect(find("fast")).toMatchObject({ canonical_slug: "gpt-6-luna", reasoning_effort: "low" });
      // Every listed name is one that can be asked for, and means the same there.
      expect(find("gpt-5.5-high")).toMatchObject({ canonical_slug: "gpt-6-sol" });
      for (const id of ["gpt-6-sol-high", "fast"])
        expect((await ask(`${own.proxy.url}/v1/models/${id}`)).json).toEqual(find(id));
    } finally {
      await own.close();
    }
  });
});

describe("one model", () => {
  it.each(["gpt-5.5", "codex/gpt-6-sol", "codex%2Fgpt-6-sol-high", "GPT-6-Sol", "codex-auto-review"])(
    "is described for %s under the name that was asked for",
    async (name) => {
      const { status, json, headers } = await ask(`${url}/v1/models/${name}`);
      expect([status, headers["x-codex-models-source"]]).toEqual([200, "account"]);
      expect(json).toMatchObject({ id: decodeURIComponent(name), object: "model", owned_by: "openai" });
    },
  );

  it("tells which model a prefix and an effort lead to", async () => {
    const { json } = await ask(`${url}/v1/models/openai/gpt-6-sol-high`);
    expect(json).toMatchObject({ canonical_slug: "gpt-6-sol", reasoning_effort: "high", display_name: "GPT-6-Sol" });
    const plain = (await ask(`${url}/v1/models/gpt-6-sol`)).json;
    expect(plain.canonical_slug).toBeUndefined();
    expect(plain.reasoning_effort).toBeUndefined();
  });

  it("tells what answers for a retired one, and what is recommended for an old one", async () => {
    const retired = (await ask(`${url}/v1/models/gpt-5.1-codex-high`)).json;
    expect(retired).toMatchObject({
      id: "gpt-5.1-codex-high",
      canonical_slug: "gpt-6-sol",
      reasoning_effort: "high",
      mapped: { from: "gpt-5.1-codex", to: "gpt-6-sol", reason: "retired" },
      notice: "gpt-5.1-codex is retired; gpt-6-sol answers.",
    });
    expect((await ask(`${url}/v1/models/gpt-5.5`)).json).toMatchObject({
      upgrade: "gpt-6-sol",
      notice: expect.stringContaining("gpt-6-sol"),
    });
  });

  it("is a 404 with the closest names when there is none", async () => {
    const own = await startHouse({ client: { aliases: { mighty: "gpt-6-sol" } } });
    try {
      const { status, json } = await ask(`${own.proxy.url}/v1/models/gpt-6-sool`);
      expect(status).toBe(404);
      expect(json.error).toMatchObject({ code: "model_not_found", message: expect.stringContaining("gpt-6-sol") });
      expect((await ask(`${own.proxy.url}/v1/models/migthy`)).json.error.message).toContain("Closest: mighty");
    } finally {
      await own.close();
    }
  });
});
