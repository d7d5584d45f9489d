import { request as httpRequest } from "node:http";
import axe from "axe-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { answer } from "../../apps/ai-sdk/examples/nextjs-chat/simulate/answers.js";
import { launchBrowser, lookAt, noteProblems, sizes } from "./browser.js";
import { buildChat, type ChatHouse, startChat } from "./chat-house.js";
import { median, openTap, type Tap } from "./tap.js";

/** The example app of the AI SDK provider, as built for production, in a real browser, on the simulator. */
let browser: Browser;
let house: ChatHouse;
let tokens: string[];

beforeAll(async () => {
  buildChat();
  browser = await launchBrowser();
  house = await startChat({ profile: "strict", script: answer });
  tokens = await house.signIn();
}, 900_000);
afterAll(async () => {
  await browser?.close();
  await house?.close();
});
afterEach(() => house.simulator.faults.clear());

/** Opens the page; `problems` gathers what goes wrong, `told` everything that the server has sent. */
async function openChat(options: BrowserContextOptions = {}) {
  const context = await browser.newContext({ viewport: sizes.desktop, ...options });
  const page = await context.newPage();
  const problems = noteProblems(page, () => true);
  const bodies: Promise<string>[] = [];
  page.on("response", (response) => {
    const head = response.allHeaders().then((headers) => JSON.stringify(headers));
    bodies.push(
      head,
      response.text().catch(() => ""),
    );
  });
  await page.goto(house.url);
  await page.getByLabel("Model").waitFor();
  const told = async () => (await Promise.all(bodies)).join("\n");
  return { page, problems, told, close: () => context.close() };
}

/** A question whose answer is scripted; the marker is part of it. */
function scripted(question: string, script: object): string {
  return `${question} SIM${JSON.stringify(script)}`;
}

async function ask(page: Page, question: string): Promise<void> {
  await page.getByLabel("Your question").fill(question);
  await page.getByRole("button", { name: "Send" }).click();
}

const answers = (page: Page) => page.getByRole("article", { name: "Answer" });
const isDone = (page: Page) => page.getByRole("button", { name: "Ask again" }).waitFor();

/** What axe finds that keeps people out. */
async function findFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = (await page.evaluate("axe.run()")) as axe.AxeResults;
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}

const looks = Object.entries(sizes).flatMap(([size, viewport]) =>
  (["light", "dark"] as const).map((colorScheme) => ({ name: `${size}-${colorScheme}`, viewport, colorScheme })),
);

describe.each(looks)("on $name", ({ name, viewport, colorScheme }) => {
  it("is good to look at and open to everybody, empty and with a conversation", async () => {
    const { page, problems, told, close } = await openChat({ viewport, colorScheme, reducedMotion: "reduce" });
    await page.getByRole("button", { name: /^Plan used: 5 hours 12 % Week 34 %$/ }).waitFor();
    expect(await findFaults(page)).toEqual([]);
    await lookAt(page, `chat-${name}-empty`);
    await page.getByRole("button", { name: /^Plan used/ }).click();
    await page.getByText("Your Plus plan").waitFor();
    expect(await findFaults(page)).toEqual([]);
    await lookAt(page, `chat-${name}-plan`);
    await page.keyboard.press("Escape");

    await page.getByRole("button", { name: /How many days are left/ }).click();
    await page.getByText(/days are left/).waitFor();
    await isDone(page);
    await lookAt(page, `chat-${name}-tools`);
    await page.getByLabel("Your question").fill("Compare tea and coffee in a short table.");
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByRole("region", { name: "Table" }).waitFor();
    await isDone(page);
    await lookAt(page, `chat-${name}-table`);
    await ask(page, "Show me how a web page reads a streamed answer.");
    await page.getByText("Nothing in between may collect.").waitFor();
    await isDone(page);
    await page
      .getByRole("button", { name: /^Thought/ })
      .last()
      .click();
    await lookAt(page, `chat-${name}-code`);
    expect(await findFaults(page)).toEqual([]);

    await ask(page, scripted("And a limit?", { fault: "usage_limit" }));
    await page.getByRole("alert").filter({ hasText: "limit is reached" }).waitFor();
    expect(await findFaults(page)).toEqual([]);
    await lookAt(page, `chat-${name}-limit`);
    expect(problems).toEqual([]);
    const all = await told();
    expect(all).toContain("days are left");
    for (const token of tokens) expect(all).not.toContain(token);
    await close();
  });
});

describe("a question", () => {
  it("is answered piece by piece, with reasoning that folds when the answer begins", async () => {
    const { page, problems, close } = await openChat();
    await page.evaluate(`
      window.lengths = [];
      new MutationObserver(() => {
        const shown = [...document.querySelectorAll("article[aria-label=Answer]")].at(-1)?.textContent ?? "";
        const length = (shown.match(/\\bpiece\\d+\\b/g) ?? []).length;
        if (length > (window.lengths.at(-1) ?? 0)) window.lengths.push(length);
      }).observe(document.body, { subtree: true, childList: true, characterData: true });`);
    const words = Array.from({ length: 40 }, (_, index) => `piece${index}`).join(" ");
    await ask(page, scripted("Slowly.", { reasoning: `A thought.\n\n${"so ".repeat(100)}`, text: words, delayMs: 25 }));
    const fold = page.getByRole("button", { name: /^Th(inking|ought)/ });
    await page.getByText("A thought.", { exact: true }).waitFor();
    expect(await fold.getAttribute("aria-expanded")).toBe("true");
    await answers(page).getByText("piece3").waitFor();
    expect(await answers(page).getByText("piece39").count()).toBe(0);
    expect(await page.getByRole("button", { name: "Stop" }).count()).toBe(1);
    await isDone(page);
    await answers(page).getByText("piece39").waitFor();
    const lengths = (await page.evaluate("window.lengths")) as number[];
    expect(lengths.length, `seen: ${lengths.join(" ")}`).toBeGreaterThan(10);
    expect(await fold.getAttribute("aria-expanded")).toBe("false");
    await fold.click();
    await page.getByText("A thought.", { exact: true }).waitFor();
    expect(problems).toEqual([]);
    await close();
  });

  it("goes to the picked model with the picked effort, both remembered", async () => {
    const { page, problems, close } = await openChat();
    const models = await page.getByLabel("Model").locator("option").allTextContents();
    expect(models.length).toBeGreaterThan(2);
    await page.getByLabel("Model").selectOption("gpt-6-luna");
    await page.getByLabel("Thinking effort").selectOption("low");
    await page.reload();
    await expect.poll(() => page.getByLabel("Model").inputValue()).toBe("gpt-6-luna");
    const asked = house.simulator.waitFor("answered", ({ path }) => path.endsWith("/responses"));
    await ask(page, scripted("Which one?", { text: "This one." }));
    await isDone(page);
    expect((await asked).body).toMatchObject({ model: "gpt-6-luna", reasoning: { effort: "low" } });
    await page.getByText("gpt-6-luna ·").waitFor();
    expect(problems).toEqual([]);
    await close();
  });

  it("has tools at the same time and one after the other, with input and result", async () => {
    const { page, problems, close } = await openChat();
    await page.getByRole("button", { name: /What time is it/ }).click();
    await page.getByText("Right now it is").waitFor();
    await isDone(page);
    const calls = answers(page).getByRole("group");
    expect(await calls.count()).toBe(3);
    expect(await calls.first().textContent()).toMatch(
      /Current time.*done.*Input.*Asia\/Tokyo.*Result.*UTC|GMT\+09:00/s,
    );
    await page.getByRole("button", { name: "New chat" }).click();
    const loop = scripted("Wrong first.", {
      tools: [{ name: "current_time", arguments: { timeZone: "Mars/Crater" } }],
      next: {
        tools: [{ name: "days_between", arguments: { from: "2026-01-01", to: "2026-03-01" } }],
        next: { text: "Done." },
      },
    });
    await ask(page, loop);
    await page.getByText("Done.", { exact: true }).waitFor();
    await isDone(page);
    const [wrong, right] = [answers(page).getByRole("group").first(), answers(page).getByRole("group").last()];
    expect(await wrong.textContent()).toContain('"Mars/Crater" is no IANA time zone.');
    expect(await right.textContent()).toContain("days 59");
    expect(problems).toEqual([]);
    await close();
  });

  it("can be stopped: the backend's request is gone, and the conversation goes on", async () => {
    const { page, problems, close } = await openChat();
    const gone = house.simulator.waitFor("disconnect");
    await ask(page, scripted("For long.", { words: 3000, delayMs: 20 }));
    await answers(page).getByText("the quick simulator").waitFor();
    expect(house.simulator.activeResponses).toBe(1);
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByText("You stopped this answer.").waitFor();
    const { eventsSent } = await gone;
    expect(house.simulator.activeResponses).toBe(0);
    expect(eventsSent).toBeLessThan(1000);
    await ask(page, scripted("Thinking too.", { reasoning: "so ".repeat(2000), delayMs: 20 }));
    await page.getByRole("button", { name: "Thinking" }).waitFor();
    await answers(page).getByText("so so so").waitFor();
    await page.keyboard.press("Escape");
    await page.getByText("You stopped this answer.").nth(1).waitFor();
    await ask(page, scripted("Still there?", { text: "Still here." }));
    await page.getByText("Still here.", { exact: true }).waitFor();
    await page.reload();
    await page.getByText("Still here.", { exact: true }).waitFor();
    expect(await page.getByText("You stopped this answer.").count()).toBe(2);
    await page.getByRole("button", { name: "New chat" }).click();
    await page.getByRole("heading", { name: "What can I do for you?" }).waitFor();
    expect(problems).toEqual([]);
    await close();
  });

  it("can be asked again, and its answer copied", async () => {
    const { page, problems, close } = await openChat({ permissions: ["clipboard-read", "clipboard-write"] });
    await ask(page, scripted("Copy.", { text: "Some **bold** text." }));
    await isDone(page);
    await page.getByRole("button", { name: "Copy answer" }).click();
    await page.getByRole("button", { name: "Copied" }).waitFor();
    expect(await page.evaluate("navigator.clipboard.readText()")).toBe("Some **bold** text.");
    const again = house.simulator.waitFor("answered", ({ path }) => path.endsWith("/responses"));
    await page.getByRole("button", { name: "Ask again" }).click();
    await again;
    await isDone(page);
    expect(await answers(page).count()).toBe(1);
    expect(problems).toEqual([]);
    await close();
  });

  it("is sent by Enter; Shift with Enter makes a line", async () => {
    const { page, problems, close } = await openChat();
    const field = page.getByLabel("Your question");
    await field.pressSequentially("One");
    await field.press("Shift+Enter");
    await field.pressSequentially("two");
    expect(await field.inputValue()).toBe("One\ntwo");
    await field.press("Enter");
    await page.getByRole("article", { name: "You" }).getByText("One two").waitFor();
    expect(await field.inputValue()).toBe("");
    await isDone(page);
    expect(problems).toEqual([]);
    await close();
  });
});

describe("a failure says what to do", () => {
  it("when the plan's limit is reached: when it ends", async () => {
    const { page, problems, close } = await openChat();
    await ask(page, scripted("Too much.", { fault: "usage_limit", faultTimes: 1 }));
    const alert = page.getByRole("alert").filter({ hasText: "limit is reached" });
    await alert.waitFor();
    expect(await alert.textContent()).toMatch(/You can ask again at .+, in \d/);
    await alert.getByRole("button", { name: "Try again" }).click();
    await isDone(page);
    expect(await page.getByText("limit is reached").count()).toBe(0);
    expect(problems).toEqual([]);
    await close();
  });

  it("when the backend is busy, and when it cuts the answer off: try again", async () => {
    const { page, problems, close } = await openChat();
    await ask(page, scripted("Busy.", { text: "Not any more.", fault: "overloaded", faultTimes: 4 }));
    await page
      .getByRole("alert")
      .filter({ hasText: "ChatGPT is busy" })
      .getByRole("button", { name: "Try again" })
      .click();
    await page.getByText("Not any more.", { exact: true }).waitFor();
    await ask(page, scripted("Cut.", { text: "one two three four five six", fault: { cut: 8 }, faultTimes: 1 }));
    const cut = page.getByRole("alert").filter({ hasText: "The answer was cut off" });
    await cut.waitFor();
    await cut.getByRole("button", { name: "Try again" }).click();
    await page.getByText("one two three four five six", { exact: true }).waitFor();
    expect(problems).toEqual([]);
    await close();
  });

  it("when the login has expired: the command, and the new login is taken", async () => {
    const { page, problems, close } = await openChat();
    house.simulator.expireAccessTokens();
    house.simulator.expireRefreshTokens();
    await ask(page, scripted("Still signed in?", { text: "Signed in." }));
    const alert = page.getByRole("alert").filter({ hasText: "Your login has expired" });
    await alert.waitFor();
    expect(await alert.textContent()).toContain("npx -y @openai/codex login");
    await lookAt(page, "chat-desktop-light-expired");
    expect(await findFaults(page)).toEqual([]);
    tokens.push(...(await house.signIn()));
    await alert.getByRole("button", { name: "Try again" }).click();
    await page.getByText("Signed in.", { exact: true }).waitFor();
    expect(problems).toEqual([]);
    await close();
  });

  it("when there is no login: at once, before anything is asked", async () => {
    await house.signOut();
    const { page, problems, close } = await openChat({ viewport: sizes.phone });
    const alert = page.getByRole("alert").filter({ hasText: "You are not signed in" });
    await alert.waitFor();
    await lookAt(page, "chat-phone-light-signed-out");
    tokens.push(...(await house.signIn()));
    await alert.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("button", { name: /^Plan used/ }).waitFor();
    expect(await page.getByText("You are not signed in").count()).toBe(0);
    expect(problems).toEqual([]);
    await close();
  });
});

describe("the routes", () => {
  /** A request as another program or page would make it; the status. */
  async function statusOf(path: string, headers: Record<string, string>, body?: string): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      const request = httpRequest(`${house.url}${path}`, { method: body === undefined ? "GET" : "POST", headers });
      request.on("error", reject).on("response", (response) => {
        response.resume().on("end", () => resolve(response.statusCode));
      });
      request.end(body);
    });
  }
  const json = { "content-type": "application/json" };
  const question = JSON.stringify({
    model: "gpt-6-sol",
    messages: [{ id: "a", role: "user", parts: [{ type: "text", text: "Hello." }] }],
  });

  it("answer to this machine", async () => {
    expect(await statusOf("/api/account", {})).toBe(200);
    expect(await statusOf("/api/chat", { ...json, origin: house.url, "sec-fetch-site": "same-origin" }, question)).toBe(
      200,
    );
  });

  it.each([
    ["another name", { host: "evil.test" }],
    ["another page", { origin: "https://evil.test" }],
    ["another port's page", { origin: "http://127.0.0.1:1" }],
    ["a page without a name", { origin: "null" }],
    ["another site", { "sec-fetch-site": "cross-site" }],
    ["another port", { "sec-fetch-site": "same-site" }],
  ])("refuse %s", async (_who, headers) => {
    const before = house.simulator.requests.length;
    expect(await statusOf("/api/account", headers)).toBe(403);
    expect(await statusOf("/api/chat", { ...json, ...headers }, question)).toBe(403);
    expect(house.simulator.requests.length).toBe(before);
  });

  it("refuse forms, and what is no question", async () => {
    expect(await statusOf("/api/chat", { "content-type": "text/plain" }, question)).toBe(403);
    expect(await statusOf("/api/chat", json, "{}")).toBe(400);
    expect(await statusOf("/api/chat", json, "no JSON")).toBe(400);
  });
});

it("shows the first word within 50 ms of the backend's sending it, in the median of 20", async () => {
  let tap: Tap | undefined;
  const measured = await startChat({ profile: "strict" }, async ({ url, baseUrl }) => {
    tap = await openTap(url);
    return baseUrl.replace(url, tap.url);
  });
  const page = await browser.newPage({ viewport: sizes.desktop });
  const script = { reasoning: false, text: "First words of an answer.", delayMs: 40 };
  const delays: number[] = [];
  await page.goto(measured.url);
  await page.getByLabel("Model").waitFor();
  // The first three warm up what a production server has warm.
  for (let round = -3; round < 20; round++) {
    await page.getByRole("button", { name: "New chat" }).click();
    await page.getByRole("heading", { name: "What can I do for you?" }).waitFor();
    await page.evaluate(`
      window.shownAt = new Promise((resolve) => {
        new MutationObserver((_, observer) => {
          if (!document.querySelector("article[aria-label=Answer] p")?.textContent.startsWith("First")) return;
          observer.disconnect();
          resolve(performance.timeOrigin + performance.now());
        }).observe(document.body, { subtree: true, childList: true, characterData: true });
      });
      undefined;`);
    tap?.forget();
    await ask(page, scripted(`Question ${round}.`, script));
    const shownAt = (await page.evaluate("window.shownAt")) as number;
    if (round >= 0) delays.push(shownAt - (tap?.firstTextAt() ?? Number.NaN));
    await isDone(page);
  }
  const middle = median(delays);
  const each = delays.map((ms) => ms.toFixed(0)).join(" ");
  process.stdout.write(`First word: ${middle.toFixed(1)} ms in the median of ${delays.length} (${each})\n`);
  expect(middle).toBeGreaterThan(0);
  expect(middle).toBeLessThan(50);
  await page.close();
  tap?.close();
  await measured.close();
});

it("has told no token to anybody, its own log included", () => {
  for (const token of tokens) expect(house.printed()).not.toContain(token);
});
