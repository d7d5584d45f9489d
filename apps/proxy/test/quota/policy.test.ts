import { describe, expect, it } from "vitest";
import { parseReserve, parseShare, readPolicy, shareOf } from "../../src/quota/policy.js";
import { windowMinutes, windowName } from "../../src/quota/windows.js";

describe("windows", () => {
  it.each([
    [300, "5h"],
    [299, "5h"],
    [10_080, "weekly"],
    [1440, "daily"],
    [43_200, "monthly"],
    [2160, "36h"],
    [4320, "3d"],
    [45, "45m"],
  ])("of %i minutes is called %s", (minutes, name) => {
    expect(windowName(minutes)).toBe(name);
  });

  it("are found by name, whatever their slot", () => {
    expect(["5h", "weekly", "7d", "36h", "year", "0h", "constructor"].map(windowMinutes)).toEqual([
      ...[300, 10_080, 10_080, 2160],
      ...[undefined, undefined, undefined],
    ]);
    expect(windowName(undefined)).toBe("unknown");
  });
});

describe("reserve", () => {
  it.each([
    ["weekly=10", ["weekly", "10"]],
    ["5h = 20 %", ["5h", "20"]],
    ["7d=2.5%", ["weekly", "2.5"]],
  ])("%s", (text, pair) => expect(parseReserve(text, "reserve")).toEqual(pair));

  it.each(["weekly", "weekly=", "weekly=101", "yearly=10", "weekly=-1", "weekly=1=2", "=5"])(
    "%j is refused",
    (text) => {
      expect(() => parseReserve(text, "reserve")).toThrow(/^reserve is a window and a percentage.*weekly=10%/);
    },
  );
});

describe("shares", () => {
  const policy = (text: string) => readPolicy({}, Object.fromEntries([parseShare(text, "key_shares")]));
  it("are of every window, or of one", () => {
    expect(shareOf(policy("laptop=25 %"), "laptop", 300)).toBe(25);
    const both = policy("laptop=weekly:25% 5h : 50 %");
    expect([shareOf(both, "laptop", 10_080), shareOf(both, "laptop", 300), shareOf(both, "laptop", 1440)]).toEqual([
      ...[25, 50],
      undefined,
    ]);
    expect(shareOf(policy("laptop=10% weekly:5%"), "laptop", 10_080)).toBe(5);
  });

  it("of a star are everybody's who has none of their own", () => {
    const everybody = readPolicy({}, { "*": "10%", phone: "60%" });
    expect([shareOf(everybody, "phone", 300), shareOf(everybody, "other", 300)]).toEqual([60, 10]);
    expect(shareOf(readPolicy({}, { phone: "60%" }), "other", 300)).toBeUndefined();
    expect(shareOf(everybody, "constructor", 300)).toBe(10);
  });

  it.each(["laptop", "laptop=", "laptop=x", "=5", "laptop=5% 6%", "lap top=5%", "laptop=yearly:5%"])("%j", (text) => {
    expect(() => parseShare(text, "key_shares")).toThrow(/^key_shares is a key and its share/);
  });
});
