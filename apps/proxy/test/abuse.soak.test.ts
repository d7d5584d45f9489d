import { expect, it } from "vitest";
import { abusiveShapes } from "./load/abusive-shapes.js";
import type { MixedResult } from "./load/mixed.js";
import { describeHealth, expectHealthy, startUnderLoad } from "./under-load.js";

/** Seconds; `SOAK_SECONDS` makes it shorter, to try something out. */
const seconds = Number(process.env.SOAK_SECONDS ?? 600);

it(`${seconds} s of abuse, and normal requests that are all answered rightly`, async () => {
  const load = await startUnderLoad();
  try {
    const done: Record<string, number> = {};
    const wrong: string[] = [];
    const health = await load.during(async () => {
      let isOver = false;
      const normal = load
        .generate<MixedResult>("mixed.ts", { seconds, seed: 3, workers: 8, simulatorUrl: load.simulatorUrl })
        .finally(() => {
          isOver = true;
        });
      const abuse = async () => {
        while (!isOver) {
          for (const [name, shape] of Object.entries(abusiveShapes)) {
            if (isOver) return;
            const problem = await shape(load.proxyUrl).catch(String);
            done[name] = (done[name] ?? 0) + 1;
            if (problem !== undefined && wrong.length < 20) wrong.push(`${name}: ${problem.slice(0, 300)}`);
          }
        }
      };
      const [result] = await Promise.all([normal, abuse()]);
      return result;
    });
    process.stdout.write(
      `${describeHealth(`${seconds} s of abuse`, health)}\n${JSON.stringify(done)}\n${health.result.requests} normal requests\n`,
    );
    expect(wrong).toEqual([]);
    expect(health.result.wrong).toEqual([]);
    // Bodies of 60 MiB among them, one after another all the time: JSON is read and written in one piece.
    expectHealthy(health, { p99Ms: 1000 });
  } finally {
    await load.close();
  }
}, 900_000);
