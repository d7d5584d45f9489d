import type { PlanUsage } from "@codex/provider";
import { expect, it } from "vitest";
import { createQuota } from "../../src/quota/quota.js";

/** A backend that says what is used only when it is told to. */
function open(patienceMs = 20) {
  let clock = 1_000_000;
  let last: PlanUsage | undefined;
  const asked: { answer: (usedPercent: number) => void; fail: () => void }[] = [];
  const client = {
    lastUsage: () => last,
    usage: () =>
      new Promise<PlanUsage>((resolve, reject) => {
        asked.push({
          answer(usedPercent) {
            const windows = [{ usedPercent, windowMinutes: 10_080, resetsAt: 2_000_000 }];
            last = {
              limits: [{ limitId: "codex", reached: false, windows }],
              observedAt: clock,
            } as unknown as PlanUsage;
            resolve(last);
          },
          fail: () => reject(new Error("no answer")),
        });
      }),
  };
  const policy = { reserve: [{ minutes: 10_080, percent: 10 }], shares: {} };
  const quota = createQuota({ client, policy, now: () => clock, patienceMs });
  return {
    quota,
    asked,
    /** Lets time pass. */
    pass(ms: number) {
      clock += ms;
    },
  };
}

it("lets only the first requests wait for a backend that does not say what is used, and those not for long", async () => {
  const { quota, asked, pass } = open();
  const first = await Promise.all([quota.check(undefined), quota.check(undefined)]);
  expect([first, asked.length]).toEqual([[undefined, undefined], 1]);
  // It still hangs: nobody waits for it any more, and nobody asks.
  for (let i = 0; i < 10; i++) expect(await quota.check(undefined)).toBeUndefined();
  asked[0]?.fail();
  for (let i = 0; i < 10; i++) expect(await quota.check(undefined)).toBeUndefined();
  expect(asked.length).toBe(1);
  // After a while one request asks again, and does not wait for it either.
  pass(60_000);
  for (let i = 0; i < 10; i++) expect(await quota.check(undefined)).toBeUndefined();
  expect(asked.length).toBe(2);
  asked[1]?.answer(95);
  await expect.poll(() => quota.check(undefined)).toMatchObject({ code: "usage_limit_reached" });
});

it("waits again when the backend has said something in between", async () => {
  const { quota, asked, pass } = open(60_000);
  const first = quota.check(undefined);
  asked[0]?.answer(95);
  expect(await first).toMatchObject({ code: "usage_limit_reached" });
  // What is half a minute old refuses nobody unasked.
  pass(31_000);
  const second = quota.check(undefined);
  await expect.poll(() => asked.length).toBe(2);
  asked[1]?.answer(20);
  expect(await second).toBeUndefined();
});

it("refuses by what it knows while the backend does not say more", async () => {
  const { quota, asked, pass } = open();
  const first = quota.check(undefined);
  asked[0]?.answer(95);
  await first;
  pass(31_000);
  for (let i = 0; i < 3; i++) expect(await quota.check(undefined)).toMatchObject({ code: "usage_limit_reached" });
  expect(asked.length).toBe(2);
});
