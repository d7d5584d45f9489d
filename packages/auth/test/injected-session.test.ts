import { createEnvironmentSession, createInjectedSession } from "@codex/auth";
import { describe, expect, it } from "vitest";
import { canary, makeToken } from "./issuer.js";

describe("createEnvironmentSession", () => {
  it("gives the bare token with what it says, and tells its status", async () => {
    const session = createEnvironmentSession({ accessToken: ` ${makeToken({ fedramp: true })}\n` });
    expect(await session.current()).toMatchObject({ accountId: "account-1", isFedramp: true, planType: "plus" });
    expect(await session.reread()).toBe(await session.current());
    const status = await session.status();
    expect(status).toMatchObject({ state: "signed_in", store: "environment", location: "CODEX_ACCESS_TOKEN" });
    expect(JSON.stringify(status)).not.toContain(canary);
  });

  it("takes an opaque token, with the account that the caller knows", async () => {
    const session = createEnvironmentSession({ accessToken: "at-opaque", accountId: "account-7" });
    expect(await session.current()).toMatchObject({ accessToken: "at-opaque", accountId: "account-7" });
  });

  it("cannot renew: a refused or expired token is an error that says what to do", async () => {
    const session = createEnvironmentSession({ accessToken: makeToken() });
    await expect(session.refresh(await session.current())).rejects.toMatchObject({
      code: "auth_expired",
      message: expect.stringContaining("Set CODEX_ACCESS_TOKEN"),
    });
    const expired = createEnvironmentSession({ accessToken: makeToken({ lifetime: -1 }) });
    await expect(expired.current()).rejects.toMatchObject({ code: "auth_expired" });
    expect(await expired.status()).toMatchObject({ state: "expired" });
  });

  it("refuses what is no token, without repeating it", async () => {
    const session = createEnvironmentSession({ accessToken: `${canary} two words` });
    const error = await session.current().catch((e: unknown) => e as Error);
    expect(error).toMatchObject({ code: "auth_missing" });
    expect(String(error)).not.toContain(canary);
    expect(await session.status()).toMatchObject({ state: "broken" });
  });
});

describe("createInjectedSession", () => {
  it("asks once for all callers, again near the end, and again when the backend refuses", async () => {
    let now = Date.now();
    const asked: (string | undefined)[] = [];
    const given: string[] = [];
    const session = createInjectedSession({
      getAccessToken: async ({ rejected }) => {
        asked.push(rejected?.accessToken);
        const token = makeToken({ now, lifetime: 600 });
        given.push(token);
        return token;
      },
      location: "the vault",
      hint: "Ask the vault.",
      now: () => now,
    });
    const changes: unknown[] = [];
    const stop = session.onChange((context) => changes.push(context?.accessToken));
    const all = await Promise.all(Array.from({ length: 20 }, () => session.current()));
    expect(new Set(all.map((c) => c.accessToken))).toEqual(new Set([given[0]]));
    now += 545_000;
    expect((await session.current()).accessToken).toBe(given[1]);
    const third = await session.refresh(await session.current());
    expect(third.accessToken).toBe(given[2]);
    expect(asked).toEqual([undefined, undefined, given[1]]);
    expect(changes).toEqual(given);
    stop();
    await session.refresh(third);
    expect(changes).toHaveLength(3);
  });

  it("asks again for a token that is refused while it is being asked for, and survives a listener that throws", async () => {
    const asked: (string | undefined)[] = [];
    const tokens = [makeToken(), makeToken()];
    let given = tokens[0] as string;
    const session = createInjectedSession({
      getAccessToken: async ({ rejected }) => {
        asked.push(rejected?.accessToken);
        if (rejected !== undefined) given = tokens[1] as string;
        return given;
      },
      location: "the vault",
      hint: "Ask the vault.",
    });
    session.onChange(() => {
      throw new Error("a listener's own trouble");
    });
    const rejected = await session.current();
    const [reread, ...refreshed] = await Promise.all([
      session.reread(),
      ...Array.from({ length: 5 }, () => session.refresh(rejected)),
    ]);
    expect(reread?.accessToken).toBe(tokens[0]);
    expect(new Set(refreshed.map((context) => context.accessToken))).toEqual(new Set([tokens[1]]));
    expect(asked).toEqual([undefined, undefined, tokens[0]]);
  });

  it("passes on what the source throws", async () => {
    const session = createInjectedSession({
      getAccessToken: () => Promise.reject(new Error("vault is sealed")),
      location: "the vault",
      hint: "Unseal it.",
    });
    await expect(session.current()).rejects.toThrow("vault is sealed");
    expect(await session.status()).toMatchObject({ state: "broken" });
    await expect(session.current(AbortSignal.abort())).rejects.toMatchObject({ code: "aborted" });
  });
});
