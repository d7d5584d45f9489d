import { get } from "node:http";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createDashboardAccess, linkLifeMs } from "../src/dashboard/access.js";
import { type House, startHouse } from "./start-house.js";

let house: House;
beforeEach(async () => {
  house = await startHouse();
});
afterEach(() => house.close());

/** By node:http, since `fetch` sends no cookies of one's own choice. */
function ask(path: string, headers: Record<string, string> = {}) {
  return new Promise<{ status: number; cookie: string; text: string }>((resolve, reject) => {
    get(`${house.proxy.url}${path}`, { headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => {
        const cookie = response.headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
        resolve({ status: response.statusCode ?? 0, cookie, text });
      });
    }).on("error", reject);
  });
}

async function findPath(): Promise<string> {
  const text = await house.proxy.describe({ withLink: true });
  return /http:\S+?(\/dashboard\?open=\S+)/.exec(text)?.[1] as string;
}

const keyIn = (text: string) => /name="page-key" content="([\w-]{43})"/.exec(text)?.[1] as string;

it("tells no link but where it is asked for one", async () => {
  expect(await house.proxy.describe()).not.toContain("dashboard?open=");
  expect(await findPath()).not.toBe(await findPath());
});

it("opens once, and tells something only to who has the page's own secret beside the cookie", async () => {
  const path = await findPath();
  const { status, cookie, text } = await ask(path);
  expect([status, cookie]).toEqual([200, expect.stringMatching(/^codex_dashboard_\d+=[\w-]{43}$/)]);
  expect((await ask(path)).status).toBe(401);
  const key = keyIn(text);
  expect((await ask("/dashboard/state", { cookie, "x-dashboard-key": key })).status).toBe(200);
  // Another server of this machine is shown the cookie by every browser.
  for (const part of ["state", "clients", "link"]) {
    expect((await ask(`/dashboard/${part}`, { cookie })).status).toBe(401);
    expect((await ask(`/dashboard/${part}`, { cookie, "x-dashboard-key": "made-up" })).status).toBe(401);
    expect((await ask(`/dashboard/${part}`, { "x-dashboard-key": key })).status).toBe(401);
  }
  const again = await ask("/dashboard", { cookie });
  expect([again.status, keyIn(again.text)]).toEqual([200, undefined]);
  const other = await ask(await findPath());
  expect((await ask("/dashboard/state", { cookie, "x-dashboard-key": keyIn(other.text) })).status).toBe(401);
});

it("ends a link after ten minutes", () => {
  let time = 0;
  const access = createDashboardAccess(1, () => time);
  const [early, late] = [access.issue(), access.issue()];
  time = linkLifeMs - 1;
  expect(access.redeem(early)).toBeDefined();
  time = linkLifeMs;
  expect(access.redeem(late)).toBeUndefined();
  expect(linkLifeMs).toBe(600_000);
});
