import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unlistedModel } from "@codex/models";
import { createInstructions, type InstructionsOptions } from "@codex/prompts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type SourceServer, startSourceServer } from "./source-server.js";

const minute = 60_000;
const release = "/releases/latest";
const file = "/raw/rust-v0.99.0/codex-rs/core/gpt_5_1_prompt.md";

let server: SourceServer;
let cacheDir: string;
let ms: number;
let failures: unknown[];
beforeEach(async () => {
  server = await startSourceServer();
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
  // What the test before left in the background reports to its own list.
  const sink = failures;
  const instructions = createInstructions({
    mode: "on",
    sources: server.sources,
    cacheDir,
    now: () => ms,
    onFailure: (error) => sink.push(error),
    ...options,
  });
  return (slug = "gpt-5.1", signal?: AbortSignal) =>
    instructions.derive({ messages: [], toolNames: [], model: unlistedModel(slug), signal });
}

const textOf = async (derived: ReturnType<ReturnType<typeof start>>) => (await derived).instructions;
const filed = () => join(cacheDir, "instructions", "gpt_5_1_prompt.md.json");

/** Waits until a condition holds that something in the background brings about. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** Waits until a text is served, which the background fetch of an earlier call brings. */
const untilServed = (derive: ReturnType<typeof start>, text: string) =>
  until(async () => (await textOf(derive())).endsWith(text));

const isFiled = (text: string) => async () => (await readFile(filed(), "utf8").catch(() => "")).includes(text);

describe("the first text", () => {
  it("is fetched once for all who wait, then served at once", async () => {
    const derive = start();
    const waiting = [derive(), derive(), derive()];
    for (const derived of waiting) {
      expect(await derived).toEqual({ instructions: `Text of ${file}, v1`, developer: [], source: "official" });
    }
    expect(derive()).toMatchObject({ source: "official" });
    expect(server.seen).toEqual([release, file]);
  });

  it("is another one for another family, from the same release", async () => {
    const derive = start();
    await Promise.all([derive("gpt-5.1"), derive("gpt-5.2-codex"), derive("gpt-5.3-codex-spark")]);
    expect(server.seen).toHaveLength(3);
    expect(server.seen.filter((path) => path === release)).toHaveLength(1);
    expect(server.seen.at(-1)).toMatch(/^\/raw\/rust-v0.99.0\/codex-rs\/core\//);
  });

  it("goes on being fetched when one caller leaves", async () => {
    const derive = start();
    const leaver = new AbortController();
    const left = derive("gpt-5.1", leaver.signal);
    const stays = derive("gpt-5.1", new AbortController().signal);
    leaver.abort();
    await expect(left).rejects.toMatchObject({ name: "AbortError" });
    expect(await stays).toMatchObject({ source: "official" });
  });

  it("is given up after the time limit, and asked for again later in the background", async () => {
    server.fault = () => true;
    const derive = start({ timeoutMs: 200 });
    expect(await derive()).toMatchObject({ source: "bundled" });
    await until(() => failures.length === 2);
    server.fault = undefined;
    ms += 59_999;
    const before = server.seen.length;
    expect(derive()).toMatchObject({ source: "bundled" });
    expect(server.seen).toHaveLength(before);
    ms += 1;
    expect(derive()).toMatchObject({ source: "bundled" });
    // On a busy machine this try may be too slow as well; then the next one is due a minute later.
    await until(async () => {
      ms += 1000;
      return (await textOf(derive())).endsWith("v1");
    });
  });

  it.each([
    ["no JSON", "rust-v1"],
    ["no tag", "{}"],
    ["null", "null"],
    ["a tag that leads elsewhere", '{"tag_name":"../../evil"}'],
    ["a tag with a query", '{"tag_name":"v1?x=1"}'],
  ])("is not asked for when the release is told with %s", async (_, body) => {
    server.fault = (path, response) => path === release && response.end(body) !== undefined;
    expect(await start()()).toMatchObject({ source: "bundled" });
    expect(server.seen).toEqual([release]);
  });

  it.each([
    [200, "text/html", "<html>Please sign in</html>"],
    [200, "text/plain", " \n "],
    [200, "text/plain", "x".repeat(1_000_001)],
    [304, "text/plain", ""],
    [403, "application/json", "{}"],
    [500, "text/plain", "oops"],
  ])("is not taken from an answer %i of %s", async (status, type, body) => {
    server.fault = (path, response) =>
      path === file && response.writeHead(status, { "content-type": type }).end(body) !== undefined;
    expect(await start()()).toMatchObject({ source: "bundled" });
    expect(failures).toMatchObject([{ code: "upstream_rejected" }]);
    await expect(readFile(filed())).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("is left alone for the whole TTL when the release has no such file", async () => {
    server.fault = (path, response) => path === file && response.writeHead(404).end() !== undefined;
    const derive = start();
    expect(await derive()).toMatchObject({ source: "bundled" });
    expect(failures).toMatchObject([{ code: "not_found" }]);
    ms += 15 * minute - 1;
    expect(derive()).toMatchObject({ source: "bundled" });
    expect(server.seen).toEqual([release, file]);
    ms += 1;
    void derive();
    await until(() => server.seen.length >= 4);
  });
});

describe("an old text", () => {
  it("is served at once while its etag is sent in the background", async () => {
    const derive = start();
    await derive();
    ms += 15 * minute - 1;
    expect(derive()).toMatchObject({ source: "official" });
    expect(server.seen).toHaveLength(2);
    ms += 1;
    expect(derive()).toMatchObject({ instructions: `Text of ${file}, v1` });
    await until(isFiled(`"checkedAt":${ms}`));
    expect(server.seen.slice(2)).toEqual([`${release} "rust-v0.99.0"`, `${file} "v1"`]);
    ms += 15 * minute - 1;
    expect(derive()).toMatchObject({ instructions: `Text of ${file}, v1` });
    expect(server.seen).toHaveLength(4);
  });

  it("gives way to a new one of the same release", async () => {
    const derive = start();
    await derive();
    server.version = "v2";
    ms += 15 * minute;
    await untilServed(derive, "v2");
    await until(isFiled("v2"));
  });

  it("gives way to that of a new release, without the etag of the old one", async () => {
    const derive = start();
    await derive();
    server.tag = "rust-v1.0.0";
    ms += 15 * minute;
    await until(async () => (await textOf(derive())).includes("rust-v1.0.0"));
    expect(server.seen.at(-1)).toBe("/raw/rust-v1.0.0/codex-rs/core/gpt_5_1_prompt.md");
  });

  it.each(["a dead socket", "500", "404"])("stays on %s", async (fault) => {
    const derive = start();
    await derive();
    server.fault = (_, response) => {
      if (fault === "a dead socket") response.socket?.destroy();
      else response.writeHead(Number(fault)).end();
      return true;
    };
    ms += 15 * minute;
    expect(derive()).toMatchObject({ instructions: `Text of ${file}, v1` });
    await until(() => failures.length >= 2);
    expect(derive()).toMatchObject({ instructions: `Text of ${file}, v1`, source: "official" });
  });

  it("of a known release is found even while the release cannot be asked for", async () => {
    await start()();
    server.fault = (path, response) => path === release && response.writeHead(403).end() !== undefined;
    ms += 15 * minute;
    expect(await start()("gpt-5")).toMatchObject({ source: "official" });
    expect(server.seen.at(-1)).toBe("/raw/rust-v0.99.0/codex-rs/core/prompt.md");
  });
});

describe("the file cache", () => {
  it("serves the next process without a request, offline too", async () => {
    await textOf(start()());
    await until(isFiled("v1"));
    server.seen.length = 0;
    expect(await textOf(start()())).toBe(`Text of ${file}, v1`);
    expect(server.seen).toEqual([]);
    await server.close();
    ms += 1000 * minute;
    expect(await textOf(start()())).toBe(`Text of ${file}, v1`);
  });

  it("lets another process' newer text be taken over without a request", async () => {
    const [one, two] = [start(), start()];
    await one();
    await until(isFiled("v1"));
    await two();
    ms += 15 * minute;
    server.version = "v2";
    await untilServed(one, "v2");
    await until(isFiled("v2"));
    server.seen.length = 0;
    await untilServed(two, "v2");
    expect(server.seen).toEqual([]);
  });

  it.each(["", "{", "null", "[]", '{"url":"x","text":"","checkedAt":1}', '{"url":"x","text":"y"}', "\u0000\u0000"])(
    "takes a broken file for none: %j",
    async (content) => {
      await start()();
      await until(isFiled("v1"));
      await writeFile(filed(), content);
      expect(await textOf(start()())).toBe(`Text of ${file}, v1`);
      await until(isFiled("v1"));
      expect(failures).toEqual([]);
    },
  );

  it("takes a file that was cut anywhere for none", async () => {
    await start()();
    await until(isFiled("v1"));
    const whole = await readFile(filed(), "utf8");
    for (let end = 0; end < whole.length; end += 17) {
      await writeFile(filed(), whole.slice(0, end));
      expect(await textOf(start()())).toBe(`Text of ${file}, v1`);
      await until(isFiled("v1"));
    }
  });

  it("asks again when the file is from the future", async () => {
    await start()();
    await until(isFiled("v1"));
    server.version = "v2";
    ms -= 1;
    const derive = start();
    expect(await textOf(derive())).toMatch(/v1$/);
    await untilServed(derive, "v2");
  });

  it("is done without where the folder cannot be one, or written", async () => {
    const blocked = join(cacheDir, "a-file");
    await writeFile(blocked, "not a folder");
    const derive = start({ cacheDir: blocked });
    expect(await derive()).toMatchObject({ source: "official" });
    await until(() => failures.length > 0);
    expect(derive()).toMatchObject({ source: "official" });
    expect(server.seen).toEqual([release, file]);
  });

  it("is not used unless a folder is given", async () => {
    const instructions = createInstructions({ mode: "on", sources: server.sources, now: () => ms });
    const input = { messages: [], toolNames: [], model: unlistedModel("gpt-5.1") };
    expect(await instructions.derive(input)).toMatchObject({ source: "official" });
    expect(await readdir(cacheDir)).toEqual([]);
  });
});
