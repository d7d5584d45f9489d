import { createServer, type IncomingMessage, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import * as zlib from "node:zlib";
import { type CodexError, toCodexError } from "@codex/errors";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkBody, readBody } from "../src/read-body.js";

const limit = 1000;
const limits = { maxBodyBytes: limit, minBodyRate: 0 };
let server: Server;
let url: string;
let read: (request: IncomingMessage) => Promise<Buffer>;
let failure: (error: CodexError) => void;

/** A server that answers with the body that it read, or with the code of the error. */
beforeEach(async () => {
  read = (request) => readBody(request, limits);
  failure = () => {};
  server = createServer(async (request, response) => {
    try {
      const refusal = checkBody(request, limit);
      if (refusal !== undefined) throw refusal;
      response.end(await read(request));
    } catch (thrown) {
      const error = toCodexError(thrown);
      failure(error);
      response.writeHead(error.status).end(`${error.code}: ${error.message}`);
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

  const zstdCompress = (zlib as { zstdCompressSync?: (text: string) => Buffer }).zstdCompressSync;
  it.skipIf(zstdCompress === undefined)("decompresses zstd where node:zlib can", async () => {
    const body = zstdCompress?.(text) ?? "";
    expect(await post(body, { "content-encoding": "zstd" })).toEqual({ status: 200, text });
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
    const arrived = new Promise<void>((resolve) => {
      read = (request) => {
        request.once("data", () => resolve());
        return readBody(request, limits);
      };
    });
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    socket.write("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf");
    await arrived;
    socket.destroy();
    expect(await failed).toMatchObject({ code: "aborted" });
  });
});
