import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import net from "node:net";
import {
  createFetchTransport,
  createTransport,
  readText,
  type Transport,
  type TransportOptions,
} from "@codex/transport";
import { afterEach, describe, expect, it } from "vitest";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function serve(handler: http.RequestListener): Promise<string> {
  const server = http.createServer(handler).listen(0, "127.0.0.1");
  await once(server, "listening");
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/responses?x=1`;
}

type Create = (options?: TransportOptions) => Transport;

function opening(create: Create): Create {
  return (options) => {
    const created = create(options);
    closers.push(() => created.close());
    return created;
  };
}

const transport = opening(createTransport);

/** Both keep the same promises. */
const transports: [name: string, create: Create][] = [
  ["over connections of our own", transport],
  ["over a given fetch", opening((options) => createFetchTransport({ fetch, ...options }))],
];

const never = new AbortController().signal;
const request = (url: string) => ({ url, headers: { "x-test": "1" }, body: '{"a":"ä"}' });

/** A promise and the function that settles it. */
function gate<T = void>() {
  let open!: (value: T) => void;
  const opened = new Promise<T>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

describe.each(transports)("post %s", (_name, transport) => {
  it("sends one request and gives status, headers and body", async () => {
    const seen = gate<{ method?: string; url?: string; header: unknown; body: string }>();
    const url = await serve(async (req, res) => {
      let body = "";
      for await (const chunk of req.setEncoding("utf8")) body += chunk;
      seen.open({ method: req.method as string, url: req.url as string, header: req.headers["x-test"], body });
      res.writeHead(429, { "X-Request-Id": "r1", "set-cookie": ["a=1", "b=2"] }).end("slow down");
    });
    const response = await transport().post(request(url), never);
    expect(response.status).toBe(429);
    expect(response.headers).toMatchObject({ "x-request-id": "r1", "set-cookie": "a=1, b=2" });
    expect(await readText(response.body)).toBe("slow down");
    expect(await seen.opened).toEqual({ method: "POST", url: "/responses?x=1", header: "1", body: '{"a":"ä"}' });
  });

  it("does not follow redirects", async () => {
    const url = await serve((_req, res) => res.writeHead(307, { location: "/elsewhere" }).end());
    expect((await transport().post(request(url), never)).status).toBe(307);
  });

  it("holds the sender back while nobody reads, and loses nothing", async () => {
    const total = 32 * 1024 * 1024;
    const piece = Buffer.alloc(64 * 1024, "x");
    let sent = 0;
    const stalled = gate();
    const url = await serve((_req, res) => {
      const fill = () => {
        while (sent < total) {
          sent += piece.length;
          if (!res.write(piece)) {
            const timer = setTimeout(stalled.open, 300);
            res.once("drain", () => {
              clearTimeout(timer);
              fill();
            });
            return;
          }
        }
        res.end();
      };
      fill();
    });
    const { body } = await transport().post(request(url), never);
    await stalled.opened;
    // What fits into the socket buffers of both sides, and our own high-water mark.
    expect(sent).toBeLessThan(total / 2);
    let received = 0;
    for await (const chunks of body) for (const chunk of chunks) received += chunk.length;
    expect(received).toBe(total);
  });

  it("rejects at once when aborted before the headers, and frees the connection", async () => {
    const closed = gate();
    const arrived = gate();
    const url = await serve((req) => {
      req.socket.on("close", () => closed.open());
      arrived.open();
    });
    const controller = new AbortController();
    const pending = transport().post(request(url), controller.signal);
    await arrived.opened;
    controller.abort(new Error("gone"));
    await expect(pending).rejects.toThrow("gone");
    await closed.opened;
  });

  it("rejects a pending read at once when aborted, and frees the connection", async () => {
    const closed = gate();
    const url = await serve((req, res) => {
      req.socket.on("close", () => closed.open());
      res.write("data: 1\n\n");
    });
    const controller = new AbortController();
    const { body } = await transport().post(request(url), controller.signal);
    const reader = body[Symbol.asyncIterator]();
    await reader.next();
    const read = reader.next();
    controller.abort(new Error("gone"));
    await expect(read).rejects.toThrow("gone");
    await expect(reader.next()).rejects.toThrow("gone");
    await closed.opened;
  });

  it("frees the connection when the consumer breaks off", async () => {
    const closed = gate();
    const url = await serve((req, res) => {
      req.socket.on("close", () => closed.open());
      res.write("data: 1\n\n");
    });
    const { body } = await transport().post(request(url), never);
    for await (const _chunks of body) break;
    await closed.opened;
  });

  it("does not send when the signal has aborted before", async () => {
    await expect(
      transport().post(request("http://127.0.0.1:9/"), AbortSignal.abort(new Error("early"))),
    ).rejects.toThrow("early");
  });

  it("names a backend that is not there", async () => {
    const server = net.createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, "close");
    await expect(transport().post(request(`http://127.0.0.1:${port}/`), never)).rejects.toMatchObject({
      code: "upstream_unreachable",
      retryable: true,
      message: expect.stringContaining("ECONNREFUSED"),
    });
  });

  it("names a certificate that is not trusted as something that trying again won't mend", async () => {
    const url = (await serve((_req, res) => res.end())).replace("http:", "https:");
    await expect(transport().post(request(url), never)).rejects.toMatchObject({
      code: "upstream_unreachable",
      retryable: false,
    });
  });

  it("names a reset before the headers", async () => {
    const url = await serve((req) => req.socket.resetAndDestroy());
    await expect(transport().post(request(url), never)).rejects.toMatchObject({
      code: "upstream_unreachable",
      retryable: true,
    });
  });

  it("names a reset after the headers, and gives what came before it", async () => {
    const url = await serve((_req, res) => {
      res.write("data: 1\n\n", () => setImmediate(() => res.socket?.destroy()));
    });
    const { body } = await transport().post(request(url), never);
    const reader = body[Symbol.asyncIterator]();
    expect((await reader.next()).done).toBe(false);
    await expect(reader.next()).rejects.toMatchObject({ code: "stream_interrupted" });
  });

  it("gives up when the headers don't come in time", async () => {
    const url = await serve(() => {});
    await expect(transport({ headersTimeoutMs: 50 }).post(request(url), never)).rejects.toMatchObject({
      code: "upstream_timeout",
      message: expect.stringContaining("did not begin to answer"),
    });
  });

  it("gives up when the body falls silent", async () => {
    const url = await serve((_req, res) => void res.write("data: 1\n\n"));
    const { body } = await transport({ idleTimeoutMs: 50 }).post(request(url), never);
    await expect(readText(body)).rejects.toMatchObject({ code: "upstream_timeout" });
  });
});

describe("post", () => {
  it("gives all chunks of one read as one batch", async () => {
    const url = await serve((_req, res) => {
      res.socket?.cork();
      for (let i = 0; i < 10; i++) res.write(`data: ${i}\n\n`);
      res.socket?.uncork();
      res.end();
    });
    const { body } = await transport().post(request(url), never);
    const sizes: number[] = [];
    for await (const chunks of body) sizes.push(chunks.length);
    expect(Math.max(...sizes)).toBeGreaterThan(1);
    expect(sizes.reduce((a, b) => a + b)).toBe(10);
  });

  it.each([
    [407, /^The proxy that HTTPS_PROXY or HTTP_PROXY names answered 407.*name and a password/, false],
    [403, /answered 403.*NO_PROXY/, false],
    [503, /answered 503.*Try again/, true],
  ])("names a proxy that answers %i as the one that refuses", async (status, message, retryable) => {
    const proxy = http.createServer().listen(0, "127.0.0.1");
    await once(proxy, "listening");
    closers.push(() => proxy.close());
    proxy.on("connect", (_request, client) => {
      client.on("error", () => {});
      client.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`);
    });
    const httpProxy = `http://me:made-up-password@127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const failed = transport({ environmentProxy: { httpProxy } }).post(request("http://backend.test/responses"), never);
    await expect(failed).rejects.toMatchObject({ code: "upstream_unreachable", retryable });
    await expect(failed).rejects.toThrow(message);
    await expect(failed).rejects.not.toThrow(/made-up-password/);
  });

  it("goes through a proxy, but not to what NO_PROXY names", async () => {
    const target = await serve((_req, res) => res.end("direct"));
    const connects: string[] = [];
    const proxy = http.createServer().listen(0, "127.0.0.1");
    await once(proxy, "listening");
    closers.push(() => {
      proxy.closeAllConnections();
      proxy.close();
    });
    proxy.on("connect", (req, client, head) => {
      connects.push(req.url as string);
      const { hostname, port } = new URL(target);
      const upstream = net.connect(Number(port), hostname, () => {
        client.write("HTTP/1.1 200 OK\r\n\r\n");
        upstream.write(head);
        upstream.pipe(client).pipe(upstream);
      });
      upstream.on("error", () => client.destroy());
      client.on("error", () => upstream.destroy());
    });
    const httpProxy = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const through = transport({ environmentProxy: { httpProxy } });
    expect(await readText((await through.post(request(target), never)).body)).toBe("direct");
    expect(connects).toEqual([new URL(target).host]);
    const around = transport({ environmentProxy: { httpProxy, noProxy: "127.0.0.1" } });
    expect(await readText((await around.post(request(target), never)).body)).toBe("direct");
    expect(connects).toHaveLength(1);
  });
});

describe("fetch", () => {
  it("is the standard fetch on the same pool", async () => {
    const url = await serve((_req, res) => res.writeHead(200, { etag: '"1"' }).end('{"ok":true}'));
    const response = await transport().fetch(url);
    expect(response.headers.get("etag")).toBe('"1"');
    expect(await response.json()).toEqual({ ok: true });
  });
});

describe("readText", () => {
  it("stops at its limit", async () => {
    async function* endless() {
      for (;;) yield [Buffer.from("ab"), Buffer.from("cd")];
    }
    expect(await readText(endless(), 7)).toBe("abcdabc");
  });
});
