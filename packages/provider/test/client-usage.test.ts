import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { chatDialect, createCodexClient } from "@codex/provider";
import { describe, expect, it, onTestFinished } from "vitest";
import { openClient } from "./open-client.js";

const chat = { model: "gpt-6-sol", messages: [{ role: "user", content: "hi" }] };

describe("client.usage", () => {
  it("asks for the plan's windows and remembers them", async () => {
    const { client, sim } = await openClient();
    expect(client.lastUsage()).toBeUndefined();
    sim.rateLimits.secondaryUsedPercent = 90;
    const usage = await client.usage();
    expect(usage).toMatchObject({
      planType: "plus",
      limits: [
        {
          limitId: "codex",
          reached: false,
          windows: [
            { usedPercent: 12, windowMinutes: 300 },
            { usedPercent: 90, windowMinutes: 10_080 },
          ],
        },
      ],
      credits: { hasCredits: false, unlimited: false },
    });
    expect(client.lastUsage()).toEqual(usage);
    const request = sim.requests.find(({ path }) => path === "/backend-api/wham/usage");
    expect(request?.headers).toMatchObject({ originator: "codex-oauth", "chatgpt-account-id": expect.any(String) });
  });

  it.each(["headers", "event", "both"] as const)("learns by %s of an answer", async (rateLimits) => {
    const { client, sim, send } = await openClient({}, { questions: { rateLimits } });
    sim.rateLimits.primaryUsedPercent = 77;
    await send(chatDialect, chat);
    expect(client.lastUsage()?.limits[0]?.windows[0]).toMatchObject({ usedPercent: 77, windowMinutes: 300 });
    expect(sim.requests.some(({ path }) => path.endsWith("/wham/usage"))).toBe(false);
  });

  it("learns from a refusal", async () => {
    const { client, sim, send } = await openClient();
    sim.faults.next("usage_limit");
    expect((await send(chatDialect, chat)).status).toBe(429);
    expect(client.lastUsage()?.limits[0]).toMatchObject({ limitId: "codex", reached: true });
  });

  it("renews a refused token once", async () => {
    const { client, sim } = await openClient();
    sim.expireAccessTokens();
    expect((await client.usage()).planType).toBe("plus");
    expect(sim.refreshCount).toBe(1);
  });

  it("says what the backend said when it refuses", async () => {
    const { client, sim } = await openClient();
    sim.faults.next({ route: "usage", status: 403, body: { detail: "No." } });
    await expect(client.usage()).rejects.toMatchObject({ code: "forbidden", message: expect.stringContaining("No.") });
    sim.faults.next({ route: "usage", status: 200, body: "<html>" });
    await expect(client.usage()).rejects.toMatchObject({ code: "upstream_rejected" });
    expect(client.lastUsage()).toBeUndefined();
  });

  it("ends with its signal, and says that nobody is there", async () => {
    const { client, sim } = await openClient();
    sim.faults.next({ route: "usage", stall: "before-headers" });
    const gone = new AbortController();
    const asked = client.usage(gone.signal);
    await sim.waitFor("request", ({ path }) => path.endsWith("/wham/usage"));
    gone.abort();
    await expect(asked).rejects.toMatchObject({ name: "AbortError" });

    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const lonely = createCodexClient({
      baseUrl: `http://127.0.0.1:${port}/backend-api/codex`,
      session: client.session,
    });
    onTestFinished(() => lonely.close());
    await expect(lonely.usage()).rejects.toMatchObject({ code: "upstream_unreachable" });
  });

  it("forgets what it knew when another account signs in", async () => {
    const { client, sim, authFile, send } = await openClient();
    await send(chatDialect, chat);
    expect(client.lastUsage()).toBeDefined();
    const { writeFile } = await import("node:fs/promises");
    const other = sim.issueCredentials({ accountId: "00000000-0000-4000-8000-00000000000b", plan: "pro" });
    const changed = new Promise<void>((resolve) => {
      const off = client.session.onChange(() => {
        off();
        resolve();
      });
    });
    await writeFile(authFile, JSON.stringify(sim.authJson(other)));
    await changed;
    expect(client.lastUsage()).toBeUndefined();
    expect((await client.usage()).planType).toBe("pro");
  });
});
