import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCodexClient } from "@codex/provider";
import { createSimulator } from "@codex/simulator";
import { expect, it, onTestFinished } from "vitest";
import { createColors } from "../../src/colors.js";
import { ask } from "../../src/commands/ask.js";
import type { Terminal } from "../../src/terminal.js";

/** One question, with instructions whose renewal is what the test says. */
async function run(renewal: () => Promise<void> | undefined, signal = new AbortController().signal) {
  const simulator = await createSimulator();
  const folder = await mkdtemp(join(tmpdir(), "codex-ask-"));
  const authFile = join(folder, "auth.json");
  await writeFile(authFile, JSON.stringify(simulator.authJson()), { mode: 0o600 });
  const client = createCodexClient({
    baseUrl: simulator.baseUrl,
    authFile,
    instructions: {
      derive: () => ({ instructions: "Be brief.", developer: [], source: "official" }),
      renewal,
    },
  });
  onTestFinished(async () => {
    await client.close();
    await simulator.close();
    await rm(folder, { recursive: true, force: true });
  });
  let printedAt = 0;
  const print = async () => {
    printedAt = performance.now();
  };
  const terminal: Terminal = {
    ...{ print, say: print, note() {}, noteOn() {} },
    colors: createColors(false),
    noteColors: createColors(false),
    clear: async () => {},
    isInteractive: false,
    columns: undefined,
    isWatched: false,
    hasInput: false,
    readInput: async () => "",
    canAsk: false,
    readLine: async () => undefined,
    closed: new AbortController().signal,
  };
  const code = await ask(client, terminal, ["hello"], { model: "gpt-6-sol" }, signal);
  return { code, waitedMs: performance.now() - printedAt };
}

it("waits for no renewal where the instructions are fresh", async () => {
  const { code, waitedMs } = await run(() => undefined);
  expect(code).toBe(0);
  expect(waitedMs).toBeLessThan(700);
});

it("waits for the renewal of old instructions once the answer is printed", async () => {
  let renewed = false;
  const renewal = new Promise<void>((resolve) => {
    setTimeout(() => {
      renewed = true;
      resolve();
    }, 600);
  });
  expect((await run(() => renewal)).code).toBe(0);
  expect(renewed).toBe(true);
});

it("waits for a second at most", async () => {
  const { code, waitedMs } = await run(() => new Promise(() => {}));
  expect(code).toBe(0);
  expect(waitedMs).toBeGreaterThan(900);
  expect(waitedMs).toBeLessThan(3000);
});
