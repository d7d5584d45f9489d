import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { type CliHouse, startCliHouse } from "../../apps/cli/test/start-cli.js";
import { launchBrowser, lookAt, noteProblems, sizes } from "./browser.js";

/** Signing in with a real browser: the command's page, the issuer's page, our last page, an answer. */
let browser: Browser;
let house: CliHouse;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());
beforeEach(async () => {
  house = await startCliHouse({ questions: { redirectUris: "loopback" } });
});
afterEach(() => house.close());

function startLogin() {
  const run = house.start(["login", "--no-open", "--ports", "0"], { input: null });
  return { ...run, url: run.sees(/(http:\S+\/oauth\/authorize\S+)/) };
}

async function openPage(options: Parameters<Browser["newPage"]>[0] = {}): Promise<{ page: Page; problems: string[] }> {
  const page = await browser.newPage(options);
  return { page, problems: noteProblems(page, (url) => !url.startsWith(house.simulator.issuerUrl)) };
}

it.each(Object.entries(sizes))("signs in by the browser, and answers (%s)", async (name, viewport) => {
  const { page, problems } = await openPage({ viewport });
  const login = startLogin();
  await page.goto(await login.url);
  await lookAt(page, `${name}-issuer`);
  const begun = performance.now();
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("heading", { name: "You are signed in" }).waitFor();
  expect(await page.getByRole("main").textContent()).toMatch(/person@example.com \(plan plus\)[\s\S]*close this page/);
  await lookAt(page, `${name}-signed-in`);
  const { code, out } = await login.ended;
  expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining("Signed in as person@example.com") });
  const asked = await house.run(["ask", "hello from the browser"]);
  expect(asked).toMatchObject({ code: 0, out: expect.stringContaining("You said: hello from the browser") });
  const tookMs = performance.now() - begun;
  process.stdout.write(`login to answer (${name}): ${Math.round(tookMs)} ms from the press of the button\n`);
  // Two processes that start, two that end: far below what a person would call a wait.
  expect(tookMs).toBeLessThan(15_000);
  expect(problems).toEqual([]);
  const { tokens } = JSON.parse(await readFile(join(house.folder, "auth.json"), "utf8"));
  for (const token of [tokens.access_token, tokens.refresh_token, tokens.id_token]) {
    expect(house.everything()).not.toContain(token);
  }
  await page.close();
});

it("ends at the person's no, in the dark too", async () => {
  const { page } = await openPage({ viewport: sizes.phone, colorScheme: "dark" });
  const login = startLogin();
  await page.goto(await login.url);
  await page.getByRole("button", { name: "Deny" }).click();
  await page.getByRole("heading", { name: "Login refused" }).waitFor();
  await lookAt(page, "phone-dark-refused");
  expect(await login.ended).toMatchObject({ code: 1, err: expect.stringContaining("refused in the browser") });
  expect(await house.run(["status"])).toMatchObject({ code: 4 });
  await page.close();
});
