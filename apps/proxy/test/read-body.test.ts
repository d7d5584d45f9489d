import { createServer, type IncomingMessage, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import * as zlib from "node:zlib";
import { type CodexError, toCodexError } from "@codex/errors";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type BodyLimits, type BodyReader, checkBody, createBodyReader } from "../src/http/read-body.js";
import { defaultLimits } from "../src/settings/limits.js";

const limit = 1000;
let limits: BodyLimits;
let reader: BodyReader;
let server: Server;
let url: string;
/** Told of every request before its body is read. */
let arrived: (request: IncomingMessage) => void;
let failure: (error: CodexError) => void;
/** What has to happen before a body is let go. */
let held: Promise<void> | undefined;

/** A server that answers with the body that it read, or with the code of the error. */
beforeEach(async () => {
  limits = { ...defaultLimits, maxBodyBytes: limit, minBodyRate: 0 };
  reader = createBodyReader(() => limits);
  arrived = () => {};
  failure = () => {};
  held = undefined;
  server = createServer(async (request, response) => {
    const gone = new AbortController();
    response.on("close", () => gone.abort());
    try {
      const refusal = checkBody(request, limits.maxBodyBytes);
      if (refusal !== undefined) throw refusal;
      arrived(request);
      const { text, share } = await reader.read(request, `${request.headers["x-caller"] ?? ""}`, gone.signal);
      await held;
      share.release();
      response.end(text.length > 100_000 ? String(text.length) : text);
    } catch (thrown) {
      const error = toCodexError(thrown);
      failure(error);
      response.writeHead(error.status, { connection: "close" }).end(`${error.code}: ${error.message}`);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => new Promise((resolve) => server.close(resolve).closeAllConnections()));

async function post(body: string | Uint8Array | ReadableStream, headers: Record<string, string> = {}) {
  const response = await fetch(url, { method: "POST", body, headers, duplex: "half" } as RequestInit);
  return { status: response.status, text: await response.text() };
}

function inPieces(...pieces: string[]): ReadableStream {
  const left = pieces.map((piece) => new TextEncoder().encode(piece));
  return new ReadableStream({
    pull(controller) {
      const piece = left.shift();
      if (piece === undefined) controller.close();
      else controller.enqueue(piece);
    },
  });
}

describe("readBody", () => {
  it("takes a body whole, in pieces, and none", async () => {
    expect(await post("héllo")).toEqual({ status: 200, text: "héllo" });
    expect(await post(inPieces("a", "b", "c"))).toEqual({ status: 200, text: "abc" });
    expect(await post("")).toEqual({ status: 200, text: "" });
  });

  it("takes a body of just the limit", async () => {
    expect(await post("x".repeat(limit))).toMatchObject({ status: 200 });
  });

  it("refuses a larger one by its declared length", async () => {
    expect(await post("x".repeat(limit + 1))).toMatchObject({
      status: 413,
      text: expect.stringMatching(/^too_large: .*1000 bytes/),
    });
  });

  it("refuses a larger one while it grows", async () => {
    const answer = await post(inPieces("x".repeat(limit), "y"));
    expect(answer).toMatchObject({ status: 413, text: expect.stringMatching(/^too_large: .*Send (smaller|fewer)/) });
  });

  const text = JSON.stringify({ text: "hé".repeat(100) });
  it.each([
    ["gzip", zlib.gzipSync(text)],
    ["x-gzip", zlib.gzipSync(text)],
    ["GZIP", zlib.gzipSync(text)],
    ["deflate", zlib.deflateSync(text)],
    ["br", zlib.brotliCompressSync(text)],
    ["identity", Buffer.from(text)],
  ])("decompresses %s", async (encoding, body) => {
    expect(await post(body, { "content-encoding": encoding })).toEqual({ status: 200, text });
  });

  it("decompresses zstd, on versions of Node that cannot do it themselves too", async () => {
    // What node:zlib of Node 24 makes of the text.
    const packed = Buffer.from("KLUv/WA3AK0AAHB7InRleHQiOiJow6kifQEAJqouCQ==", "base64");
    expect(await post(packed, { "content-encoding": "zstd" })).toEqual({ status: 200, text });
    const cut = await post(packed.subarray(0, -4), { "content-encoding": "zstd" });
    expect(cut).toMatchObject({ status: 400, text: expect.stringContaining("not zstd") });
  });

  it("refuses an encoding that it does not know, and names those that it knows", async () => {
    const answer = await post("x", { "content-encoding": "compress" });
    expect(answer).toMatchObject({ status: 415, text: expect.stringMatching(/media_type_unsupported.*gzip.*br/) });
  });

  it("refuses what grows beyond the limit when decompressed", async () => {
    const bomb = zlib.gzipSync("x".repeat(limit * 100));
    expect(bomb.length).toBeLessThan(limit);
    expect(await post(bomb, { "content-encoding": "gzip" })).toMatchObject({ status: 413 });
  });

  it("refuses what is not compressed as it says", async () => {
    const answer = await post('{"a":1}', { "content-encoding": "gzip" });
    expect(answer).toMatchObject({ status: 400, text: expect.stringMatching(/request_invalid.*not gzip/) });
  });

  it("rejects when the caller goes away in the middle", async () => {
    const failed = new Promise<CodexError>((resolve) => {
      failure = resolve;
    });
    const begun = new Promise<void>((resolve) => {
      arrived = (request) => request.once("data", () => resolve());
    });
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    socket.write("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf");
    await begun;
    socket.destroy();
    expect(await failed).toMatchObject({ code: "aborted" });
    expect([reader.budget.used, reader.uploads.size]).toEqual([0, 0]);
  });
});

describe("unpacking", () => {
  const mib = 1024 * 1024;
  const packers = { gzip: zlib.gzipSync, deflate: zlib.deflateSync, br: zlib.brotliCompressSync };

  it.each(Object.entries(packers))(
    "of %s takes a small body that says the same again and again",
    async (name, pack) => {
      limits.maxBodyBytes = 64 * mib;
      const text = JSON.stringify({ text: "the same words ".repeat(70_000) });
      expect(text.length).toBeGreaterThan(mib);
      const packed = pack(text);
      expect(text.length / packed.length).toBeGreaterThan(200);
      expect(await post(packed, { "content-encoding": name })).toEqual({ status: 200, text: String(text.length) });
    },
  );

  it.each(Object.entries(packers))("of %s ends early where little becomes very much", async (name, pack) => {
    limits.maxBodyBytes = 64 * mib;
    const packed = pack(Buffer.alloc(63 * mib, " "));
    expect(packed.length).toBeLessThan(100_000);
    const answer = await post(packed, { "content-encoding": name });
    expect(answer).toMatchObject({ status: 413, text: expect.stringMatching(/100 times as large/) });
    expect(reader.budget.used).toBe(0);
  });

  it("takes a large body of honest words", async () => {
    limits.maxBodyBytes = 64 * mib;
    const text = Array.from({ length: 400_000 }, (_, i) => `word ${(i * 7919) % 104_729}`).join(" ");
    expect(text.length).toBeGreaterThan(4 * mib);
    const answer = await post(zlib.gzipSync(text), { "content-encoding": "gzip" });
    expect(answer).toEqual({ status: 200, text: String(text.length) });
  });

  /** A frame of zstd with a window of 2^log bytes, and blocks that say one letter so many times. */
  function zstdFrame(windowLog: number, blocks: number, times: number): Buffer {
    const head = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, (windowLog - 10) << 3]);
    const all = Array.from({ length: blocks }, (_, i) => {
      const block = Buffer.alloc(4, " ");
      block.writeUIntLE((times << 3) | 2 | (i === blocks - 1 ? 1 : 0), 0, 3);
      return block;
    });
    return Buffer.concat([head, ...all]);
  }

  it("of zstd is bounded like the others: in size, in what it needs, and in what it costs", async () => {
    limits.maxBodyBytes = 64 * mib;
    const send = (packed: Buffer) => post(packed, { "content-encoding": "zstd" });
    expect(await send(zstdFrame(17, 8, 131_072))).toEqual({ status: 200, text: String(mib) });
    expect(await send(zstdFrame(17, 504, 131_072))).toMatchObject({
      status: 413,
      text: expect.stringMatching(/100 times as large/),
    });
    expect(await send(zstdFrame(27, 8, 131_072))).toMatchObject({ status: 400 });
    const began = performance.now();
    const tiny = await Promise.all([
      send(zstdFrame(23, 50_000, 1)),
      send(Buffer.concat(Array(3000).fill(zstdFrame(23, 1, 1)))),
    ]);
    // node:zlib, which moves no window, takes them.
    for (const { status } of tiny) expect([200, 400]).toContain(status);
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(reader.budget.used).toBe(0);
  });

  it("is over before what was cut off", async () => {
    const packed = zlib.gzipSync("x".repeat(500));
    const answer = await post(packed.subarray(0, packed.length - 9), { "content-encoding": "gzip" });
    expect(answer).toMatchObject({ status: 400, text: expect.stringContaining("not gzip") });
  });
});

describe("all bodies together", () => {
  const mib = 1024 * 1024;
  beforeEach(() => {
    limits = { ...limits, maxBodyBytes: 8 * mib, bodyBudgetBytes: 16 * mib };
    reader.configure();
  });

  /** Lets bodies go when it is called. */
  function holdAll(): () => void {
    let release = () => {};
    held = new Promise((resolve) => {
      release = resolve;
    });
    return release;
  }

  it("wait where there is no room, and small ones pass them by", async () => {
    const release = holdAll();
    const large = Array.from({ length: 4 }, () => post("x".repeat(6 * mib)));
    await expect.poll(() => reader.budget.used).toBe(12 * mib);
    const small = post("hello");
    await expect.poll(() => reader.budget.used).toBe(12 * mib + 5);
    release();
    expect(await small).toEqual({ status: 200, text: "hello" });
    expect((await Promise.all(large)).map(({ text }) => text)).toEqual(Array(4).fill(String(6 * mib)));
    expect(reader.budget.used).toBe(0);
  });

  it("are refused when the wait is too long, or too many wait", async () => {
    limits = { ...limits, queueTimeoutMs: 50, queueSize: 1 };
    reader.configure();
    const release = holdAll();
    const taken = Array.from({ length: 2 }, () => post("x".repeat(3 * mib)));
    // Large ones count twice.
    await expect.poll(() => reader.budget.used).toBe(12 * mib);
    const refused = await Promise.all([post("x".repeat(3 * mib)), post("x".repeat(3 * mib))]);
    expect(refused.map(({ status }) => status)).toEqual([429, 429]);
    expect(refused.map(({ text }) => text).sort()).toEqual([
      expect.stringMatching(/^busy: .*12 MiB are in memory, and 1 wait/),
      expect.stringMatching(/^busy: .*12 MiB are in memory, and this request has waited 0.05 s/),
    ]);
    release();
    expect((await Promise.all(taken)).map(({ status }) => status)).toEqual([200, 200]);
  });

  it("are counted unpacked, and by what has come where no length is told", async () => {
    const release = holdAll();
    const packed = zlib.gzipSync("some words ".repeat(300_000).slice(0, 3 * mib));
    const taken = Array.from({ length: 2 }, () => post(packed, { "content-encoding": "gzip" }));
    await expect.poll(() => reader.budget.used).toBe(12 * mib);
    const refused = [
      post(packed, { "content-encoding": "gzip" }),
      post(inPieces(...Array<string>(30).fill("x".repeat(100_000)))),
    ];
    for (const { status, text: told } of await Promise.all(refused)) {
      expect([status, told]).toEqual([429, expect.stringMatching(/^busy: .*no room for this one/)]);
    }
    release();
    expect((await Promise.all(taken)).map(({ status }) => status)).toEqual([200, 200]);
    expect(reader.budget.used).toBe(0);
  });

  it("let in one that is larger than the budget, alone", async () => {
    limits = { ...limits, bodyBudgetBytes: mib };
    reader.configure();
    expect(await post("x".repeat(7 * mib))).toEqual({ status: 200, text: String(7 * mib) });
  });
});

describe("slow bodies", () => {
  /** Sends the beginning of a body of a length, and leaves it at that. */
  function trickle(bytes: number, length = 500, caller = "") {
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    socket.write(
      `POST / HTTP/1.1\r\nhost: x\r\nx-caller: ${caller}\r\ncontent-length: ${length}\r\n\r\n${"x".repeat(bytes)}`,
    );
    let answer = "";
    socket.setEncoding("utf8").on("data", (text) => {
      answer += text;
    });
    socket.on("error", () => {});
    return { socket, answer: () => answer, send: (more: string) => socket.write(more) };
  }

  it("keep so many places, those that come fastest, a quarter of them for one caller", async () => {
    limits.maxSlowUploads = 8;
    const mine = Array.from({ length: 10 }, (_, i) => trickle(10 * (i + 1)));
    const theirs = trickle(1, 500, "other");
    await expect.poll(() => reader.uploads.size).toBe(11);
    await expect.poll(() => reader.uploads.size, { timeout: 10_000 }).toBe(3);
    for (const { answer } of mine.slice(0, 8)) {
      await expect.poll(answer).toMatch(/^HTTP\/1.1 429 [\s\S]*too many bodies come slowly/);
    }
    for (const [i, one] of [...mine.slice(8), theirs].entries()) {
      one.send("y".repeat(500 - ([90, 100, 1][i] ?? 0)));
      await expect.poll(one.answer).toMatch(/^HTTP\/1.1 200/);
    }
  });

  it("keep out no body that comes at once, however many there are", async () => {
    limits = { ...limits, maxRequests: 20, queueSize: 0 };
    const slow = Array.from({ length: 40 }, () => trickle(1));
    expect(await post("hello")).toEqual({ status: 200, text: "hello" });
    await expect.poll(() => reader.uploads.size).toBeLessThanOrEqual(20);
    expect(await post("hello")).toEqual({ status: 200, text: "hello" });
    for (const { socket } of slow) socket.destroy();
    await expect.poll(() => reader.uploads.size).toBe(0);
  });

  it("give up the room that others wait for", async () => {
    const mib = 1024 * 1024;
    limits = { ...limits, maxBodyBytes: 8 * mib, bodyBudgetBytes: 8 * mib };
    reader.configure();
    const slow = trickle(1000, 6 * mib);
    await expect.poll(() => reader.budget.used).toBe(12 * mib);
    await new Promise((resolve) => setTimeout(resolve, 2100));
    expect(await post("x".repeat(4 * mib))).toEqual({ status: 200, text: String(4 * mib) });
    await expect.poll(slow.answer).toMatch(/^HTTP\/1.1 429 [\s\S]*others wait for the room/);
    expect(reader.budget.used).toBe(0);
  });

  it("end when they come at less than the least rate", async () => {
    limits = { ...limits, minBodyRate: 1000, rateWindowMs: 50 };
    const slow = trickle(1);
    await expect.poll(slow.answer).toMatch(/^HTTP\/1.1 408 [\s\S]*less than 1000 bytes a second/);
    expect(reader.uploads.size).toBe(0);
  });
});
