import { expect, test } from "vitest";
import { start } from "./client.js";

const now = 1_800_000_000_000;

test("the usage route tells both windows", async () => {
  const client = await start({ now: () => now, rateLimits: { primaryUsedPercent: 55.4 }, account: { plan: "pro" } });
  const body = await (await client.get("/backend-api/wham/usage")).json();
  expect(body).toMatchObject({
    plan_type: "pro",
    account_id: client.credentials.account_id,
    rate_limit: {
      allowed: true,
      limit_reached: false,
      primary_window: { used_percent: 55, limit_window_seconds: 18_000 },
      secondary_window: { used_percent: 34, limit_window_seconds: 604_800 },
    },
  });
});

test("a plan without a weekly window has none anywhere", async () => {
  const client = await start({ rateLimits: { secondaryUsedPercent: null } });
  expect(await (await client.get("/backend-api/wham/usage")).json()).toMatchObject({
    rate_limit: { secondary_window: null },
  });
  const reply = await client.post();
  expect(reply.headers.get("x-codex-secondary-used-percent")).toBeNull();
  expect(reply.headers.get("x-codex-secondary-reset-at")).toBe("");
  expect(await reply.text()).toContain('"secondary":null');
});

test("the headers, the event and the route agree", async () => {
  const client = await start({ now: () => now });
  const reply = await client.post();
  const usage = (await (await client.get("/backend-api/wham/usage")).json()) as {
    rate_limit: { primary_window: { reset_at: number } };
  };
  const reset = usage.rate_limit.primary_window.reset_at;
  expect(reply.headers.get("x-codex-primary-reset-at")).toBe(String(reset));
  expect(reply.headers.get("x-codex-primary-used-percent")).toBe("12");
  expect(await reply.text()).toContain(`"primary":{"used_percent":12,"window_minutes":300,"reset_at":${reset}}`);
});

test.each([
  ["headers", true, false],
  ["event", false, true],
  ["both", true, true],
  ["none", false, false],
] as const)("rate limits come as %s", async (rateLimits, header, event) => {
  const client = await start({ questions: { rateLimits } });
  const reply = await client.post();
  expect(reply.headers.has("x-codex-primary-used-percent")).toBe(header);
  expect((await reply.text()).includes("event: codex.rate_limits\n")).toBe(event);
});

test("a used-up window refuses with 429", async () => {
  const client = await start({ rateLimits: { primaryUsedPercent: 100 } });
  const reply = await client.post();
  expect(reply.status).toBe(429);
  expect(await reply.json()).toMatchObject({ error: { type: "usage_limit_reached" } });
  client.sim.rateLimits.primaryUsedPercent = 3;
  const after = await client.post();
  expect(after.status).toBe(200);
  await after.text();
});

test("the account check names the account as the official client needs it", async () => {
  const client = await start();
  expect(await (await client.get("/backend-api/wham/accounts/check")).json()).toMatchObject({
    accounts: [
      {
        id: client.credentials.account_id,
        workspace_backend_origin: "NO_CONSTRAINT",
        account_routing_override: "NO_CONSTRAINT",
      },
    ],
  });
});

test.each([
  ["genuine", 200],
  ["strict", 404],
] as const)("the other usage path answers on %s: %i", async (profile, status) => {
  const client = await start({ profile });
  expect((await client.get("/backend-api/codex/usage")).status).toBe(status);
});
