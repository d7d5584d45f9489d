import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Connections, trackConnections } from "../src/http/connections.js";

let server: Server;
let connections: Connections;
let answer: (response: ServerResponse) => void;
let signal: AbortSignal;
const sockets: Socket[] = [];

beforeEach(async () => {
  server = createServer({ keepAliveTimeout: 60_000 });
  connections = trackConnections(server, 3);
  server.on("request", (request, response) => {
    signal = connections.begin(request, response);
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server.close().closeAllConnections();
});

async function open(): Promise<Socket> {
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  sockets.push(socket);
  await Promise.all([once(socket, "connect"), once(server, "connection")]);
  return socket;
}

/** A request under way on a connection, and its response. */
async function ask(socket: Socket): Promise<ServerResponse> {
  const asked = new Promise<ServerResponse>((resolve) => {
    answer = resolve;
  });
  socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  return asked;
}

async function readAll(socket: Socket): Promise<string> {
  let text = "";
  for await (const chunk of socket) text += String(chunk);
  return text;
}

describe("stop", () => {
  it("closes idle connections at once", async () => {
    const socket = await open();
    await connections.stop(60_000);
    expect(await readAll(socket).catch(() => "")).toBe("");
  });

  it("lets what runs finish, then closes its connection", async () => {
    const socket = await open();
    const response = await ask(socket);
    expect(connections.running).toBe(1);
    const stopped = connections.stop(60_000);
    expect(connections.stopping).toBe(true);
    response.end("whole");
    expect(await readAll(socket)).toContain("whole");
    await stopped;
    expect(connections.running).toBe(0);
  });

  it("does not cut an answer that is complete but not yet sent", async () => {
    const socket = await open();
    const response = await ask(socket);
    response.end("x".repeat(32 * 1024 * 1024));
    const stopped = connections.stop(60_000);
    expect((await readAll(socket)).length).toBeGreaterThan(32 * 1024 * 1024);
    await stopped;
  });

  it("closes a kept connection that had its answer before", async () => {
    const socket = await open();
    const response = await ask(socket);
    const closed = once(response, "close");
    response.end("first");
    await closed;
    await connections.stop(60_000);
    expect(await readAll(socket).catch(() => "")).toMatch(/first$/);
  });

  it("has what still runs after the grace time end with words of its own", async () => {
    const socket = await open();
    const response = await ask(socket);
    signal.addEventListener("abort", () => response.end(`ended: ${signal.reason.code}`));
    const stopped = connections.stop(10, 60_000);
    expect(await readAll(socket)).toContain("ended: stream_interrupted");
    await stopped;
  });

  it("cuts off what does not end even then", async () => {
    const response = await ask(await open());
    const closed = once(response, "close");
    await connections.stop(10, 10);
    await closed;
    expect([response.writableFinished, signal.aborted]).toEqual([false, true]);
  });

  it("takes no new connections", async () => {
    const { port } = server.address() as AddressInfo;
    await connections.stop(60_000);
    const [error] = await once(connect(port, "127.0.0.1"), "error");
    expect(error).toMatchObject({ code: "ECONNREFUSED" });
  });

  it("is the same stop when asked twice", () => {
    expect(connections.stop(60_000)).toBe(connections.stop(1));
  });
});

describe("connections without a request", () => {
  it("make room for new ones, the longest idle first, and never one with a request", async () => {
    const busy = await open();
    const response = await ask(busy);
    const [first, second, third] = [await open(), await open(), await open()];
    const closed = once(first, "close");
    const kept = await open();
    await closed;
    expect([busy, second, third, kept].map(({ destroyed }) => destroyed)).toEqual([false, false, false, false]);
    // A connection whose answer is complete has been idle for the shortest time.
    response.end("answer");
    await once(busy, "data");
    const next = once(second, "close");
    await open();
    await next;
    expect([busy, third, kept].map(({ destroyed }) => destroyed)).toEqual([false, false, false]);
  });

  it("that brought one before are let go last: they may be used again at that moment", async () => {
    const kept = await open();
    const response = await ask(kept);
    response.end("answer");
    await once(kept, "data");
    // It has been idle for the longest time, and is kept for all that.
    const [first] = [await open(), await open()];
    const closed = once(first, "close");
    await open();
    await closed;
    expect(kept.destroyed).toBe(false);
  });
});
