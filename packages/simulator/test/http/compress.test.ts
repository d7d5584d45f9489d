import { once } from "node:events";
import { type IncomingMessage, request as send } from "node:http";
import * as zlib from "node:zlib";
import { describe, expect, test } from "vitest";
import { type Client, parseEvents, request, start, textOf, user } from "../client.js";

/** Posts without the encodings that `fetch` asks for by itself. */
async function post(client: Client, encoding: string | undefined, prompt = "hi"): Promise<IncomingMessage> {
  const headers = client.headers(encoding === undefined ? {} : { "accept-encoding": encoding });
  const sent = send(`${client.sim.baseUrl}/responses`, { method: "POST", headers });
  sent.end(JSON.stringify(request({ input: [user(prompt)] })));
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  return response;
}

async function bytesOf(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const hasZstd = "zstdDecompressSync" in zlib;
const unzstd = (bytes: Buffer) =>
  (zlib as unknown as { zstdDecompressSync: typeof zlib.gunzipSync }).zstdDecompressSync(bytes);

describe("an event stream", () => {
  test.each([
    ["gzip", "gzip"],
    ["zstd,gzip", hasZstd ? "zstd" : "gzip"],
    ["br;q=1.0, GZIP;q=0.5, zstd;q=0", "gzip"],
    [undefined, undefined],
    ["identity", undefined],
    ["br", undefined],
    ["gzip;q=0", undefined],
  ] as const)("for a client that asks for %j comes as %j", async (asked, used) => {
    const client = await start();
    const response = await post(client, asked, 'SIM{"text":"Hello, you."}');
    expect(response.headers["content-encoding"]).toBe(used);
    const bytes = await bytesOf(response);
    const plain = used === "gzip" ? zlib.gunzipSync(bytes) : used === "zstd" ? unzstd(bytes) : bytes;
    expect(textOf(parseEvents(plain.toString()))).toBe("Hello, you.");
  });

  test("can be read event by event, and ends as a fault wants it", async () => {
    const client = await start();
    const response = await post(client, "gzip", 'SIM{"text":"a b c d","fault":{"cut":7,"slowMs":1}}');
    const gunzip = zlib.createGunzip();
    let text = "";
    gunzip.on("data", (chunk) => {
      text += chunk;
    });
    response.on("data", (chunk) => gunzip.write(chunk));
    response.on("error", () => undefined);
    await new Promise((closed) => response.once("close", closed));
    await new Promise<void>((done) => gunzip.flush(() => done()));
    expect(parseEvents(text)).toHaveLength(7);
  });

  test("is never compressed on genuine, since nobody has seen it", async () => {
    const response = await post(await start({ profile: "genuine" }), "zstd,gzip");
    expect(response.headers["content-encoding"]).toBeUndefined();
    await bytesOf(response);
  });
});
