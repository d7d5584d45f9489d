import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { type CliHouse, startCliHouse } from "../../apps/cli/test/start-cli.js";
import { findProgram } from "./find-program.js";

/** Signing in with a real browser: the command's page, the issuer's page, our last page, an answer. */
const sizes = { desktop: { width: 1280, height: 800 }, phone: { width: 360, height: 640 } };
/** Set it to a folder to look at our pages as they are. */
// biome-ignore lint/suspicious/noUndeclaredEnvVars: turbo does not run, let alone cache, these tests.
const screenshots = process.env.E2E_SCREENSHOTS;

let browser: Browser;
let house: CliHouse;

beforeAll(async () => {
  const executablePath = findProgram(["chromium", "chromium-browser", "google-chrome"], "chromium");
  // Chromium's own sandbox does not work for root, whom containers run as.
  browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
  if (screenshots !== undefined) await mkdir(screenshots, { recursive: true });
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

/** A page that notes what goes wrong in the pages of ours: a thing that is not there, one that its policy forbids. */
async function openPage(options: Parameters<Browser["newPage"]>[0] = {}): Promise<{ page: Page; problems: string[] }> {
  const page = await browser.newPage(options);
  const problems: string[] = [];
  page.on("console", (message) => {
    const isOurs = !message.location().url.startsWith(house.simulator.issuerUrl);
    if (isOurs && ["error", "warning"].includes(message.type())) problems.push(message.text());
  });
  page.on("pageerror", (error) => problems.push(error.message));
  return { page, problems };
}

async function lookAt(page: Page, name: string): Promise<void> {
  const isWider = await page.evaluate("document.documentElement.scrollWidth > innerWidth");
  expect(isWider, `${name} scrolls sideways`).toBe(false);
  if (screenshots !== undefined) await page.screenshot({ path: join(screenshots, `${name}.png`) });
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
