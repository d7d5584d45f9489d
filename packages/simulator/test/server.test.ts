import { request as httpRequest } from "node:http";
import { gzipSync } from "node:zlib";
import { createSimulator } from "@codex/simulator";
import { describe, expect, test } from "vitest";
import { parseEvents, request, start, textOf, user } from "./client.js";

describe("the server", () => {
  test("says where it is and listens on loopback", async () => {
    const { sim } = await start();
    expect(sim.url).toBe(`http://127.0.0.1:${sim.port}`);
    expect(sim.baseUrl).toBe(`${sim.url}/backend-api/codex`);
    expect(sim.tokenUrl).toBe(`${sim.url}/oauth/token`);
  });

  test("rejects when its port is taken", async () => {
    const { sim } = await start();
    await expect(createSimulator({ port: sim.port })).rejects.toThrow(/EADDRINUSE/);
  });

  test("answers unknown paths with a plain 404", async () => {
    const client = await start();
    const reply = await client.get("/backend-api/wham/settings/user");
    expect(reply.status).toBe(404);
    expect(await reply.json()).toEqual({ detail: "Not Found" });
  });

  test("answers a GET on /responses with 405", async () => {
    const client = await start();
    const reply = await client.get("/backend-api/codex/responses");
    expect(reply.status).toBe(405);
    expect(reply.headers.get("allow")).toBe("POST");
  });

  test("refuses a WebSocket on /responses with 426", async () => {
    const { sim } = await start();
    const status = await new Promise((resolve, reject) => {
      const headers = {
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "AAAA",
      };
      httpRequest(`${sim.baseUrl}/responses`, { headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .once("error", reject)
        .end();
    });
    expect(status).toBe(426);
    expect(sim.requests.at(-1)).toMatchObject({ method: "GET", upgrade: true, status: 426 });
  });

  test("keeps what came in, with its account and status", async () => {
    const client = await start({ now: () => 1_700_000_000_000 });
    await (await client.post({}, { "session-id": "s1" })).text();
    expect(client.sim.requests).toHaveLength(1);
    expect(client.sim.requests[0]).toMatchObject({
      method: "POST",
      path: "/backend-api/codex/responses",
      body: request(),
      account: client.credentials.account_id,
      at: 1_700_000_000_000,
      status: 200,
    });
    expect(client.sim.requests[0]?.headers["session-id"]).toBe("s1");
  });

  test("counts open responses, says when a client leaves, and becomes idle", async () => {
    const client = await start();
    client.sim.faults.next({ stall: 3 });
    const stop = new AbortController();
    const left = client.sim.waitFor("disconnect");
    const reply = await client.post({}, { "accept-encoding": "identity" }, stop.signal);
    expect(reply.status).toBe(200);
    expect(client.sim.activeResponses).toBe(1);
    stop.abort();
    await expect(left).resolves.toMatchObject({ path: "/backend-api/codex/responses", eventsSent: 3 });
    await client.sim.idle();
    expect(client.sim.activeResponses).toBe(0);
    expect(client.sim.stats.disconnects).toBe(1);
  });

  test("does not take its own cuts for a client that left", async () => {
    const client = await start();
    client.sim.faults.next({ cut: 2 });
    const ended = client.sim.waitFor("answered");
    await expect(client.post().then((reply) => reply.text())).rejects.toThrow();
    await ended;
    expect(client.sim.stats.disconnects).toBe(0);
  });

  test("closes with streams still open", async () => {
    const sim = await createSimulator();
    const { access_token, account_id } = sim.issueCredentials();
    sim.faults.next({ stall: 2 });
    const reply = await fetch(`${sim.baseUrl}/responses`, {
      method: "POST",
      headers: { authorization: `Bearer ${access_token}`, "chatgpt-account-id": account_id, version: "0.171.0" },
      body: JSON.stringify(request()),
    });
    const read = reply.text();
    await sim.close();
    await expect(read).rejects.toThrow();
  });
});

describe("request bodies", () => {
  async function postBytes(body: Uint8Array, encoding: string) {
    const client = await start();
    const headers = client.headers({ "content-encoding": encoding });
    return fetch(`${client.sim.baseUrl}/responses`, { method: "POST", headers, body: Buffer.from(body) });
  }

  test("are taken compressed with gzip", async () => {
    const reply = await postBytes(gzipSync(JSON.stringify(request({ input: [user("zipped")] }))), "gzip");
    expect(textOf(parseEvents(await reply.text()))).toContain("You said: zipped");
  });

  test("are taken compressed with zstd", async () => {
    // A zstd frame with one raw block: magic, header (single segment, 4-byte size), block header, bytes.
    const text = Buffer.from(JSON.stringify(request({ input: [user("zstandard")] })));
    const frame = Buffer.alloc(12);
    frame.writeUInt32LE(0xfd2fb528, 0);
    frame.writeUInt8(0xa0, 4);
    frame.writeUInt32LE(text.length, 5);
    frame.writeUIntLE((text.length << 3) | 1, 9, 3);
    const reply = await postBytes(Buffer.concat([frame, text]), "zstd");
    expect(textOf(parseEvents(await reply.text()))).toContain("You said: zstandard");
  });

  test.each([
    ["gzip", 400],
    ["zstd", 400],
    ["deflate", 400],
    ["made-up", 415],
  ])("that are not what their encoding %s says are refused with %i", async (encoding, status) => {
    expect((await postBytes(Buffer.from("plain"), encoding)).status).toBe(status);
  });

  test("above 64 MiB are refused with 413, also when they unpack to that", async () => {
    const client = await start();
    const big = Buffer.alloc(65 * 1024 * 1024, 32);
    const reply = await fetch(`${client.sim.baseUrl}/responses`, {
      method: "POST",
      headers: client.headers({ "content-encoding": "gzip" }),
      body: gzipSync(big, { level: 1 }),
    });
    expect(reply.status).toBe(413);
    const announced = await new Promise((resolve, reject) => {
      const headers = client.headers({ "content-length": String(big.length) });
      const sent = httpRequest(`${client.sim.baseUrl}/responses`, { method: "POST", headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      sent.once("error", reject);
      sent.flushHeaders();
    });
    expect(announced).toBe(413);
  });
});
