import { createServer, type Server } from "node:http";
import { chatDialect } from "@codex/provider";
import type { Simulator } from "@codex/simulator";
import { expect, it } from "vitest";
import { openClient } from "../open-client.js";

const outageMs = 45_000;

/** In real time, with the settings that people have: a backend that is gone for 45 s, and a caller every 250 ms. */
it.each(["refuses connections", "answers 503", "takes connections and says nothing"])(
  "has the first good answer at most 5 s after an outage of 45 s in which the backend %s",
  async (how) => {
    let simulator: Simulator | undefined;
    let isUp = false;
    let gate: Server | undefined;
    const open = () =>
      createServer((request, response) => {
        if (isUp) {
          const chunks: Buffer[] = [];
          request.on("data", (chunk) => chunks.push(chunk));
          request.on("end", async () => {
            const headers = request.headers as Record<string, string>;
            const url = new URL(request.url ?? "/", simulator?.baseUrl);
            const method = request.method ?? "GET";
            const body = method === "GET" ? null : Buffer.concat(chunks);
            const { host: _host, connection: _connection, "content-length": _length, ...rest } = headers;
            const answer = await fetch(url, { method, headers: rest, body });
            response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "text/plain" });
            response.end(Buffer.from(await answer.arrayBuffer()));
          });
        } else if (how === "answers 503") response.writeHead(503).end();
      });
    // Below the ports that systems hand out: while nobody listens on it, nobody else gets it.
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const listen = () =>
      new Promise<void>((resolve, reject) => {
        gate = open().on("error", reject);
        gate.listen(port, "127.0.0.1", resolve);
      });
    if (how !== "refuses connections") await listen();
    const { send, sim } = await openClient({
      baseUrl: `http://127.0.0.1:${port}/backend-api/codex`,
      backoff: {},
      timeLimits: { headersMs: 5000 },
    });
    simulator = sim;
    const seen: { status: number; at: number }[] = [];
    const body = { model: "gpt-6-sol", messages: [{ role: "user", content: "Hello" }] };
    const caller = setInterval(async () => {
      const { status } = await send(chatDialect, body);
      seen.push({ status, at: performance.now() });
    }, 250);
    await new Promise((resolve) => setTimeout(resolve, outageMs));
    isUp = true;
    if (gate === undefined) await listen();
    const upAt = performance.now();
    await expect.poll(() => seen.some(({ status }) => status === 200), { timeout: 60_000 }).toBe(true);
    clearInterval(caller);
    const late = (seen.find(({ status }) => status === 200)?.at ?? 0) - upAt;
    process.stdout.write(`${how}: the first good answer ${Math.round(late)} ms after the outage\n`);
    expect(late).toBeLessThan(5000);
    gate?.closeAllConnections();
    gate?.close();
  },
  150_000,
);
