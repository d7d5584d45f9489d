import { describe, expect, test } from "vitest";
import { clientId, start } from "../client.js";

function claims(jwt: string): Record<string, unknown> {
  const [, payload, signature] = jwt.split(".");
  expect(signature).toBeTruthy();
  return JSON.parse(Buffer.from(String(payload), "base64url").toString()) as Record<string, unknown>;
}

describe("issued credentials", () => {
  test("carry the claims that the Codex CLI reads", async () => {
    const now = 1_800_000_000_000;
    const { sim } = await start({ now: () => now });
    const issued = sim.issueCredentials({ email: "a@example.com", plan: "pro", accountId: "acc-1", fedramp: true });
    expect(issued.account_id).toBe("acc-1");
    const id = claims(issued.id_token);
    expect(id).toMatchObject({ email: "a@example.com", iat: now / 1000 });
    const auth = { chatgpt_account_id: "acc-1", chatgpt_plan_type: "pro", chatgpt_account_is_fedramp: true };
    expect(id["https://api.openai.com/auth"]).toMatchObject(auth);
    const access = claims(issued.access_token);
    expect(access).toMatchObject({ iat: now / 1000, exp: now / 1000 + 864_000 });
    expect(access["https://api.openai.com/auth"]).toMatchObject(auth);
  });

  test("can be expired from the start", async () => {
    const { sim } = await start();
    const { exp } = claims(sim.issueCredentials({ expiresIn: -10 }).access_token);
    expect(Number(exp)).toBeLessThan(Date.now() / 1000);
  });

  test("make an auth.json as the Codex CLI has it", async () => {
    const { sim } = await start({ now: () => 1_800_000_000_000 });
    const credentials = sim.issueCredentials();
    expect(sim.authJson(credentials)).toEqual({
      auth_mode: "chatgpt",
      OPENAI_API_KEY: null,
      tokens: credentials,
      last_refresh: "2027-01-15T08:00:00.000Z",
    });
  });
});

describe("a refresh", () => {
  test("gives new tokens, which work", async () => {
    const client = await start();
    const reply = await client.refresh();
    expect(reply.status).toBe(200);
    const tokens = (await reply.json()) as Record<string, string>;
    expect(tokens).toMatchObject({ token_type: "Bearer", expires_in: 864_000 });
    expect(tokens.access_token).not.toBe(client.credentials.access_token);
    const used = await client.post({}, { authorization: `Bearer ${tokens.access_token}` });
    expect(used.status).toBe(200);
    await used.text();
    expect(client.sim.refreshCount).toBe(1);
  });

  test("is refused the second time, and on strict ends the login", async () => {
    const client = await start({ profile: "strict" });
    const { refresh_token } = (await (await client.refresh()).json()) as { refresh_token: string };
    const again = await client.refresh();
    expect(again.status).toBe(401);
    expect(await again.json()).toEqual({
      error: {
        message:
          "Your refresh token has already been used to generate a new access token. Please try signing in again.",
        type: "invalid_request_error",
        param: null,
        code: "refresh_token_reused",
      },
    });
    const child = await client.refresh(refresh_token);
    expect(await child.json()).toMatchObject({ error: { code: "refresh_token_invalidated" } });
    expect(client.sim.refreshCount).toBe(1);
  });

  test("leaves the winner its login on genuine", async () => {
    const client = await start({ profile: "genuine" });
    const { refresh_token } = (await (await client.refresh()).json()) as { refresh_token: string };
    expect((await client.refresh()).status).toBe(401);
    expect((await client.refresh(refresh_token)).status).toBe(200);
  });

  test("gives the same tokens again within the grace period, and not after it", async () => {
    let now = 1_800_000_000_000;
    const client = await start({ now: () => now, questions: { refreshGraceSeconds: 30 } });
    const first = (await (await client.refresh()).json()) as { access_token: string };
    now += 29_000;
    expect(await (await client.refresh()).json()).toMatchObject({ access_token: first.access_token });
    now += 2_000;
    expect((await client.refresh()).status).toBe(401);
    expect(client.sim.refreshCount).toBe(1);
  });

  test("of an expired or unknown token says so", async () => {
    const client = await start();
    client.sim.expireRefreshTokens();
    expect(await (await client.refresh()).json()).toMatchObject({ error: { code: "refresh_token_expired" } });
    expect(await (await client.refresh("rt_other")).json()).toMatchObject({
      error: { code: "refresh_token_invalidated" },
    });
  });

  test("as a form is taken on genuine and refused on strict", async () => {
    for (const [profile, status] of [
      ["genuine", 200],
      ["strict", 400],
    ] as const) {
      const client = await start({ profile });
      const reply = await fetch(client.sim.tokenUrl, {
        method: "POST",
        body: new URLSearchParams({
          grant_type: "refresh_token",
          client_id: clientId,
          refresh_token: client.credentials.refresh_token,
        }),
      });
      expect(reply.status).toBe(status);
    }
  });

  test.each([
    [{ grant_type: "refresh_token", client_id: "other", refresh_token: "x" }, 401],
    [{ grant_type: "refresh_token", client_id: clientId }, 400],
    [{ grant_type: "password" }, 400],
    ["no object", 400],
  ])("that is malformed is refused: %j", async (body, status) => {
    const client = await start();
    const headers = { "content-type": "application/json" };
    const reply = await fetch(client.sim.tokenUrl, { method: "POST", headers, body: JSON.stringify(body) });
    expect(reply.status).toBe(status);
  });

  test("can make the access token before it invalid", async () => {
    const client = await start({ questions: { refreshInvalidatesAccess: true } });
    await client.refresh();
    expect(await (await client.post()).json()).toMatchObject({ error: { code: "token_invalidated" } });
  });
});

describe("a bearer token", () => {
  async function refusal(prepare: (client: Awaited<ReturnType<typeof start>>) => Record<string, string>) {
    const client = await start();
    const reply = await client.post({}, prepare(client));
    const text = await reply.text();
    return { status: reply.status, headers: reply.headers, text, body: JSON.parse(text) as unknown };
  }

  test("that is missing is refused", async () => {
    const client = await start();
    const reply = await fetch(`${client.sim.baseUrl}/responses`, { method: "POST", body: "{}" });
    expect(reply.status).toBe(401);
    expect(await reply.json()).toEqual({ detail: "Unauthorized" });
  });

  test("that is not one of ours is refused as the real service does", async () => {
    const { status, headers, text } = await refusal(() => ({ authorization: "Bearer nonsense" }));
    expect(status).toBe(401);
    expect(headers.get("content-type")).toContain("text/plain");
    expect(headers.get("x-openai-authorization-error")).toBe("401");
    expect(Buffer.from(headers.get("x-error-json") ?? "", "base64").toString()).toBe(text);
    expect(JSON.parse(text)).toMatchObject({ error: { code: "unauthorized_unknown", type: null }, status: 401 });
  });

  test("that has expired is refused", async () => {
    const { body } = await refusal(({ sim }) => {
      sim.expireAccessTokens();
      return {};
    });
    expect(body).toMatchObject({ error: { code: "token_expired" }, status: 401 });
  });

  test("that was invalidated, or whose login was revoked, is refused", async () => {
    const invalidated = await refusal(({ sim, credentials }) => {
      sim.invalidateAccessToken(credentials.access_token);
      return {};
    });
    expect(invalidated.body).toEqual({
      error: {
        message: "Your authentication token has been invalidated. Please try signing in again.",
        type: "invalid_request_error",
        code: "token_invalidated",
        param: null,
      },
      status: 401,
    });
    const revoked = await refusal(({ sim, credentials }) => {
      sim.revoke(credentials.refresh_token);
      return {};
    });
    expect(revoked.body).toEqual(invalidated.body);
  });

  test("must belong to the account that is named", async () => {
    const { status } = await refusal(() => ({ "chatgpt-account-id": "someone-else" }));
    expect(status).toBe(401);
  });

  test("may come from elsewhere where that is allowed", async () => {
    const other = await start();
    const client = await start({ questions: { bearer: "any-jwt" } });
    const reply = await client.post({}, { authorization: `Bearer ${other.credentials.access_token}` });
    expect(reply.status).toBe(200);
    await reply.text();
  });
});
