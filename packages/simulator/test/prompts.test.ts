import { expect, test } from "vitest";
import { start } from "./client.js";

test("the latest release names a tag, whose files are there", async () => {
  const { sim } = await start();
  const release = (await (await fetch(`${sim.url}/repos/openai/codex/releases/latest`)).json()) as { tag_name: string };
  expect(release.tag_name).toMatch(/^rust-v\d+\.\d+\.\d+$/);
  const texts = await Promise.all(
    [...sim.prompts.keys()].map(async (file) => {
      const path = file.includes("/") ? file : `core/${file}`;
      const reply = await fetch(`${sim.url}/openai/codex/${release.tag_name}/codex-rs/${path}`);
      expect(reply.status).toBe(200);
      return reply.text();
    }),
  );
  expect(new Set(texts).size).toBe(sim.prompts.size);
});

test("a known ETag gives 304 until the text changes", async () => {
  const { sim } = await start();
  const url = `${sim.url}/openai/codex/main/codex-rs/core/prompt.md`;
  const etag = (await fetch(url)).headers.get("etag") ?? "";
  expect((await fetch(url, { headers: { "if-none-match": etag } })).status).toBe(304);
  sim.prompts.set("prompt.md", "changed");
  const changed = await fetch(url, { headers: { "if-none-match": etag } });
  expect(await changed.text()).toBe("changed");
});

test("a file that is not there is a 404, and the source can fail", async () => {
  const { sim } = await start();
  expect((await fetch(`${sim.url}/openai/codex/main/codex-rs/core/none.md`)).status).toBe(404);
  sim.faults.next({ route: "prompts", status: 503 });
  expect((await fetch(`${sim.url}/repos/openai/codex/releases/latest`)).status).toBe(503);
});
