import { expect, it } from "vitest";
import { createNameBound } from "../../src/observe/bound-names.js";
import { trackLiveRequests } from "../../src/observe/live-requests.js";
import { createMetrics } from "../../src/observe/metrics.js";
import type { RequestRecord } from "../../src/observe/request-record.js";

it("tells apart all models of the list, and a limited number of others", () => {
  const nameModel = createNameBound((name) => (/^listed-\d+$/i.test(name) ? name.toLowerCase() : undefined));
  const names = new Set<string>();
  for (let i = 0; i < 1000; i++) names.add(nameModel(`spelling-${i}`));
  expect(names.size).toBe(21);
  expect([...names].slice(-1)).toEqual(["other"]);
  expect(nameModel("spelling-3")).toBe("spelling-3");
  for (let i = 0; i < 100; i++) expect(nameModel(`Listed-${i}`)).toBe(`listed-${i}`);
  expect(createNameBound(() => undefined)("x".repeat(1000))).toBe("other");
});

it("keeps the numbers for Prometheus small, however many spellings there are", async () => {
  const metrics = createMetrics({
    live: trackLiveRequests(),
    quota: { known: () => undefined, keys: () => [] },
    isBackendUp: () => true,
    version: "0",
    nameModel: createNameBound((name) => (name === "gpt-6-sol" ? name : undefined)),
  });
  const end = (backendModel: string) => {
    const outcome = {
      stream: false,
      status: 200,
      adjustments: [],
      backendModel,
      usage: { input_tokens: 1, output_tokens: 1 },
    };
    metrics.end({
      route: { name: "chat", exchange: { operation: "chat" } },
      method: "POST",
      status: 200,
      outcome,
      durationMs: 1,
    } as unknown as RequestRecord);
  };
  for (let i = 0; i < 500; i++) end(`GPT-made-up-${i}`);
  await metrics.render();
  for (let i = 500; i < 1000; i++) end(`GPT-made-up-${i}`);
  end("gpt-6-sol");
  const { text } = await metrics.render();
  const names = new Set([...text.matchAll(/gen_ai_response_model="([^"]*)"/g)].map(([, name]) => name));
  expect(names.size).toBe(22);
  expect([...names]).toEqual(expect.arrayContaining(["gpt-6-sol", "GPT-made-up-0", "other"]));
  expect(text).toContain('codex_tokens_total{type="input",gen_ai_response_model="other"} 980');
  expect(text.length).toBeLessThan(200_000);
});
