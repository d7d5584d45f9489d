import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundledCatalog, unlistedModel } from "@codex/models";
import { createInstructions, type InstructionsOptions } from "@codex/prompts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { compactReleaseModels, findReleaseModel, parseReleaseModels } from "../src/release-models.js";
import { type SourceServer, startSourceServer } from "./source-server.js";

const minute = 60_000;
const release = "/releases/latest";
const file = "/raw/rust-v0.99.0/codex-rs/models-manager/models.json";

/** An entry as the real file has it, less fields that don't matter here. */
const entry = (slug: string, messages: object | null, more: object = {}) => ({
  slug,
  display_name: slug,
  context_window: 500_000,
  supported_reasoning_levels: [{ effort: "low", description: "Low." }],
  model_messages: messages,
  ...more,
});
const voices = { personality_default: "Calm.", personality_friendly: "Warm.", personality_pragmatic: null };
const list = [
  entry("gpt-6.2-sol", {
    instructions_template: "Sol of {{ version }}, see {{plugin_id}}.",
    instructions_variables: null,
  }),
  entry("gpt-6.2-sol-large", { instructions_template: "Large." }),
  entry("gpt-6-sol", { instructions_template: "Six. {{ personality }} Go.", instructions_variables: voices }),
  entry("gpt-5.5", null, { base_instructions: "The base of 5.5." }),
  entry("gpt-6-luna", { instructions_template: "  " }),
];

let server: SourceServer;
let cacheDir: string;
let ms: number;
let failures: unknown[];
beforeEach(async () => {
  server = await startSourceServer();
  server.models = list;
  cacheDir = await mkdtemp(join(tmpdir(), "codex-prompts-"));
  ms = 1_000_000;
  failures = [];
});
afterEach(async () => {
  await server.close();
  await rm(cacheDir, { recursive: true, force: true, maxRetries: 3 });
});

/** One process, as it were: a memory of its own over the common files. */
function start(options: InstructionsOptions = {}) {
  const sink = failures;
  const instructions = createInstructions({
    mode: "on",
    sources: server.sources,
    cacheDir,
    now: () => ms,
    onFailure: (error) => sink.push(error),
    ...options,
  });
  return async (slug: string) => {
    const { instructions: text, source } = await instructions.derive({
      messages: [],
      toolNames: [],
      model: bundledCatalog.find((model) => model.slug === slug) ?? unlistedModel(slug),
    });
    return source === "bundled" ? source : text;
  };
}

const filed = () => join(cacheDir, "instructions", "models.json");
const isFiled = (text: string) => async () => (await readFile(filed(), "utf8").catch(() => "")).includes(text);
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 1));
}

describe("the instructions of today's models", () => {
  it.each([
    ["gpt-6.2-sol", "Sol of {{ version }}, see {{plugin_id}}."],
    ["gpt-6-sol", "Six. Calm. Go."],
    ["gpt-5.5", "The base of 5.5."],
    ["gpt-6.2-sol-preview", "Sol of {{ version }}, see {{plugin_id}}."],
    ["gpt-6.2-sol-large-preview", "Large."],
    ["gpt-6-luna", "bundled"],
    ["gpt-6.2-solar", "bundled"],
    ["gpt-9", "bundled"],
  ])("come from the latest release's model list: %s", async (slug, text) => {
    expect(await start()(slug)).toBe(text);
    expect(server.seen).toEqual([release, file]);
    expect(failures).toEqual([]);
  });

  it("have the voice that was chosen", async () => {
    expect(await start({ personality: "friendly" })("gpt-6-sol")).toBe("Six. Warm. Go.");
  });

  it("are fetched once for all models and callers, and are not asked for where the account has the text", async () => {
    const read = start();
    await Promise.all([read("gpt-6.2-sol"), read("gpt-6-sol"), read("gpt-5.5")]);
    expect(server.seen).toEqual([release, file]);
    const instructions = createInstructions({ mode: "on", sources: server.sources });
    const model = { ...unlistedModel("gpt-6.2-sol"), instructionsTemplate: "The account's." };
    expect(instructions.derive({ messages: [], toolNames: [], model })).toMatchObject({
      instructions: "The account's.",
    });
    expect(server.seen).toHaveLength(2);
  });

  it("leave ids up to gpt-5.4 to their prompt files", async () => {
    expect(await start()("gpt-5.4")).toContain("/codex-rs/core/gpt_5_2_prompt.md, v1");
    expect(server.seen.some((path) => path.includes("models.json"))).toBe(false);
  });

  it("are asked for again after 15 minutes, by their etag", async () => {
    const read = start();
    await read("gpt-6-sol");
    ms += 15 * minute - 1;
    await read("gpt-6-sol");
    expect(server.seen).toHaveLength(2);
    ms += 1;
    expect(await read("gpt-6-sol")).toBe("Six. Calm. Go.");
    await until(isFiled(`"checkedAt":${ms}`));
    expect(server.seen.slice(2)).toEqual([`${release} "rust-v0.99.0"`, `${file} "v1"`]);
    expect(await read("gpt-6-sol")).toBe("Six. Calm. Go.");
    server.models = [entry("gpt-6-sol", { instructions_template: "Newer." })];
    server.version = "v2";
    ms += 15 * minute;
    await until(async () => (await read("gpt-6-sol")) === "Newer.");
  });

  it.each(["a dead socket", "500", "404", "no JSON"])("stay as they were on %s", async (fault) => {
    const read = start();
    await read("gpt-6-sol");
    server.fault = (path, response) => {
      if (path === release && fault === "no JSON") return false;
      if (fault === "a dead socket") response.socket?.destroy();
      else if (fault === "no JSON") response.end("{");
      else response.writeHead(Number(fault)).end();
      return true;
    };
    ms += 15 * minute;
    expect(await read("gpt-6-sol")).toBe("Six. Calm. Go.");
    await until(() => failures.length >= 1);
    expect(await read("gpt-6-sol")).toBe("Six. Calm. Go.");
  });

  it("serve the next process from the file, offline too, and only what is needed is kept there", async () => {
    await start()("gpt-6-sol");
    await until(isFiled("Six."));
    await server.close();
    ms += 1000 * minute;
    expect(await start()("gpt-6.2-sol")).toContain("Sol of");
    expect(await readFile(filed(), "utf8")).not.toContain("context_window");
  });

  it("are fetched anew where somebody has written over what was filed", async () => {
    await start()("gpt-6-sol");
    await until(isFiled("Six."));
    const written = JSON.parse(await readFile(filed(), "utf8")) as object;
    await writeFile(filed(), JSON.stringify({ ...written, text: "[1]" }));
    const read = start();
    expect(await read("gpt-6-sol")).toBe("bundled");
    ms += 15 * minute;
    await until(async () => (await read("gpt-6-sol")) === "Six. Calm. Go.");
    expect(server.seen.at(-1)).toBe(file);
  });

  it.each([
    ["is no JSON", "{", "upstream_rejected"],
    ["is no list", '{"models":{}}', "upstream_rejected"],
    ["has no instructions", '{"models":[{"slug":"gpt-6-sol"}]}', "upstream_rejected"],
    [
      "has more than 8 MiB",
      `{"models":[{"slug":"gpt-6-sol","base_instructions":"${"x".repeat(8 * 1024 * 1024)}"}]}`,
      "upstream_rejected",
    ],
  ])("are not taken from a file that %s", async (_what, body, code) => {
    server.fault = (path, response) => path === file && response.end(body) !== undefined;
    expect(await start()("gpt-6-sol")).toBe("bundled");
    expect(failures).toMatchObject([{ code }]);
    await expect(readFile(filed())).rejects.toMatchObject({ code: "ENOENT" });
  });
});

describe("the compact list", () => {
  it("holds slugs and texts alone, and skips what is broken", () => {
    const broken = [null, 7, { slug: 1 }, entry("gpt-x", { instructions_template: 5 }), "text"];
    const compact = compactReleaseModels(JSON.stringify({ models: [...broken, ...list], more: true }));
    expect(compact).not.toMatch(/context_window|display_name|more/);
    const models = parseReleaseModels(compact);
    expect(models.map(({ slug }) => slug).sort()).toEqual(["gpt-5.5", "gpt-6-sol", "gpt-6.2-sol", "gpt-6.2-sol-large"]);
    expect(findReleaseModel(models, "gpt-6.2-sol-large")?.instructionsTemplate).toBe("Large.");
    expect(findReleaseModel(models, "gpt-6")).toBeUndefined();
  });
});
