import { describe, expect, it } from "vitest";
import { createUsageRecord } from "../../src/backend/plan-usage.js";

const week = { usedPercent: 40, windowMinutes: 10_080, resetsAt: 1_000 };

function open() {
  const clock = { ms: 500_000 };
  return { clock, record: createUsageRecord(() => clock.ms) };
}

describe("createUsageRecord", () => {
  it("knows nothing at first, and nothing again of another account", () => {
    const { record } = open();
    expect(record.last()).toBeUndefined();
    record.note({ limitId: "codex", windows: [week] });
    record.forget();
    expect(record.last()).toBeUndefined();
  });

  it("keeps the last word on each limit, and what later answers do not mention", () => {
    const { record, clock } = open();
    const named = { limitId: "codex_bengalfox", limitName: "Spark", windows: [{ ...week, usedPercent: 100 }] };
    record.note(named);
    record.note({
      limitId: "codex",
      planType: "pro",
      windows: [week],
      credits: { hasCredits: true, unlimited: false },
    });
    clock.ms = 600_000;
    record.note({ limitId: "codex", windows: [{ ...week, usedPercent: 41 }] });
    record.note({ limitId: "codex_bengalfox", windows: [{ ...week, usedPercent: 99 }] });
    expect(record.last()).toEqual({
      planType: "pro",
      credits: { hasCredits: true, unlimited: false },
      observedAt: 600_000,
      limits: [
        { limitId: "codex", reached: false, windows: [{ ...week, usedPercent: 41 }], observedAt: 600_000 },
        {
          limitId: "codex_bengalfox",
          limitName: "Spark",
          reached: false,
          windows: [{ ...week, usedPercent: 99 }],
          observedAt: 600_000,
        },
      ],
    });
  });

  it("takes a report for the whole truth", () => {
    const { record } = open();
    record.note({ limitId: "codex_bengalfox", windows: [week], credits: { hasCredits: true, unlimited: false } });
    record.noteReport({ limits: [{ limitId: "codex", windows: [week], reached: true }], spend: { reached: false } });
    expect(record.last()).toEqual({
      observedAt: 500_000,
      spend: { reached: false },
      limits: [{ limitId: "codex", reached: true, windows: [week], observedAt: 500_000 }],
    });
  });

  it("keeps windows when an answer tells of credits only", () => {
    const { record } = open();
    record.note({ limitId: "codex", windows: [week] });
    record.note({ limitId: "codex", windows: [], credits: { hasCredits: false, unlimited: false } });
    expect(record.last()?.limits[0]?.windows).toEqual([week]);
  });

  it("counts a window that has ended as unused", () => {
    const { record, clock } = open();
    record.note({ limitId: "codex", reached: true, windows: [{ ...week, usedPercent: 100 }] });
    expect(record.last()?.limits[0]).toMatchObject({ reached: true });
    clock.ms = 1_000_000;
    expect(record.last()?.limits[0]).toMatchObject({
      reached: false,
      windows: [{ usedPercent: 0, windowMinutes: 10_080 }],
    });
    expect(record.last()?.limits[0]?.windows[0]).not.toHaveProperty("resetsAt");
  });

  it.each([0, 1, 499, 500])("takes a full window whose end was past when it was told at its word: %i", (resetsAt) => {
    const { record, clock } = open();
    record.note({ limitId: "codex", reached: true, windows: [{ usedPercent: 100, windowMinutes: 300, resetsAt }] });
    for (const ms of [500_000, 559_999]) {
      clock.ms = ms;
      expect(record.last()?.limits[0]).toMatchObject({ reached: true });
      // An end that is past is none.
      expect(record.last()?.limits[0]?.windows).toEqual([{ usedPercent: 100, windowMinutes: 300 }]);
    }
    clock.ms = 560_000;
    expect(record.last()?.limits[0]).toMatchObject({ reached: false, windows: [{ usedPercent: 0 }] });
    record.note({ limitId: "codex", windows: [{ usedPercent: 3, windowMinutes: 300, resetsAt: 18_560 }] });
    expect(record.last()?.limits[0]).toMatchObject({ reached: false, windows: [{ usedPercent: 3 }] });
  });

  it("holds a limit for reached by its word alone, whatever its windows say, for a minute", () => {
    const { record, clock } = open();
    record.note({ limitId: "codex", reached: true, windows: [{ ...week, usedPercent: 99, resetsAt: 0 }] });
    expect(record.last()?.limits[0]).toMatchObject({ reached: true, windows: [{ usedPercent: 99 }] });
    clock.ms += 60_000;
    expect(record.last()?.limits[0]).toMatchObject({ reached: false });
  });
});
