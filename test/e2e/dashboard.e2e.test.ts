import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ask, chatBody, type House, startHouse } from "../../apps/proxy/test/start-house.js";
import { launchBrowser, lookAt, noteProblems, sizes } from "./browser.js";

/** The dashboard in a real browser, as its owner opens it. */
const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

let browser: Browser;
let house: House;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());
beforeEach(async () => {
  house = await startHouse({ config: { quota: { reserve: [{ minutes: 10_080, percent: 10 }], shares: {} } } });
});
afterEach(() => house.close());

async function findLink(): Promise<string> {
  return /(http:\S+\/dashboard\?open=\S+)/.exec(await house.proxy.describe({ withLink: true }))?.[1] as string;
}

/** A page that notes what goes wrong in it: a script that fails, a thing that its policy forbids, another site. */
async function openPage(context: BrowserContext): Promise<{ page: Page; problems: string[] }> {
  const page = await context.newPage();
  const problems = noteProblems(page, () => true);
  page.on("request", (request) => {
    if (!request.url().startsWith(house.proxy.url)) problems.push(`asked for ${request.url()}`);
  });
  return { page, problems };
}

/** Traffic of all kinds, and one stream that goes on until the signal aborts. */
async function makeTraffic(signal: AbortSignal): Promise<void> {
  const url = `${house.proxy.url}/v1/chat/completions`;
  const usage = { input_tokens: 5200, cached_tokens: 4096, output_tokens: 640, reasoning_tokens: 250 };
  const send = (script: object, more: object = {}) =>
    ask(url, { body: chatBody(`SIM${JSON.stringify(script)}`, more) });
  await send({ text: "One answer.", usage });
  await send({ words: 20, delayMs: 10, usage }, { stream: true });
  await send({ text: "Another.", usage }, { model: "gpt-6-luna", stream: true });
  house.simulator.faults.next({ status: 400, body: { detail: "Unsupported value" } });
  await send({ text: "Refused." });
  const begun = house.simulator.waitFor("request", ({ path }) => path.endsWith("/responses"));
  ask(url, { body: chatBody('SIM{"words":2000,"delayMs":200}', { stream: true }), signal }).catch(() => {});
  await begun;
}

describe.each(["light", "dark"] as const)("in %s", (colorScheme) => {
  it.each(Object.entries(sizes))("shows how the proxy is, on a %s", async (size, viewport) => {
    const stop = new AbortController();
    await makeTraffic(stop.signal);
    const context = await browser.newContext({ viewport, colorScheme });
    const { page, problems } = await openPage(context);
    await page.goto(await findLink());
    expect(new URL(page.url()).search).toBe("");
    await page.getByText("streaming").waitFor();
    for (const text of ["person@example.com", "5 hours", "12 % used", "Week", "10 % held back", "gpt-6-luna"]) {
      expect(await page.getByText(text).first().isVisible(), text).toBe(true);
    }
    expect(await page.locator("#recent td.bad").first().textContent()).toBe("400 request_invalid");
    await page.getByRole("tab", { name: "Open WebUI" }).click();
    expect(await page.locator("#client").textContent()).toContain("OPENAI_API_BASE_URL=http://host.docker.internal");
    await page.getByRole("button", { name: "Last hour" }).click();
    await page.getByRole("button", { name: "Last day" }).waitFor();

    await lookAt(page, `dashboard-${size}-${colorScheme}`);
    // By the protocol of the tools: the page's own policy lets no other script in.
    const tools = await context.newCDPSession(page);
    await tools.send("Runtime.evaluate", { expression: await readFile(axe, "utf8") });
    const violations = await page.evaluate(
      "axe.run().then(({ violations }) => violations.map(({ id, impact, nodes }) => [impact, id, nodes.map(({ html }) => html)]))",
    );
    expect(violations).toEqual([]);
    expect(problems).toEqual([]);
    await context.close();
    stop.abort();
  });
});

it("copies settings and links", async () => {
  const context = await browser.newContext({ permissions: ["clipboard-read", "clipboard-write"] });
  const { page, problems } = await openPage(context);
  await page.goto(await findLink());
  const read = () => page.evaluate<string>("navigator.clipboard.readText()");
  await page.getByRole("tab", { name: "LiteLLM" }).waitFor();
  await page.getByRole("button", { name: "Copy", exact: true }).click();
  await page.getByRole("button", { name: "Copied" }).waitFor();
  expect(await read()).toContain(`api_base: ${house.proxy.url}/v1`);
  await page.getByRole("button", { name: "Copy a link for another browser" }).click();
  await expect.poll(read).toContain("/dashboard?open=");
  const link = await read();
  const other = await browser.newContext();
  const second = await openPage(other);
  await second.page.goto(link);
  await second.page.getByText("person@example.com").waitFor();
  expect([...problems, ...second.problems]).toEqual([]);
  await Promise.all([context.close(), other.close()]);
});

it("opens by a link once, then by its cookie alone", async () => {
  const link = await findLink();
  const context = await browser.newContext();
  const { page } = await openPage(context);
  await page.goto(link);
  await page.getByText("person@example.com").waitFor();
  await page.goto(`${house.proxy.url}/dashboard`);
  await page.getByText("person@example.com").waitFor();
  const [cookie] = await context.cookies();
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Strict", path: "/dashboard" });

  const stranger = await browser.newContext();
  const outside = await stranger.newPage();
  expect((await outside.goto(link))?.status()).toBe(401);
  await outside.getByText("opens by a link").waitFor();
  await lookAt(outside, "dashboard-locked");
  for (const path of ["state", "clients", "link", "main.js"]) {
    expect((await ask(`${house.proxy.url}/dashboard/${path}`)).status).toBe(401);
  }
  await Promise.all([context.close(), stranger.close()]);
});
