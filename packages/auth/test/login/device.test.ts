import { createMemoryStore, createSession, type DeviceCode, loginWithDevice } from "@codex/auth";
import { createSimulator, type Simulator } from "@codex/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let simulator: Simulator;

beforeEach(async () => {
  simulator = await createSimulator({ deviceIntervalSeconds: 0.05 });
});

afterEach(() => simulator.close());

function login(onCode: (code: DeviceCode) => unknown, more: Partial<Parameters<typeof loginWithDevice>[0]> = {}) {
  return loginWithDevice({ store: createMemoryStore(), issuer: simulator.issuerUrl, onCode, ...more });
}

describe("the device login", () => {
  it.each([403, 404] as const)("polls until the person has entered the code (pending: %i)", async (devicePending) => {
    simulator.questions.devicePending = devicePending;
    const store = createMemoryStore();
    let shown: DeviceCode | undefined;
    const credentials = await login(
      (code) => {
        shown = code;
        setTimeout(() => simulator.decideDevice(code.userCode), 200);
      },
      { store },
    );
    expect(shown?.verificationUrl).toBe(`${simulator.issuerUrl}/codex/device`);
    expect(shown?.expiresAt).toBeGreaterThan(Date.now());
    expect(credentials.accountId).toBeDefined();
    const session = createSession({ store, refreshTokenUrl: simulator.tokenUrl });
    expect((await session.refresh(await session.current())).accountId).toBe(credentials.accountId);
    expect(simulator.requests.filter((r) => r.path.endsWith("/deviceauth/token")).length).toBeGreaterThan(1);
  });

  it("ends when the person says no", async () => {
    await expect(login((code) => simulator.decideDevice(code.userCode, "deny"))).rejects.toMatchObject({
      reason: "login_denied",
    });
  });

  it("says so where it is not enabled", async () => {
    simulator.questions.deviceLogin = false;
    await expect(login(() => {})).rejects.toMatchObject({
      reason: "login_failed",
      message: expect.stringContaining("not enabled"),
    });
  });

  it("ends when its time is over, or its signal says so", async () => {
    await expect(login(() => {}, { timeoutMs: 200 })).rejects.toMatchObject({ reason: "login_timeout" });
    const controller = new AbortController();
    await expect(login(() => controller.abort(), { signal: controller.signal })).rejects.toMatchObject({
      code: "aborted",
    });
    await expect(login(() => {}, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "aborted" });
  });

  it("survives a poll that fails", async () => {
    let polls = 0;
    const flaky = ((url: URL, init: RequestInit) => {
      if (String(url).endsWith("/deviceauth/token") && polls++ === 0)
        return Promise.reject(new TypeError("fetch failed"));
      return fetch(url, init);
    }) as typeof fetch;
    const credentials = await login((code) => simulator.decideDevice(code.userCode), { fetch: flaky });
    expect(credentials.accessToken).toBeDefined();
    expect(polls).toBe(2);
  });
});
