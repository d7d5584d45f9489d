import { connect, type Socket } from "node:net";
import type { Fault, FaultLike } from "@codex/simulator";
import { describe, expect, test } from "vitest";
import { type Client, parseEvents, request, start, textOf, types } from "./client.js";

/** Speaks HTTP by hand, to see how the bytes come and how the connection ends. */
async function raw(client: Client, prompt = "hi"): Promise<{ chunks: string[]; text: string; ended: "end" | "reset" }> {
  const { port, hostname } = new URL(client.sim.url);
  const socket: Socket = connect(Number(port), hostname);
  const body = JSON.stringify(request({ input: [{ role: "user", content: prompt }] }));
  const headers = {
    ...client.headers(),
    host: "x",
    connection: "close",
    "content-length": String(Buffer.byteLength(body)),
  };
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const chunks: string[] = [];
  return new Promise((resolve) => {
    socket.on("data", (chunk) => chunks.push(chunk.toString("latin1")));
    const finish = (ended: "end" | "reset") => resolve({ chunks, text: chunks.join(""), ended });
    socket.once("end", () => finish("end"));
    socket.once("error", () => finish("reset"));
    socket.write(`POST /backend-api/codex/responses HTTP/1.1\r\n${head.join("")}\r\n${body}`);
  });
}

function countEvents(text: string): number {
  return text.split("event: ").length - 1;
}

describe("an error by name", () => {
  test.each([
    ["instructions_not_valid", 400, '"Instructions are not valid"'],
    ["instructions_required", 400, '"Instructions are required"'],
    ["invalid_image", 400, "does not represent a valid image"],
    ["cyber_policy", 400, '"cyber_policy"'],
    ["context_length_exceeded", 400, '"context_length_exceeded"'],
    ["unauthorized", 401, '{"detail":"Unauthorized"}'],
    ["token_expired", 401, '"token_expired"'],
    ["token_invalidated", 401, '"token_invalidated"'],
    ["token_unparsable", 401, '"unauthorized_unknown"'],
    ["deactivated_workspace", 402, '{"detail":{"code":"deactivated_workspace"}}'],
    ["forbidden", 403, "Forbidden"],
    ["cloudflare", 403, "<title>Attention Required! | Cloudflare</title>"],
    ["cloudflare_challenge", 403, "Just a moment"],
    ["not_found", 404, "Not Found"],
    ["usage_limit_as_404", 404, "usage_limit_reached"],
    ["too_large", 413, "too large"],
    ["usage_limit", 429, '"type":"usage_limit_reached"'],
    ["usage_not_included", 429, '"usage_not_included"'],
    ["rate_limited", 429, "Please try again in"],
    ["server_error", 500, '"server_error"'],
    ["bad_gateway", 502, "<html"],
    ["overloaded", 503, '"server_is_overloaded"'],
    ["slow_down", 503, '"slow_down"'],
    ["gateway_timeout", 504, "<html"],
  ] as const)("%s is a %i", async (name, status, text) => {
    const client = await start();
    client.sim.faults.next(name);
    const reply = await client.post();
    expect(reply.status).toBe(status);
    expect(await reply.text()).toContain(text);
    expect((await client.post()).status).toBe(200);
  });

  test("a usage limit says when it ends, in body and headers", async () => {
    const client = await start({ now: () => 1_800_000_000_000, account: { plan: "pro" } });
    client.sim.faults.next("usage_limit");
    const reply = await client.post();
    expect(await reply.json()).toEqual({
      error: {
        type: "usage_limit_reached",
        message: "The usage limit has been reached",
        plan_type: "pro",
        resets_at: 1_800_013_872,
        eligible_promo: null,
        resets_in_seconds: 13_872,
      },
    });
    expect(reply.headers.get("x-codex-primary-reset-at")).toBe("1800013872");
    expect(reply.headers.get("x-codex-rate-limit-reached-type")).toBe("rate_limit_reached");
  });

  test("that nobody knows is refused at once", async () => {
    const { sim } = await start();
    expect(() => sim.faults.next("made_up" as FaultLike)).toThrow(TypeError);
  });
});

describe("the queue", () => {
  test("is used up in order, then what always holds applies, until cleared", async () => {
    const { sim, ...client } = await start();
    const post = async () =>
      (await new Promise<Response>((resolve) => resolve(fetchStatus(sim.baseUrl, client)))).status;
    sim.faults.next("server_error", 2);
    sim.faults.next({ status: 418, body: "teapot", headers: { "x-tea": "yes" } });
    const off = sim.faults.always("overloaded");
    expect([await post(), await post(), await post(), await post(), await post()]).toEqual([500, 500, 418, 503, 503]);
    off();
    expect(await post()).toBe(200);
    sim.faults.always("overloaded");
    sim.faults.clear();
    expect(await post()).toBe(200);
  });

  test("keeps a fault of the stream for a request that is good", async () => {
    const client = await start();
    client.sim.faults.next("failed:server_is_overloaded");
    expect((await client.post({ temperature: 1 })).status).toBe(400);
    expect(client.sim.faults.waiting).toBe(1);
    expect((await client.events()).at(-1)?.type).toBe("response.failed");
  });

  test("keeps routes apart", async () => {
    const client = await start();
    client.sim.faults.next({ route: "models", status: 500 });
    expect((await client.post()).status).toBe(200);
    expect((await client.get("/backend-api/codex/models?client_version=0.171.0")).status).toBe(500);
    client.sim.faults.next({ route: "usage", error: "cloudflare" });
    expect((await client.get("/backend-api/wham/usage")).status).toBe(403);
    client.sim.faults.next({ route: "accounts", error: "server_error" });
    expect((await client.get("/backend-api/wham/accounts/check")).status).toBe(500);
  });
});

function fetchStatus(baseUrl: string, client: { credentials: Client["credentials"] }): Promise<Response> {
  const { access_token, account_id } = client.credentials;
  const headers = { authorization: `Bearer ${access_token}`, "chatgpt-account-id": account_id, version: "0.171.0" };
  return fetch(`${baseUrl}/responses`, { method: "POST", headers, body: JSON.stringify(request()) });
}

describe("a failure inside a 200", () => {
  test("comes before any output", async () => {
    const client = await start();
    client.sim.faults.next({ failed: "server_is_overloaded" });
    const events = await client.events();
    expect(types(events)).toEqual(["codex.rate_limits", "response.created", "response.in_progress", "response.failed"]);
    expect(events.at(-1)?.response).toMatchObject({
      status: "failed",
      error: { code: "server_is_overloaded", message: "Our servers are currently overloaded. Please try again later." },
    });
  });

  test("comes after the first output, or after so many events", async () => {
    const client = await start();
    client.sim.faults.next({ failed: { code: "rate_limit_exceeded", message: "Wait 3s." }, failedAt: "output" });
    const late = await client.events();
    expect(types(late).filter((type) => type === "response.output_text.delta")).toHaveLength(1);
    expect(late.at(-1)?.response).toMatchObject({ error: { code: "rate_limit_exceeded", message: "Wait 3s." } });
    client.sim.faults.next({ failed: "x", failedAt: 2 });
    expect(await client.events()).toHaveLength(3);
  });

  test("comes with error events of both shapes, or as nothing else", async () => {
    const client = await start();
    const last = async (errorEvent: NonNullable<Fault["errorEvent"]>) => {
      client.sim.faults.next({ failed: "slow_down", errorEvent });
      return (await client.events()).slice(3);
    };
    expect(types(await last("wrapped"))).toEqual(["error", "response.failed"]);
    expect((await last("wrapped-alone"))[0]).toMatchObject({
      type: "error",
      error: { code: "slow_down", param: null },
    });
    expect(await last("top-level-alone")).toMatchObject([{ type: "error", code: "slow_down" }]);
  });

  test("ends incomplete", async () => {
    const client = await start();
    client.sim.faults.next({ incomplete: "max_output_tokens" });
    const events = await client.events();
    expect(textOf(events)).not.toBe("");
    expect(events.at(-1)).toMatchObject({
      type: "response.incomplete",
      response: { status: "incomplete", incomplete_details: { reason: "max_output_tokens" } },
    });
  });
});

describe("a connection", () => {
  test("is cut before the headers, after them, after events, in the middle of one", async () => {
    const client = await start();
    client.sim.faults.next({ cut: "before-headers" });
    expect((await raw(client)).text).toBe("");
    client.sim.faults.next({ cut: "after-headers" });
    const bare = await raw(client);
    expect(bare.text).toMatch(/^HTTP\/1.1 200/);
    expect(countEvents(bare.text)).toBe(0);
    client.sim.faults.next({ cut: 4 });
    const some = await raw(client);
    expect(countEvents(some.text)).toBe(4);
    expect(some.text).not.toContain("\r\n0\r\n");
    client.sim.faults.next({ cut: 4, midEvent: true });
    const half = await raw(client);
    expect(countEvents(half.text)).toBe(5);
    expect(half.text.length).toBeGreaterThan(some.text.length);
  });

  test("ends properly without response.completed", async () => {
    const client = await start();
    client.sim.faults.next({ cut: 5, endProperly: true });
    const events = parseEvents(await (await client.post()).text());
    expect(events).toHaveLength(5);
  });

  test("is reset", async () => {
    const client = await start();
    client.sim.faults.next({ cut: "before-headers", reset: true });
    expect((await raw(client)).ended).toBe("reset");
    client.sim.faults.next({ cut: 3, reset: true });
    expect((await raw(client)).ended).toBe("reset");
  });

  test("falls silent, and goes on", async () => {
    const client = await start();
    for (const stall of ["before-headers", "after-headers", 3] as const) {
      client.sim.faults.next({ stall, stallMs: 30 });
      const before = performance.now();
      expect(textOf(await client.events())).toContain("You said: hi");
      expect(performance.now() - before).toBeGreaterThan(25);
    }
  });

  test("falls silent for ever, until the client goes", async () => {
    const client = await start();
    for (const stall of ["before-headers", "after-headers"] as const) {
      client.sim.faults.next({ stall });
      const stop = new AbortController();
      const open = client.sim.waitFor("request");
      const left = client.sim.waitFor("disconnect");
      const reply = client.post({}, {}, stop.signal).then((r) => r.text());
      await open;
      stop.abort();
      await expect(reply).rejects.toThrow();
      await left;
      expect(client.sim.activeResponses).toBe(0);
    }
  });
});

describe("the bytes", () => {
  test.each([1, 7, 100])("come in pieces of %i, and are the same", async (split) => {
    const client = await start({ now: () => 1_800_000_000_000 });
    const prompt = "äöü 😀";
    const whole = await client.say(prompt);
    client.sim.faults.next({ split });
    expect(await client.say(prompt)).toEqual(whole);
  });

  test("come each in its own write", async () => {
    const client = await start();
    client.sim.faults.next({ split: 1, cut: 1 });
    const { text } = await raw(client);
    expect(text.match(/\r\n1\r\n/g)?.length).toBeGreaterThan(100);
  });

  test("come slowly", async () => {
    const client = await start();
    client.sim.faults.next({ slowMs: 4 });
    const before = performance.now();
    const events = await client.events();
    expect(performance.now() - before).toBeGreaterThan(events.length * 3);
  });

  test("come with garbage, with a huge event, with unknown types, with another content type", async () => {
    const client = await start();
    client.sim.faults.next({ garbage: true });
    const garbage = await (await client.post()).text();
    expect(garbage).toContain("data: {not json\n\n");
    expect(garbage).toContain(": a comment\n\n");
    expect(garbage).toContain("event: response.completed\n");
    client.sim.faults.next({ hugeBytes: 300_000 });
    expect((await (await client.post()).text()).length).toBeGreaterThan(300_000);
    client.sim.faults.next({ unknown: true });
    const unknown = types(await client.events());
    expect(unknown).toContain("response.simulated_future_event");
    expect(unknown).toContain("response.simulated_future_call.progress");
    client.sim.faults.next({ contentType: "text/plain" });
    const reply = await client.post();
    expect(reply.headers.get("content-type")).toBe("text/plain");
    await reply.text();
  });
});

describe("the token route", () => {
  test.each([
    [{ status: 400, body: { error: "invalid_grant" } }, 400],
    [{ status: 401, body: { error: { code: "refresh_token_expired" } } }, 401],
    [{ status: 429 }, 429],
    [{ error: "server_error" }, 500],
    [{ error: "cloudflare" }, 403],
  ] as const)("answers %j instead, without spending the token", async (fault, status) => {
    const client = await start();
    client.sim.faults.next({ route: "token", ...fault });
    expect((await client.refresh()).status).toBe(status);
    expect((await client.refresh()).status).toBe(200);
  });

  test("leaves fields out", async () => {
    const client = await start();
    client.sim.faults.next({ route: "token", omit: ["refresh_token", "id_token"] });
    const body = (await (await client.refresh()).json()) as object;
    expect(Object.keys(body)).toEqual(["access_token", "token_type", "expires_in", "scope"]);
  });

  test("answers with what is not JSON, and halfway", async () => {
    const client = await start();
    client.sim.faults.next({ route: "token", garbage: true });
    await expect((await client.refresh()).json()).rejects.toThrow();
    const again = await start();
    again.sim.faults.next({ route: "token", cut: 1 });
    await expect(again.refresh().then((reply) => reply.text())).rejects.toThrow();
    expect(again.sim.refreshCount).toBe(1);
  });

  test.each([{ cut: "before-headers" }, { cut: "before-headers", reset: true }, { status: 500 }] as const)(
    "spends the token and loses the answer: %j",
    async (fault) => {
      const client = await start();
      client.sim.faults.next({ route: "token", afterRotation: true, ...fault });
      const reply = await client.refresh().catch(() => undefined);
      expect(reply?.ok ?? false).toBe(false);
      expect(client.sim.refreshCount).toBe(1);
      expect(await (await client.refresh()).json()).toMatchObject({ error: { code: "refresh_token_reused" } });
    },
  );

  test("never answers", async () => {
    const client = await start();
    client.sim.faults.next({ route: "token", stall: "before-headers" });
    const left = client.sim.waitFor("disconnect");
    await expect(
      fetch(client.sim.tokenUrl, { method: "POST", body: "{}", signal: AbortSignal.timeout(50) }),
    ).rejects.toThrow();
    await left;
    expect(client.sim.refreshCount).toBe(0);
  });
});
