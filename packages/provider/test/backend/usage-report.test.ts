import { describe, expect, it } from "vitest";
import { parseReport, usageUrl } from "../../src/backend/usage-report.js";

const window = (used_percent: number, limit_window_seconds: number) => ({
  used_percent,
  limit_window_seconds,
  reset_after_seconds: 60,
  reset_at: 1_795_172_400,
});

describe("usageUrl", () => {
  it.each([
    ["https://chatgpt.com/backend-api/codex", "https://chatgpt.com/backend-api/wham/usage"],
    ["http://127.0.0.1:4000/backend-api/codex", "http://127.0.0.1:4000/backend-api/wham/usage"],
    ["https://gateway.example/codex", "https://gateway.example/api/codex/usage"],
    ["https://gateway.example/api/codex", "https://gateway.example/api/codex/usage"],
    ["https://gateway.example", "https://gateway.example/api/codex/usage"],
  ])("of %s is %s", (baseUrl, url) => expect(usageUrl(baseUrl)).toBe(url));
});

describe("parseReport", () => {
  it("reads windows, credits, limits of single models and the limit on spending", () => {
    const text = JSON.stringify({
      plan_type: "pro",
      rate_limit: {
        allowed: true,
        limit_reached: false,
        primary_window: window(42, 604_800),
        secondary_window: window(7, 18_000),
      },
      credits: { has_credits: true, unlimited: false, balance: "12.3" },
      spend_control: { reached: false, individual_limit: { limit: 100, used_percent: 40, reset_at: 9 } },
      additional_rate_limits: [
        {
          limit_name: "GPT-5.3-Codex-Spark",
          metered_feature: "codex_bengalfox",
          rate_limit: { allowed: false, limit_reached: true, primary_window: window(100, 604_800) },
        },
      ],
    });
    expect(parseReport(text)).toEqual({
      limits: [
        {
          limitId: "codex",
          planType: "pro",
          reached: false,
          windows: [
            { usedPercent: 7, windowMinutes: 300, resetsAt: 1_795_172_400 },
            { usedPercent: 42, windowMinutes: 10_080, resetsAt: 1_795_172_400 },
          ],
          credits: { hasCredits: true, unlimited: false, balance: "12.3" },
        },
        {
          limitId: "codex_bengalfox",
          limitName: "GPT-5.3-Codex-Spark",
          reached: true,
          windows: [{ usedPercent: 100, windowMinutes: 10_080, resetsAt: 1_795_172_400 }],
        },
      ],
      spend: { reached: false, usedPercent: 40, resetsAt: 9 },
    });
  });

  it("reads a plan of which nothing is told but its name", () => {
    const text = JSON.stringify({ plan_type: "free", rate_limit: null, credits: null, spend_control: null });
    expect(parseReport(text)).toEqual({ limits: [{ limitId: "codex", planType: "free", windows: [] }] });
  });

  it.each(["", "<html>", "[]", "null", "7", '{"detail":"Not Found"}'])("takes %s for no report", (text) => {
    expect(parseReport(text)).toBeUndefined();
  });
});

it("gives limits that nobody has named a name, each its own", () => {
  const rate_limit = { limit_reached: true, primary_window: { used_percent: 100, limit_window_seconds: 18_000 } };
  const named = [
    { rate_limit },
    { metered_feature: null, limit_name: "", rate_limit },
    { limit_name: "Spark", rate_limit },
  ];
  const report = parseReport(JSON.stringify({ plan_type: "pro", rate_limit, additional_rate_limits: named }));
  expect(report?.limits.map(({ limitId, limitName }) => [limitId, limitName])).toEqual([
    ["codex", undefined],
    ["other", "Other limit"],
    ["other_2", "Other limit 2"],
    ["Spark", "Spark"],
  ]);
});
