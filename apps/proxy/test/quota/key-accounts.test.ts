import { expect, it } from "vitest";
import { createKeyAccounts } from "../../src/quota/key-accounts.js";

const week = (usedPercent: number, resetsAt = 1_000_000) => [{ usedPercent, windowMinutes: 10_080, resetsAt }];

/** What each key has used of the week. */
function open(stored?: Parameters<typeof createKeyAccounts>[0]) {
  const accounts = createKeyAccounts(stored);
  const run = (key: string, tokens: number) => {
    accounts.begin();
    accounts.end(key, tokens);
  };
  const used = () => Object.fromEntries(accounts.keys().map((key) => [key, accounts.usedBy(key)[0]?.percent]));
  return { accounts, run, used };
}

it("shares a rise out by the tokens since the last one", () => {
  const { accounts, run, used } = open();
  accounts.observe(week(10), 0);
  run("a", 300);
  run("b", 100);
  accounts.observe(week(10), 0);
  expect(used()).toEqual({ a: 0, b: 0 });
  accounts.observe(week(18), 0);
  expect(used()).toEqual({ a: 6, b: 2 });
  run("b", 50);
  accounts.observe(week(19), 0);
  expect(used()).toEqual({ a: 6, b: 3 });
  expect(accounts.usedBy("b")[0]).toMatchObject({ name: "weekly", tokens: 150 });
});

it("puts down to nobody what was used before, and while nobody worked here", () => {
  const { accounts, run, used } = open();
  accounts.observe(week(50), 0);
  accounts.observe(week(60), 0);
  run("a", 10);
  expect(used()).toEqual({ a: 0 });
});

it("waits with a rise for the tokens of those who run", () => {
  const { accounts, used } = open();
  accounts.observe(week(10), 0);
  accounts.begin();
  accounts.observe(week(14), 0);
  expect(used()).toEqual({});
  accounts.end("a", 1000);
  expect(used()).toEqual({ a: 4 });
});

it("begins anew with a window, however its end is told", () => {
  const { accounts, run, used } = open();
  accounts.observe(week(10), 0);
  run("a", 10);
  accounts.observe(week(20), 0);
  accounts.observe(week(20, 1_000_007), 0);
  expect(used()).toEqual({ a: 10 });
  accounts.observe(week(1, 1_604_800), 0);
  expect(used()).toEqual({});
  run("a", 10);
  accounts.observe(week(3, 1_604_800), 0);
  expect(used()).toEqual({ a: 2 });
  accounts.observe([{ usedPercent: 0, windowMinutes: 10_080 }], 1_604_801);
  expect(used()).toEqual({});
});

it("gives back to all what the backend gives back", () => {
  const { accounts, run, used } = open();
  accounts.observe(week(0), 0);
  run("a", 10);
  accounts.observe(week(40), 0);
  accounts.observe(week(10), 0);
  expect(used()).toEqual({ a: 10 });
});

it("goes on from what was kept", () => {
  const first = open();
  first.accounts.observe(week(0), 0);
  first.run("a", 10);
  first.accounts.observe(week(5), 0);
  first.run("a", 10);
  const second = open(JSON.parse(JSON.stringify(first.accounts.store())));
  second.accounts.observe(week(8), 0);
  expect(second.used()).toEqual({ a: 8 });
});
