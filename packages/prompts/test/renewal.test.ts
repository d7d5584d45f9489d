import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unlistedModel } from "@codex/models";
import { createInstructions } from "@codex/prompts";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type SourceServer, startSourceServer } from "./source-server.js";

const slug = "gpt-6-sol";
const says = (text: string) => [{ slug, model_messages: { instructions_template: text } }];

let server: SourceServer;
let cacheDir: string;
let ms: number;
beforeEach(async () => {
  server = await startSourceServer();
  server.models = says("Old.");
  cacheDir = await mkdtemp(join(tmpdir(), "codex-prompts-"));
  ms = 1_000_000;
});
afterEach(async () => {
  await server.close();
  await rm(cacheDir, { recursive: true, force: true, maxRetries: 3 });
});

/** One process, as it were. */
function start() {
  const instructions = createInstructions({ mode: "on", sources: server.sources, cacheDir, now: () => ms });
  const ask = async () =>
    (
      await instructions.derive({
        messages: [],
        toolNames: [],
        model: unlistedModel(slug),
      })
    ).instructions;
  return { instructions, ask };
}

it("can be waited for, so that the next short-lived process has the new text", async () => {
  const first = start();
  expect(first.instructions.renewal?.()).toBeUndefined();
  expect(await first.ask()).toBe("Old.");
  expect(first.instructions.renewal?.()).toBeUndefined();

  ms += 16 * 60_000;
  server.models = says("New.");
  server.tag = "rust-v0.99.1";
  server.version = "v2";
  const second = start();
  expect(await second.ask()).toBe("Old.");
  const renewal = second.instructions.renewal?.();
  expect(renewal).toBeInstanceOf(Promise);
  await renewal;
  expect(second.instructions.renewal?.()).toBeUndefined();
  expect(await readFile(join(cacheDir, "instructions", "models.json"), "utf8")).toContain("New.");
  const third = start();
  expect(await third.ask()).toBe("New.");
  expect(third.instructions.renewal?.()).toBeUndefined();
});

it("ends when it fails", async () => {
  await start().ask();
  ms += 16 * 60_000;
  server.fault = (_path, response) => Boolean(response.writeHead(500).end());
  const later = start();
  expect(await later.ask()).toBe("Old.");
  await later.instructions.renewal?.();
  expect(later.instructions.renewal?.()).toBeUndefined();
});
