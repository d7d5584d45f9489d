import { describe, expect, it } from "vitest";
import { rateLimitsFromEvent, rateLimitsFromHeaders } from "../../src/backend/usage.js";

describe("rateLimitsFromHeaders", () => {
  it("reads both windows, the plan and the credits", () => {
    expect(
      rateLimitsFromHeaders({
        "x-codex-plan-type": "plus",
        "x-codex-primary-used-percent": "12.5",
        "x-codex-primary-window-minutes": "300",
        "x-codex-primary-reset-at": "1795172400",
        "x-codex-secondary-used-percent": "3",
        "x-codex-secondary-window-minutes": "10080",
        "x-codex-secondary-reset-at": "",
        "x-codex-credits-has-credits": "True",
        "x-codex-credits-unlimited": "False",
        "x-codex-credits-balance": "12.3",
      }),
    ).toEqual([
      {
        limitId: "codex",
        planType: "plus",
        windows: [
          { usedPercent: 12.5, windowMinutes: 300, resetsAt: 1795172400 },
          { usedPercent: 3, windowMinutes: 10080 },
        ],
        credits: { hasCredits: true, unlimited: false, balance: "12.3" },
      },
    ]);
  });

  it("tells windows by their length: a plan may have the week in the first slot, or the two exchanged", () => {
    const [limits] = rateLimitsFromHeaders({
      "x-codex-primary-used-percent": "7",
      "x-codex-primary-window-minutes": "10080",
      "x-codex-secondary-used-percent": "50",
      "x-codex-secondary-window-minutes": "300",
    });
    expect(limits?.windows.map(({ windowMinutes }) => windowMinutes)).toEqual([300, 10080]);
  });

  it("finds the limits of single models by their headers' names", () => {
    const found = rateLimitsFromHeaders({
      "x-codex-primary-used-percent": "5",
      "x-codex-primary-window-minutes": "300",
      "x-codex-bengalfox-primary-used-percent": "80",
      "x-codex-bengalfox-primary-window-minutes": "10080",
      "x-codex-bengalfox-limit-name": "GPT-5.3-Codex-Spark",
      "x-codex-primary-over-secondary-limit-percent": "0",
    });
    expect(found.map(({ limitId }) => limitId).sort()).toEqual(["codex", "codex_bengalfox"]);
    expect(found.find(({ limitId }) => limitId === "codex_bengalfox")).toEqual({
      limitId: "codex_bengalfox",
      limitName: "GPT-5.3-Codex-Spark",
      windows: [{ usedPercent: 80, windowMinutes: 10080 }],
    });
  });

  it("knows credits without windows", () => {
    expect(rateLimitsFromHeaders({ "x-codex-credits-has-credits": "1" })).toEqual([
      { limitId: "codex", windows: [], credits: { hasCredits: true, unlimited: false } },
    ]);
  });

  it("counts a window only when there is something to it", () => {
    expect(
      rateLimitsFromHeaders({ "x-codex-primary-used-percent": "0", "x-codex-primary-window-minutes": "0" }),
    ).toEqual([]);
    expect(
      rateLimitsFromHeaders({ "x-codex-primary-used-percent": "0", "x-codex-primary-window-minutes": "300" })[0]
        ?.windows,
    ).toHaveLength(1);
    expect(rateLimitsFromHeaders({ "x-codex-primary-used-percent": "much" })).toEqual([]);
    expect(rateLimitsFromHeaders({})).toEqual([]);
  });
});

describe("rateLimitsFromEvent", () => {
  it("reads the event", () => {
    expect(
      rateLimitsFromEvent({
        type: "codex.rate_limits",
        plan_type: "pro",
        metered_limit_name: "codex_bengalfox",
        rate_limits: { primary: { used_percent: 40, window_minutes: 10080, reset_at: 5 }, secondary: null },
        credits: { has_credits: false, unlimited: false, balance: null },
      }),
    ).toEqual({
      limitId: "codex_bengalfox",
      planType: "pro",
      windows: [{ usedPercent: 40, windowMinutes: 10080, resetsAt: 5 }],
      credits: { hasCredits: false, unlimited: false },
    });
  });

  it("has nothing to say of an empty one", () => {
    expect(rateLimitsFromEvent({ type: "codex.rate_limits" })).toBeUndefined();
    expect(rateLimitsFromEvent({ type: "codex.rate_limits", rate_limits: "?" })).toBeUndefined();
  });
});
