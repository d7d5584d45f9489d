import { afterAll, beforeAll, expect, it } from "vitest";
import { postBytes } from "./load/abuse.js";
import { deepBody, heavyBodies } from "./load/heavy-bodies.js";
import { ask, chatBody } from "./start-house.js";
import { describeHealth, expectHealthy, startUnderLoad, type UnderLoad } from "./under-load.js";

/** One request of 1 to 3 MiB, of a shape that once held up all others for up to a minute, to a real proxy. */
let load: UnderLoad;
beforeAll(async () => {
  load = await startUnderLoad();
  // The first answers of a process compile what they run.
  for (let at = 0; at < 5; at++) await ask(`${load.proxyUrl}/v1/chat/completions`, { body: chatBody("Hello") });
}, 60_000);
afterAll(() => load.close());

const post = (path: string, text: string) => postBytes(load.proxyUrl + path, [Buffer.from(text)]);

it.each(Object.entries(heavyBodies))(
  "%s",
  async (name, { path, body, statuses }) => {
    const text = JSON.stringify(body);
    const health = await load.during(async () => [await post(path, text), await post(path, text)]);
    process.stdout.write(`${describeHealth(`${name}, ${(text.length / 1e6).toFixed(1)} MB, twice`, health)}\n`);
    for (const answer of health.result) expect(statuses).toContain(Number(answer.slice(0, 3)));
    // At most, not at the 99th percentile: a request of this kind is rare among the looks at its health.
    expect(health.healthz.max).toBeLessThan(250 * health.slowdown + health.control.max);
    expectHealthy(health);
  },
  60_000,
);

it("10,000 levels", async () => {
  const health = await load.during(() => post("/v1/chat/completions", deepBody));
  expect(health.result).toMatch(/^400 .*"param":"metadata"/);
  expectHealthy(health);
});

it("an answer of 50,000 words, plain and streamed", async () => {
  const script = { words: 50_000 };
  const body = (stream: boolean) => JSON.stringify(chatBody(`SIM${JSON.stringify(script)}`, { stream }));
  const health = await load.during(async () => [
    await post("/v1/chat/completions", body(false)),
    await post("/v1/chat/completions", body(true)),
  ]);
  process.stdout.write(`${describeHealth("50,000 words, plain and streamed", health)}\n`);
  for (const answer of health.result) expect(answer).toMatch(/^200 /);
  expectHealthy(health);
}, 60_000);
