import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeRefusal, writeReply } from "../src/http/write-reply.js";

let server: Server;
let port: number;
let answer: (response: ServerResponse) => Promise<void> | void;
const sockets: Socket[] = [];

beforeEach(async () => {
  server = createServer((_request, response) => void answer(response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as AddressInfo).port;
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await new Promise((resolve) => server.close(resolve).closeAllConnections());
});

/** A connection that has sent a request, and is not read from until a listener for data is there. */
function ask(request = "GET / HTTP/1.1\r\nhost: x\r\n\r\n"): Socket {
  const socket = connect(port, "127.0.0.1");
  sockets.push(socket);
  socket.write(request);
  return socket;
}

async function readUntil(socket: Socket, end: string): Promise<string> {
  const pieces: string[] = [];
  let tail = "";
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    pieces.push(String(chunk));
    tail = tail.slice(-end.length) + String(chunk);
    if (tail.includes(end)) break;
  }
  return pieces.join("");
}

/** Text that comes when it is told to. */
function createSource() {
  const given: IteratorResult<string>[] = [];
  let waiting: ((result: IteratorResult<string>) => void) | undefined;
  let asked = 0;
  const put = (result: IteratorResult<string>) => {
    if (waiting === undefined) given.push(result);
    else waiting(result);
    waiting = undefined;
  };
  return {
    /** How often somebody asked for the next piece. */
    get asked() {
      return asked;
    },
    give: (value: string) => put({ value, done: false }),
    end: () => put({ value: undefined, done: true }),
    body: {
      [Symbol.asyncIterator]: () => ({
        next: () => {
          asked++;
          const ready = given.shift();
          if (ready !== undefined) return Promise.resolve(ready);
          return new Promise<IteratorResult<string>>((settle) => {
            waiting = settle;
          });
        },
      }),
    },
  };
}

describe("writeReply", () => {
  it("writes plain text with its length in bytes, and both sets of headers", async () => {
    answer = (response) => writeReply(response, { status: 418, headers: { a: "1" }, body: "né" }, { "x-b": "2" });
    const text = await readUntil(ask(), "né");
    expect(text).toMatch(/^HTTP\/1.1 418 /);
    expect(text).toMatch(/\r\ncontent-length: 3\r\n/);
    expect(text).toMatch(/\r\na: 1\r\nx-b: 2\r\n/);
    expect(text).not.toMatch(/transfer-encoding/i);
  });

  it("writes each text of a stream as it comes, in one chunk", async () => {
    const source = createSource();
    answer = (response) => writeReply(response, { status: 200, headers: {}, body: source.body }, undefined);
    const socket = ask();
    source.give("one");
    expect(await readUntil(socket, "one")).toMatch(/\r\n\r\n3\r\none\r\n$/);
    source.give("two, né");
    expect(await readUntil(socket, "né")).toBe("8\r\ntwo, né\r\n");
    source.end();
    expect(await readUntil(socket, "0\r\n\r\n")).toBe("0\r\n\r\n");
  });

  it("sends the headers of a stream without text", async () => {
    const source = createSource();
    answer = (response) => writeReply(response, { status: 200, headers: { a: "1" }, body: source.body }, undefined);
    source.end();
    expect(await readUntil(ask(), "0\r\n\r\n")).toMatch(/^HTTP\/1.1 200 OK\r\na: 1\r\n/);
  });

  it("asks for no more than the socket takes, and goes on when it is read", async () => {
    const piece = "x".repeat(1024 * 1024);
    let given = 0;
    async function* body() {
      for (; given < 64; given++) yield piece;
    }
    let done = false;
    answer = async (response) => {
      await writeReply(response, { status: 200, headers: {}, body: body() }, undefined);
      done = true;
    };
    const socket = ask();
    const [response] = (await once(server, "request")).slice(1) as [ServerResponse];
    while (!response.writableNeedDrain) await new Promise(setImmediate);
    // Whatever the buffers of the system hold, after some turns it stands still.
    let before = -1;
    while (before !== given) {
      before = given;
      for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
    }
    expect(given).toBeLessThan(64);
    expect(response.writableLength).toBeLessThan(3 * piece.length);
    await readUntil(socket, "\r\n0\r\n\r\n");
    expect(given).toBe(64);
    expect(done).toBe(true);
  });

  it("ends when the caller goes away while the socket is full", async () => {
    async function* body() {
      for (;;) yield "x".repeat(1024 * 1024);
    }
    let writing: Promise<void> | undefined;
    answer = (response) => {
      writing = writeReply(response, { status: 200, headers: {}, body: body() }, undefined);
    };
    const socket = ask();
    const [response] = (await once(server, "request")).slice(1) as [ServerResponse];
    while (!response.writableNeedDrain) await new Promise(setImmediate);
    socket.destroy();
    await writing;
    expect(response.destroyed).toBe(true);
  });

  it("asks for nothing when the caller is gone before", async () => {
    const source = createSource();
    const gone = new Promise<void>((resolve) => {
      answer = async (response) => {
        await once(response, "close");
        await writeReply(response, { status: 200, headers: {}, body: source.body }, undefined);
        resolve();
      };
    });
    const socket = ask();
    await once(server, "request");
    socket.destroy();
    await gone;
    expect(source.asked).toBe(0);
  });
});

describe("writeRefusal", () => {
  it("is read by a caller that sends all of its body first, and ends the connection", async () => {
    answer = (response) => writeRefusal(response, { status: 413, headers: { a: "1" }, body: "too large" }, undefined);
    const size = 20 * 1024 * 1024;
    const socket = ask(`POST / HTTP/1.1\r\nhost: x\r\ncontent-length: ${size}\r\n\r\n`);
    await new Promise((resolve) => socket.write("x".repeat(size), resolve));
    const text = await readUntil(socket, "nothing of the kind");
    expect(text).toMatch(/^HTTP\/1.1 413 /);
    expect(text).toMatch(/connection: close/i);
    expect(text.endsWith("\r\n\r\ntoo large")).toBe(true);
  });

  it("is there at once, before the body has come", async () => {
    answer = (response) => writeRefusal(response, { status: 413, headers: {}, body: "too large" }, undefined);
    const socket = ask("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf");
    expect(await readUntil(socket, "too large")).toMatch(/^HTTP\/1.1 413 /);
  });
});
