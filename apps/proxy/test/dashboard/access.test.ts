import { expect, it } from "vitest";
import { createDashboardAccess, linkLifeMs, sessionLifeMs } from "../../src/dashboard/access.js";

function open() {
  let now = 1_000_000;
  const access = createDashboardAccess(1234, () => now);
  return {
    access,
    pass: (ms: number) => {
      now += ms;
    },
    header: (cookie = "") => `other=1; ${access.cookieName}=${cookie}`,
  };
}

it("takes a link once", () => {
  const { access } = open();
  const link = access.issue();
  expect(access.redeem(link)).toMatchObject({ cookie: expect.stringMatching(/^\S{43}$/) });
  expect(access.redeem(link)).toBeUndefined();
  expect(access.redeem("made-up")).toBeUndefined();
});

it("takes a link for ten minutes", () => {
  const { access, pass } = open();
  const [early, late] = [access.issue(), access.issue()];
  expect(linkLifeMs).toBe(600_000);
  pass(599_999);
  expect(access.redeem(early)).toBeDefined();
  pass(1);
  expect(access.redeem(late)).toBeUndefined();
});

it("shows what it knows for the cookie and the page's own secret together", () => {
  const { access, header } = open();
  const [one, two] = [access.redeem(access.issue()), access.redeem(access.issue())];
  expect(access.admits(header(one?.cookie))).toBe(true);
  expect(access.admitsPage(header(one?.cookie), `${one?.pageKey}`)).toBe(true);
  expect(access.admitsPage(header(two?.cookie), `${two?.pageKey}`)).toBe(true);
  expect(access.admitsPage(header(one?.cookie), `${two?.pageKey}`)).toBe(false);
  expect(access.admitsPage(header(one?.cookie), "undefined")).toBe(false);
  expect(access.admitsPage(header(), `${one?.pageKey}`)).toBe(false);
  expect(access.admitsPage(undefined, `${one?.pageKey}`)).toBe(false);
});

it("forgets a browser that stays away, not one that comes back", () => {
  const { access, pass, header } = open();
  const session = access.redeem(access.issue());
  const isIn = () => access.admitsPage(header(session?.cookie), `${session?.pageKey}`);
  pass(sessionLifeMs - 1);
  expect(isIn()).toBe(true);
  pass(sessionLifeMs - 1);
  expect(isIn()).toBe(true);
  pass(sessionLifeMs);
  expect(isIn()).toBe(false);
});
