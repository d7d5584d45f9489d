import { afterEach, expect, it } from "vitest";
import type { MixedResult } from "./load/mixed.js";
import type { OpenStreamsResult } from "./load/open-streams.js";
import { type LoadHouse, startLoadHouse, type Vitals } from "./load/processes.js";

/** Proxy, simulator and the source of the load are processes of their own, on built files. */
let house: LoadHouse;
afterEach(() => house.close());

const mib = (bytes: number) => `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
const print = (line: string) => process.stdout.write(`${line}\n`);

it("1,000 streams at once, 5 events a second each, for 60 s", async () => {
  house = await startLoadHouse();
  // What any use brings along, code and connections: idle is what comes after it.
  await house.generate("open-streams.ts", { streams: 50, ticks: 20, delayMs: 20, rampMs: 500 });
  const idle = await house.vitals(true);
  const options = { streams: 1000, ticks: 350, delayMs: 200, rampMs: 8000 };
  const result = await house.generate<OpenStreamsResult>("open-streams.ts", options);
  const after = await house.vitals(true);
  const grown = after.peakRss - idle.rss;
  print(
    `${result.whole} of ${options.streams} streams whole, hashes right; ${result.mostOpen} open at once, for ${result.fullSeconds.toFixed(1)} s; ` +
      `${result.events} events, delay of an event: median ${result.p50} ms, P99 ${result.p99} ms, at most ${result.max} ms`,
  );
  print(
    `memory of the proxy: ${mib(idle.rss)} idle, ${mib(after.peakRss)} at most (+${mib(grown)}); heap after GC ${mib(idle.heapUsed)} before, ` +
      `${mib(after.heapUsed)} after; CPU ${(((after.cpuMs - idle.cpuMs) / result.events) * 1000).toFixed(0)} us an event`,
  );
  expect(result.broken).toEqual([]);
  expect([result.whole, result.mostOpen]).toEqual([1000, 1000]);
  expect(result.fullSeconds).toBeGreaterThanOrEqual(60);
  expect(result.p99).toBeLessThan(250);
  expect(grown).toBeLessThan(60_000_000);
}, 240_000);

/** Seconds; `SOAK_SECONDS` makes it shorter, to try something out. */
const mixedSeconds = Number(process.env.SOAK_SECONDS ?? 600);

it(`${mixedSeconds} s of mixed load with random faults`, async () => {
  house = await startLoadHouse();
  const run = (seconds: number, seed: number) =>
    house.generate<MixedResult>("mixed.ts", { seconds, seed, workers: 24, simulatorUrl: house.simulatorUrl });
  const start = await house.vitals(true);
  const warm = await run(Math.max(60, mixedSeconds / 10), 1);
  const before = await quiet();
  const result = await run(mixedSeconds, 2);
  const after = await quiet();
  print(
    `${result.requests} requests in ${mixedSeconds} s: ${Object.entries(result.counts)
      .map(([name, count]) => `${count} ${name}`)
      .join(", ")}; ${result.refreshes} logins expired`,
  );
  print(
    `heap after GC: ${mib(before.heapUsed)} before, ${mib(after.heapUsed)} after (${((after.heapUsed / before.heapUsed - 1) * 100).toFixed(1)} %); ` +
      `rss ${mib(before.rss)}, ${mib(after.rss)}`,
  );
  expect([...warm.wrong, ...result.wrong]).toEqual([]);
  expect(after.heapUsed).toBeLessThan(before.heapUsed * 1.1);
  // Without the backend nothing holds a connection any more: what is open now would be open for ever.
  const stats = await (await fetch(`${house.simulatorUrl}/__simulator/stats`)).json();
  expect(stats).toMatchObject({ activeResponses: 0 });
  await house.stopSimulator();
  const end = await untilLike(start);
  print(
    `files ${start.files} before, ${end.files} after; ${JSON.stringify(start.resources)}, ${JSON.stringify(end.resources)}`,
  );
  expect(end.files).toBeLessThanOrEqual(start.files);
  for (const [type, count] of Object.entries(end.resources)) {
    expect([type, count <= (start.resources[type] ?? 0)]).toEqual([type, true]);
  }
}, 900_000);

/** The proxy when nothing is under way any more. */
async function quiet(): Promise<Vitals> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const stats = await fetch(`${house.simulatorUrl}/__simulator/stats`);
    const { activeResponses } = (await stats.json()) as { activeResponses: number };
    if (activeResponses === 0 || Date.now() > deadline) break;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return house.vitals(true);
}

/** The proxy when it has closed what it will close by itself; connections take a moment, undici's clock a second. */
async function untilLike(start: Vitals): Promise<Vitals> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const now = await house.vitals(true);
    const isLike = Object.entries(now.resources).every(([type, count]) => count <= (start.resources[type] ?? 0));
    if ((isLike && now.files <= start.files) || Date.now() > deadline) return now;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
