import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeUsage } from "../src/commands/usage.js";
import { type CliHouse, startCliHouse } from "./start-cli.js";

/** `usage`, and `dashboard`, with processes of their own, against a simulator. */
let house: CliHouse;
beforeAll(async () => {
  house = await startCliHouse();
  await writeFile(join(house.folder, "auth.json"), JSON.stringify(house.simulator.authJson()), { mode: 0o600 });
});
afterAll(() => house.close());

const identity = (text: string) => text;
const colors = new Proxy({}, { get: () => identity }) as Parameters<typeof describeUsage>[1]["colors"];

describe("usage", () => {
  it("draws the windows, and tells scripts the same", async () => {
    const shown = await house.run(["usage"]);
    expect(shown.out).toMatch(
      /^Plan plus\n {2}5 hours {2}█{4}░{26} {4}12 % used, resets \d{4}-\d\d-\d\d \d\d:\d\d \(in .+\)\n/,
    );
    expect(shown.out).toMatch(/ {2}Week {5}█{10}░{20} {4}34 % used, resets /);
    const { code, out } = await house.run(["usage", "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      object: "usage",
      plan: "plus",
      limits: [{ id: "codex", windows: [{ name: "5h", used_percent: 12 }, { name: "weekly" }] }],
    });
  });

  it("goes on with --watch until it is ended, over failures", async () => {
    const watching = house.start(["usage", "--watch", "--json", "--interval", "0.05"]);
    await watching.sees(/"used_percent":12/);
    house.simulator.faults.next({ route: "usage", status: 403, body: { detail: "Not now." } });
    await watching.sees(/Not now/, "err");
    house.simulator.rateLimits.primaryUsedPercent = 99;
    await watching.sees(/"used_percent":99/);
    watching.child.kill("SIGINT");
    expect(await watching.ended).toMatchObject({ code: 0 });
    house.simulator.rateLimits.primaryUsedPercent = 12;
  });

  it("says what went wrong", async () => {
    house.simulator.faults.next({ route: "usage", status: 403, body: { detail: "Not for you." } });
    expect(await house.run(["usage"])).toMatchObject({
      code: 1,
      out: "",
      err: expect.stringContaining("Not for you."),
    });
  });

  it("has words for models of their own, credits and spending", () => {
    const now = Date.parse("2026-03-04T05:06:00Z");
    const window = { name: "weekly", window_minutes: 10_080, reserve_percent: null };
    const text = describeUsage(
      {
        object: "usage",
        plan: null,
        observed_at: 0,
        limits: [
          { id: "codex", name: null, reached: false, windows: [] },
          {
            id: "codex_bengalfox",
            name: "Spark",
            reached: true,
            windows: [{ ...window, used_percent: 120, remaining_percent: 0, resets_at: now / 1000 + 90 * 60 }],
          },
        ],
        credits: { has_credits: true, unlimited: false, balance: "12.3" },
        spend_limit: { reached: false, used_percent: 40, resets_at: null },
      },
      { colors },
      now,
    );
    const local = new Date(now + 90 * 60_000).toLocaleString("sv").slice(0, 16);
    expect(text).toBe(
      `Plan unknown\n  The backend names no window.\n\nSpark\n  Week     ${"█".repeat(30)}   120 % used, resets ${local} (in 1 h 30 min)\n\nCredits  12.3\n\nSpending limit  40 % used\n`,
    );
  });
});

describe("dashboard", () => {
  it("prints a link that opens a detached proxy's page once", async () => {
    const env = { CODEX_STATE_DIR: `${house.folder}/state` };
    expect(await house.run(["dashboard"], { env })).toMatchObject({ code: 1, out: "" });
    await house.run(["serve", "--detach", "--port", "0"], { env });
    try {
      const { out } = await house.run(["dashboard"], { env });
      expect(out).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/dashboard\?open=[\w-]{43}\n$/);
      const statuses = [(await fetch(out.trim())).status, (await fetch(out.trim())).status];
      expect(statuses).toEqual([200, 401]);
      expect((await house.run(["logs", "--json"], { env })).out).not.toContain("open=");
    } finally {
      await house.run(["stop", "--now"], { env });
    }
  });
});
