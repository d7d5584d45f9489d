import { expect, test } from "vitest";
import { type Client, start } from "./client.js";

async function control(client: Client, method: string, path: string, body?: unknown) {
  const reply = await fetch(`${client.sim.url}/__simulator/${path}`, {
    method,
    ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
  });
  return { status: reply.status, body: (await reply.json()) as Record<string, unknown> };
}

test("faults are put, kept and cleared over HTTP", async () => {
  const client = await start();
  expect((await control(client, "POST", "fault", { fault: "overloaded", times: 2 })).body).toEqual({ waiting: 2 });
  expect((await client.post()).status).toBe(503);
  expect((await control(client, "DELETE", "fault")).body).toEqual({ waiting: 0 });
  expect((await client.post()).status).toBe(200);
  await control(client, "POST", "fault", { fault: { status: 418 }, mode: "always" });
  expect((await client.post()).status).toBe(418);
  expect((await client.post()).status).toBe(418);
  await control(client, "DELETE", "fault?route=responses");
  expect((await client.post()).status).toBe(200);
});

test("a fault that cannot be read is a 400", async () => {
  const client = await start();
  expect((await control(client, "POST", "fault", {})).status).toBe(400);
  expect((await control(client, "POST", "fault", { fault: "made_up" })).status).toBe(400);
});

test("requests and numbers are told, the control surface's own not among them", async () => {
  const client = await start();
  await (await client.post()).text();
  await client.sim.idle();
  await client.refresh();
  const { requests } = (await control(client, "GET", "requests")).body as { requests: { path: string }[] };
  expect(requests.map(({ path }) => path)).toEqual(["/backend-api/codex/responses", "/oauth/token"]);
  const last = (await control(client, "GET", "requests?path=/oauth/token&last=1")).body as { requests: unknown[] };
  expect(last.requests).toHaveLength(1);
  expect((await control(client, "GET", "stats")).body).toEqual({
    activeResponses: 0,
    responses: 1,
    refreshes: 1,
    refreshAttempts: 1,
    disconnects: 0,
    requests: 2,
  });
  await control(client, "DELETE", "requests");
  expect(client.sim.requests).toHaveLength(0);
});

test("credentials are made over HTTP, and expired", async () => {
  const client = await start();
  const { body } = await control(client, "POST", "credentials", { plan: "pro", accountId: "acc" });
  const { credentials } = body as { credentials: { access_token: string } };
  expect(body.auth_json).toMatchObject({ auth_mode: "chatgpt", tokens: { account_id: "acc" } });
  const headers = { authorization: `Bearer ${credentials.access_token}`, "chatgpt-account-id": "acc" };
  const good = await client.post({}, headers);
  expect(good.headers.get("x-codex-plan-type")).toBe("pro");
  await good.text();
  await control(client, "POST", "expire");
  expect((await client.post({}, headers)).status).toBe(401);
});

test("questions are read and answered anew", async () => {
  const client = await start();
  expect((await control(client, "GET", "questions")).body).toMatchObject({ instructions: "required" });
  await control(client, "PATCH", "questions", { instructions: "optional" });
  const reply = await client.post({ instructions: undefined });
  expect(reply.status).toBe(200);
  await reply.text();
});

test("other control paths are a 404", async () => {
  const client = await start();
  expect((await control(client, "GET", "nothing")).status).toBe(404);
});
