import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startIssuer, type TestIssuer } from "./issuer.js";
import { type KillOutcome, killRefresh } from "./kill.js";

let folder: string;
let path: string;
let issuer: TestIssuer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "codex-auth-"));
  path = join(folder, "auth.json");
  issuer = await startIssuer();
});

afterAll(async () => {
  await issuer.close();
  await rm(folder, { recursive: true, force: true });
});

const points = 200;

it(`kill -9 at ${points} random points of a refresh: the file always parses, and only the window loses a login`, async () => {
  const span = await measureRefresh();
  const outcomes: KillOutcome[] = [];
  for (let point = 0; point < points; point += 1) {
    const outcome = await killRefresh(issuer, path, {}, () => delayMicroseconds(Math.random() * span.totalUs * 1.2));
    // Nothing is lost but what the issuer had already replaced.
    expect(outcome.alive || outcome.rotated).toBe(true);
    outcomes.push(outcome);
  }
  const lost = outcomes.filter((outcome) => !outcome.alive).length;
  const after = outcomes.filter((outcome) => outcome.rotated).length;
  process.stdout.write(
    `killed at ${points} points over ${Math.round(span.totalUs)} us: ${after} after the issuer had rotated, ${lost} logins lost; ` +
      `from the answer read to the text set aside it took ${Math.round(span.windowUs)} us (median)\n`,
  );
  // Those that were killed while the answer was still on its way, or within that window.
  expect(lost).toBeLessThanOrEqual(after);
}, 600_000);

/** How long a refresh takes in its own process, and the part of it between the answer that was read and the text set aside. */
async function measureRefresh(): Promise<{ totalUs: number; windowUs: number }> {
  const totals: number[] = [];
  const windows: number[] = [];
  for (let round = 0; round < 9; round += 1) {
    const at = new Map<unknown, number>();
    let answered = 0;
    await killRefresh(issuer, path, { steps: true }, async (child) => {
      await child.outcomes();
      answered = child.lines("answered")[0]?.answered as number;
      for (const line of child.lines("step")) at.set(line.step, line.at as number);
    });
    totals.push((at.get("done") as number) - (at.get("lock") as number));
    windows.push((at.get("merge") as number) - answered);
  }
  const median = (list: number[]) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)] as number;
  return { totalUs: median(totals), windowUs: median(windows) };
}

/** Timers count in milliseconds; the points must fall between them as well. */
async function delayMicroseconds(us: number): Promise<void> {
  const end = performance.now() + us / 1000;
  while (performance.now() < end) await new Promise((resolve) => setImmediate(resolve));
}
