import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startIssuer, steadyMicroseconds, type TestIssuer } from "./issuer.js";
import { type KillOutcome, killRefresh } from "./kill.js";

let folder: string;
let path: string;
let issuer: TestIssuer;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "codex-auth-"));
  path = join(folder, "auth.json");
  issuer = await startIssuer();
});

afterEach(async () => {
  await issuer.close();
  await rm(folder, { recursive: true, force: true });
});

const points = 200;
/** The points reach a little over the end of a middling refresh, since some take longer. */
const spread = 1.4;

describe.each(["auto", "heartbeat"] as const)("with the lock %s", (locking) => {
  it(`kill -9 at ${points} random points of a refresh: the file always parses, and only the window loses a login`, async () => {
    const span = await measureRefresh(locking);
    const outcomes: KillOutcome[] = [];
    for (let point = 0; point < points; point += 1) {
      const outcome = await killRefresh(issuer, path, { locking }, () =>
        delayMicroseconds(Math.random() * span.totalUs * spread),
      );
      // Nothing is lost but what the issuer had already replaced and nobody had set aside yet.
      expect(outcome).toSatisfy((o: KillOutcome) => o.alive || (o.rotated && !o.kept));
      outcomes.push(outcome);
    }
    const count = (which: (outcome: KillOutcome) => boolean) => outcomes.filter(which).length;
    const [after, lost] = [count(({ rotated }) => rotated), count(({ alive }) => !alive)];
    const [middle = 0, longest = 0] = [span.windowsUs[span.windowsUs.length >> 1], span.windowsUs.at(-1)];
    process.stdout.write(
      `lock ${locking}: killed at ${points} points over ${Math.round(span.totalUs * spread)} us: ${after} after the issuer had rotated, ${lost} logins lost; ` +
        `from the rotation at the issuer to the answer set aside on disk it took ${middle} us (median of ${span.windowsUs.length}; at most ${longest} us)\n`,
    );
    // Most of a refresh lies before or behind the window: a loss must stay the exception among those that came after.
    expect(lost).toBeLessThanOrEqual(after);
  }, 600_000);
});

/** How long a refresh takes in its own process, and the part of it in which the new tokens are in nobody's file. */
async function measureRefresh(locking: "auto" | "heartbeat"): Promise<{ totalUs: number; windowsUs: number[] }> {
  const totals: number[] = [];
  const windowsUs: number[] = [];
  for (let round = 0; round < 15; round += 1) {
    const at = new Map<unknown, number>();
    let written = 0;
    await killRefresh(issuer, path, { steps: true, locking }, async (child) => {
      const start = steadyMicroseconds();
      // Under the same load as the kills: what waits for them keeps a core busy.
      await Promise.race([child.outcomes(), delayMicroseconds(60_000_000)]);
      written = child.lines("written").at(-1)?.written as number;
      for (const line of child.lines("step")) at.set(line.step, line.at as number);
      totals.push((at.get("done") as number) - start);
    });
    windowsUs.push(written - issuer.rotatedAt);
  }
  const ascending = (list: number[]) => list.sort((a, b) => a - b);
  return { totalUs: ascending(totals)[totals.length >> 1] as number, windowsUs: ascending(windowsUs) };
}

let waits = 0;

/** Timers count in milliseconds; the points must fall between them as well. A later call ends an earlier one. */
async function delayMicroseconds(us: number): Promise<void> {
  const end = performance.now() + us / 1000;
  waits += 1;
  const mine = waits;
  while (performance.now() < end && mine === waits) await new Promise((resolve) => setImmediate(resolve));
}
