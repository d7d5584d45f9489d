import { catalog } from "@codex/simulator";
import { describe, expect, test } from "vitest";
import { compareVersions } from "../src/models.js";
import { start } from "./client.js";

async function slugs(reply: Response): Promise<string[]> {
  const { models } = (await reply.json()) as { models: { slug: string }[] };
  return models.map(({ slug }) => slug);
}

describe("the catalog", () => {
  test("has the fourteen models of the 0.171 generation, by priority", () => {
    expect(catalog.map(({ slug }) => slug)).toEqual([
      "gpt-6.2-sol",
      "gpt-6.2-astra",
      "gpt-6.1-terra",
      "gpt-6.1-sol",
      "gpt-6-astra",
      "gpt-6-sol",
      "gpt-6-luna",
      "gpt-5.6-sol",
      "gpt-5.6-terra",
      "gpt-5.6-luna",
      "gpt-daybreak-blue-latest",
      "gpt-daybreak-red-latest",
      "gpt-5.5",
      "codex-auto-review",
    ]);
    const priorities = catalog.map(({ priority }) => Number(priority));
    expect(priorities).toEqual([...priorities].sort((a, b) => a - b));
  });

  test("has the efforts, windows and flags of each", () => {
    const of = (slug: string) => catalog.find((entry) => entry.slug === slug);
    const efforts = (slug: string) =>
      of(slug)
        ?.supported_reasoning_levels.map(({ effort }) => effort)
        .join();
    expect(efforts("gpt-5.5")).toBe("low,medium,high,xhigh");
    expect(efforts("gpt-6-luna")).toBe("low,medium,high,xhigh,max");
    expect(efforts("gpt-6.1-sol")).toBe("low,medium,high,xhigh,max,ultra");
    expect(of("gpt-5.5")).toMatchObject({ use_responses_lite: false, max_context_window: 272_000 });
    expect(of("gpt-6.1-terra")).toMatchObject({ use_responses_lite: true, context_window: 500_000 });
    expect(of("gpt-6.2-sol")).toMatchObject({
      use_responses_lite: true,
      context_window: 500_000,
      minimal_client_version: "0.166.0",
      allow_only_codex_cloud_agent_orchestrator: false,
      allow_only_chatgpt_workspace_executor: false,
    });
    expect(Object.keys(of("gpt-6.1-sol") ?? {})).not.toContain("allow_only_chatgpt_workspace_executor");
    expect(of("gpt-daybreak-red-latest")).toMatchObject({
      visibility: "hide",
      default_verbosity: "high",
      service_tiers: [],
    });
    expect(of("gpt-6-sol")).toMatchObject({ default_service_tier: "priority", minimal_client_version: "0.155.0" });
  });

  test("has a distinct instructions text for each family", () => {
    const texts = new Set(catalog.map(({ model_messages }) => model_messages.instructions_template));
    expect(texts.size).toBe(7);
  });
});

describe("GET /models", () => {
  test("lists what the client's version may use", async () => {
    const client = await start();
    expect(await slugs(await client.get("/backend-api/codex/models?client_version=0.171.0"))).toHaveLength(14);
    expect(await slugs(await client.get("/backend-api/codex/models?client_version=0.165.0"))).not.toContain(
      "gpt-6.2-sol",
    );
    expect(await slugs(await client.get("/backend-api/codex/models?client_version=0.143.0"))).toEqual([
      "gpt-daybreak-red-latest",
      "gpt-5.5",
      "codex-auto-review",
    ]);
  });

  test("leaves out what the plan has not", async () => {
    const client = await start({ account: { plan: "free" } });
    const models = catalog.map((entry) => ({ ...entry, available_in_plans: ["pro"] }));
    const poor = await start({ models });
    expect(await slugs(await client.get("/backend-api/codex/models?client_version=0.171.0"))).toHaveLength(14);
    expect(await slugs(await poor.get("/backend-api/codex/models?client_version=0.171.0"))).toEqual([]);
  });

  test.each([
    ["genuine", 14],
    ["strict", 0],
  ] as const)("lists for 0.0.0 on %s: %i models", async (profile, count) => {
    const client = await start({ profile });
    expect(await slugs(await client.get("/backend-api/codex/models?client_version=0.0.0"))).toHaveLength(count);
  });

  test.each(["", "?client_version=", "?client_version=abc"])("refuses %j", async (query) => {
    const client = await start();
    const reply = await client.get(`/backend-api/codex/models${query}`);
    expect(reply.status).toBe(400);
    expect(await reply.json()).toEqual({ detail: "missing client_version" });
  });

  test("needs a login", async () => {
    const { sim } = await start();
    expect((await fetch(`${sim.baseUrl}/models?client_version=0.171.0`)).status).toBe(401);
  });

  test.each([
    ["genuine", 304],
    ["strict", 200],
  ] as const)("with a known ETag answers on %s: %i", async (profile, status) => {
    const client = await start({ profile });
    const first = await client.get("/backend-api/codex/models?client_version=0.171.0");
    const etag = first.headers.get("etag") ?? "";
    await first.text();
    expect(etag).not.toBe("");
    const again = await client.get("/backend-api/codex/models?client_version=0.171.0", { "if-none-match": etag });
    expect(again.status).toBe(status);
    await again.text();
  });

  test("has the ETag that an answer names", async () => {
    const client = await start();
    const list = await client.get("/backend-api/codex/models?client_version=0.171.0");
    const answer = await client.post();
    expect(answer.headers.get("x-models-etag")).toBe(list.headers.get("etag"));
    await Promise.all([list.text(), answer.text()]);
  });
});

test.each([
  ["0.98.0", "0.153.0", -1],
  ["0.169.0", "0.169.0", 0],
  ["1.0.0", "0.999.9", 1],
  ["0.169.0-alpha.1", "0.169.0", 0],
])("compares %s with %s by number", (a, b, sign) => {
  expect(Math.sign(compareVersions(a, b))).toBe(sign);
});
