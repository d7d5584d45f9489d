import { createHash, randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { type Client, clientId, start } from "../client.js";

const verifier = randomBytes(64).toString("base64url");
const challenge = createHash("sha256").update(verifier).digest("base64url");
const redirect_uri = "http://localhost:1455/auth/callback";

function query(more: Record<string, string> = {}): Record<string, string> {
  return {
    response_type: "code",
    client_id: clientId,
    redirect_uri,
    scope: "openid profile email offline_access",
    code_challenge: challenge,
    code_challenge_method: "S256",
    state: "state-1",
    originator: '<b>"quoted"</b>',
    ...more,
  };
}

function submit(client: Client, fields: Record<string, string>, path = "/oauth/authorize") {
  return fetch(`${client.sim.url}${path}`, { method: "POST", body: new URLSearchParams(fields), redirect: "manual" });
}

async function getCode(client: Client): Promise<string> {
  const reply = await submit(client, { ...query(), decision: "continue" });
  return new URL(reply.headers.get("location") ?? "").searchParams.get("code") ?? "";
}

function exchange(client: Client, fields: Record<string, string>) {
  const form = {
    grant_type: "authorization_code",
    client_id: clientId,
    redirect_uri,
    code_verifier: verifier,
    ...fields,
  };
  return fetch(client.sim.tokenUrl, { method: "POST", body: new URLSearchParams(form) });
}

describe("the authorize page", () => {
  test("asks, with everything from the query escaped", async () => {
    const client = await start();
    const reply = await fetch(`${client.sim.url}/oauth/authorize?${new URLSearchParams(query())}`);
    expect(reply.status).toBe(200);
    const html = await reply.text();
    expect(html).toContain("Continue");
    expect(html).toContain("Deny");
    expect(html).not.toContain("<b>");
  });

  test.each([
    ["client_id", "other"],
    ["redirect_uri", "https://evil.example/callback"],
    ["redirect_uri", "http://localhost:4000/auth/callback"],
    ["response_type", "token"],
    ["code_challenge_method", "plain"],
    ["code_challenge", "short"],
    ["state", ""],
    ["scope", "profile"],
  ])("refuses a wrong %s", async (name, value) => {
    const client = await start();
    const bad = query({ [name]: value });
    expect((await fetch(`${client.sim.url}/oauth/authorize?${new URLSearchParams(bad)}`)).status).toBe(400);
    expect((await submit(client, { ...bad, decision: "continue" })).status).toBe(400);
  });

  test("takes any loopback port where that is allowed", async () => {
    const client = await start({ questions: { redirectUris: "loopback" } });
    const elsewhere = query({ redirect_uri: "http://127.0.0.1:4000/cb" });
    expect((await fetch(`${client.sim.url}/oauth/authorize?${new URLSearchParams(elsewhere)}`)).status).toBe(200);
  });

  test("sends a refusal back to the program", async () => {
    const client = await start();
    const reply = await submit(client, { ...query(), decision: "deny" });
    const location = new URL(reply.headers.get("location") ?? "");
    expect(location.origin + location.pathname).toBe(redirect_uri);
    expect(location.searchParams.get("error")).toBe("access_denied");
    expect(location.searchParams.get("state")).toBe("state-1");
  });

  test("gives a code that becomes tokens once", async () => {
    const client = await start();
    const code = await getCode(client);
    const first = await exchange(client, { code });
    expect(first.status).toBe(200);
    const tokens = (await first.json()) as Record<string, string>;
    const used = await client.post({}, { authorization: `Bearer ${tokens.access_token}` });
    expect(used.status).toBe(200);
    await used.text();
    expect(await (await exchange(client, { code })).json()).toMatchObject({ error: "invalid_grant" });
  });

  test.each([
    ["code_verifier", "wrong"],
    ["redirect_uri", "http://localhost:1457/auth/callback"],
  ])("a code is not exchanged with another %s", async (name, value) => {
    const client = await start();
    const reply = await exchange(client, { code: await getCode(client), [name]: value });
    expect(reply.status).toBe(400);
    expect(await reply.json()).toMatchObject({ error: "invalid_grant" });
  });

  test("a code is good for ten minutes", async () => {
    let now = 1_800_000_000_000;
    const client = await start({ now: () => now });
    const code = await getCode(client);
    now += 10 * 60_000;
    expect((await exchange(client, { code })).status).toBe(400);
  });
});

describe("a login by device code", () => {
  const json = (client: Client, path: string, body: object) =>
    fetch(`${client.sim.url}/api/accounts/deviceauth/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });

  async function begin(client: Client) {
    const reply = await json(client, "usercode", { client_id: clientId });
    return (await reply.json()) as { device_auth_id: string; user_code: string; interval: string };
  }

  test.each([
    ["genuine", 403],
    ["strict", 404],
  ] as const)("waits, is approved and exchanged on %s", async (profile, pending) => {
    const client = await start({ profile, deviceIntervalSeconds: 2 });
    const { interval, ...codes } = await begin(client);
    expect(interval).toBe("2");
    expect((await json(client, "token", codes)).status).toBe(pending);
    const page = await (await fetch(`${client.sim.url}/codex/device`)).text();
    expect(page).toContain('name="user_code"');
    const typed = codes.user_code.toLowerCase().replace("-", " ");
    expect((await submit(client, { user_code: typed, decision: "continue" }, "/codex/device")).status).toBe(200);
    const approved = (await (await json(client, "token", codes)).json()) as Record<string, string>;
    expect(
      createHash("sha256")
        .update(approved.code_verifier ?? "")
        .digest("base64url"),
    ).toBe(approved.code_challenge);
    const tokens = await exchange(client, {
      code: approved.authorization_code ?? "",
      code_verifier: approved.code_verifier ?? "",
      redirect_uri: `${client.sim.issuerUrl}/deviceauth/callback`,
    });
    expect(tokens.status).toBe(200);
  });

  test("is refused, expires, and is unknown", async () => {
    let now = 1_800_000_000_000;
    const client = await start({ now: () => now });
    const refused = await begin(client);
    expect(client.sim.decideDevice(refused.user_code, "deny")).toBe(true);
    expect((await json(client, "token", refused)).status).toBe(401);
    const late = await begin(client);
    now += 15 * 60_000;
    expect((await json(client, "token", late)).status).toBe(410);
    expect((await json(client, "token", { device_auth_id: "x", user_code: "y" })).status).toBe(400);
    expect(client.sim.decideDevice("ZZZZ-00000")).toBe(false);
  });

  test("can be switched off", async () => {
    const client = await start({ questions: { deviceLogin: false } });
    expect((await json(client, "usercode", { client_id: clientId })).status).toBe(404);
  });
});

test("a revoked login cannot be refreshed", async () => {
  const client = await start();
  const body = { token: client.credentials.refresh_token, token_type_hint: "refresh_token", client_id: clientId };
  const headers = { "content-type": "application/json" };
  const reply = await fetch(`${client.sim.url}/oauth/revoke`, { method: "POST", headers, body: JSON.stringify(body) });
  expect(reply.status).toBe(200);
  expect(await (await client.refresh()).json()).toMatchObject({ error: { code: "refresh_token_invalidated" } });
  expect((await client.post()).status).toBe(401);
});
