import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { expect } from "vitest";
import { findProgram } from "./find-program.js";

/** Two sizes that people have. */
export const sizes = { desktop: { width: 1280, height: 800 }, phone: { width: 360, height: 640 } };

/** Where screenshots are kept to be looked at; git ignores it. E2E_SCREENSHOTS names another folder. */
const screenshots = process.env.E2E_SCREENSHOTS ?? join(import.meta.dirname, "screenshots");

/** The system's Chromium. Throws with the Debian package when there is none. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = findProgram(["chromium", "chromium-browser", "google-chrome"], "chromium");
  await mkdir(screenshots, { recursive: true });
  // Chromium's own sandbox does not work for root, whom containers run as.
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
}

/** Notes what goes wrong in a page: a thing that is not there, one that its policy forbids, an error of its scripts. */
export function noteProblems(page: Page, isOurs: (url: string) => boolean): string[] {
  const problems: string[] = [];
  page.on("console", (message) => {
    if (isOurs(message.location().url) && ["error", "warning"].includes(message.type())) problems.push(message.text());
  });
  page.on("pageerror", (error) => problems.push(error.message));
  return problems;
}

/** Keeps how a page looks. Fails when it is wider than its window. */
export async function lookAt(page: Page, name: string): Promise<void> {
  const isWider = await page.evaluate("document.documentElement.scrollWidth > innerWidth");
  expect(isWider, `${name} scrolls sideways`).toBe(false);
  await page.screenshot({ path: join(screenshots, `${name}.png`) });
}
