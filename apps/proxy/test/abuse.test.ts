import { brotliCompressSync, constants } from "node:zlib";
import { expect, it } from "vitest";
import { leaveOpen, postBytes } from "./load/abuse.js";
import { largeChat } from "./load/abusive-shapes.js";
import { ask, chatBody } from "./start-house.js";
import { describeHealth, expectHealthy, type Health, openUnderLoad, type UnderLoad } from "./under-load.js";

/**
 * What one caller may do to a real proxy, a process of its own: it lives, answers others at once, and takes little memory.
 * The figures are printed, beside those of a server that does nothing, which show how busy the machine was.
 */
const mib = 1024 * 1024;
const chat = "/v1/chat/completions";

function report(what: string, health: Health): void {
  process.stdout.write(`${describeHealth(what, health)}\n`);
  expectHealthy(health);
}

/** Normal requests, one after another, until the abuse is over; all of them have to be right. */
async function meanwhile<T>({ proxyUrl }: UnderLoad, abuse: Promise<T>): Promise<T> {
  let isOver = false;
  const end = () => {
    isOver = true;
  };
  abuse.then(end, end);
  let asked = 0;
  while (!isOver || asked === 0) {
    const text = `answer ${asked++}`;
    const body = chatBody(`SIM${JSON.stringify({ text, reasoning: false })}`);
    const { status, json } = await ask(proxyUrl + chat, { body });
    expect([status, json.choices?.[0].message.content ?? json]).toEqual([200, text]);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return abuse;
}

it("40 bodies of some 50 bytes that unpack to 63 MiB each", async () => {
  const load = await openUnderLoad();
  const bomb = brotliCompressSync(Buffer.alloc(63 * mib, " "), { params: { [constants.BROTLI_PARAM_LGWIN]: 24 } });
  expect(bomb.length).toBeLessThan(154);
  const health = await load.during(() =>
    meanwhile(
      load,
      Promise.all(
        Array.from({ length: 40 }, () => postBytes(load.proxyUrl + chat, [bomb], { "content-encoding": "br" })),
      ),
    ),
  );
  for (const answer of health.result) expect(answer).toMatch(/^413 .*100 times as large/);
  report("40 bodies that unpack to 63 MiB", health);
}, 60_000);

it("1,024 slow bodies, and 2,000 connections without a word", async () => {
  const load = await openUnderLoad();
  const head = `POST ${chat} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n`;
  const health = await load.during(async () => {
    const bodies = leaveOpen(load.proxyUrl, 1024, `${head}content-length: 1000\r\n\r\n{`, " ");
    const headers = leaveOpen(load.proxyUrl, 1000, head, "x-a: b\r\n");
    const silent = leaveOpen(load.proxyUrl, 1000, "", "");
    const all = [bodies, headers, silent];
    await meanwhile(load, Promise.all(all.map(({ opened }) => opened)));
    // A quarter of the places of slow bodies is left to one address, and no more idle connections than there may be.
    await meanwhile(
      load,
      expect.poll(() => all.map(({ count }) => count() <= 1024), { timeout: 15_000 }).toEqual([true, true, true]),
    );
    await meanwhile(load, expect.poll(bodies.count, { timeout: 15_000 }).toBe(64));
    expect(headers.count() + silent.count()).toBeLessThanOrEqual(1024);
    for (const { close } of all) close();
  });
  report("1,024 slow bodies and 2,000 silent connections", health);
}, 60_000);

// So short that one connection attempt that the kernel repeats, after a second, is its 99th percentile: then once more.
it("1,024 slow bodies without a key, where one is needed", { retry: 2, timeout: 60_000 }, async () => {
  const load = await openUnderLoad({ CODEX_PROXY_API_KEYS: "made-up-key-1" });
  const head = `POST ${chat} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{`;
  const headers = { authorization: "Bearer made-up-key-1" };
  const health = await load.during(async () => {
    const bodies = leaveOpen(load.proxyUrl, 1024, head, " ");
    await bodies.opened;
    const answer = await ask(load.proxyUrl + chat, { body: chatBody("hello"), headers });
    expect(answer.status).toBe(200);
    expect(await bodies.first()).toMatch(/^HTTP\/1.1 401 [\s\S]*"code":"invalid_api_key"/);
    bodies.close();
  });
  report("1,024 slow bodies without a key", health);
});

it("ten bodies of 60 MiB", async () => {
  const load = await openUnderLoad();
  const health = await load.during(() =>
    meanwhile(
      load,
      Promise.all(Array.from({ length: 10 }, () => postBytes(load.proxyUrl + chat, largeChat(60 * mib)))),
    ),
  );
  // The simulator's window is smaller; who waited too long for room is told to try again.
  for (const answer of health.result) expect(answer).toMatch(/^(400 .*context window|429 .*busy)/);
  process.stdout.write(`${describeHealth("10 bodies of 60 MiB", health)}\n`);
  // JSON of 60 MiB is read in one piece and written in one: on an idle machine 0.05 to 0.2 s each, and all wait meanwhile.
  expectHealthy(health, { p99Ms: 500 });
  // None of them is held by what is kept of the requests, for the dashboard for example.
  const { external, heapUsed } = await load.vitals(true);
  expect({ external, heapUsed }).toEqual({ external: belowMib(32), heapUsed: belowMib(32) });
}, 120_000);

function belowMib(limit: number) {
  return expect.toSatisfy((bytes: number) => bytes < limit * mib, `below ${limit} MiB`);
}
