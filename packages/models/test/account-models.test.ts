import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { CodexError } from "@codex/errors";
import { type AccountModelsOptions, bundledCatalog, createAccountModels, type FetchedModels } from "@codex/models";
import { afterEach, describe, expect, it } from "vitest";

const body = (...slugs: string[]) => ({
  models: slugs.map((slug, priority) => ({ slug, priority, support_verbosity: true })),
});
const slugs = (models: readonly { slug: string }[]) => models.map(({ slug }) => slug);

/** A source whose answers the test decides one by one, and a clock that the test moves. */
function stage(options: Partial<AccountModelsOptions> = {}) {
  const calls: { etag: string | undefined; signal: AbortSignal; answer: (fetched: FetchedModels | Error) => void }[] =
    [];
  const failures: unknown[] = [];
  const clock = { ms: 1_000_000 };
  const models = createAccountModels({
    now: () => clock.ms,
    onFailure: (error) => failures.push(error),
    ...options,
    fetchModels: (etag, signal) =>
      new Promise((resolve, reject) => {
        calls.push({
          etag,
          signal,
          answer: (fetched) => (fetched instanceof Error ? reject(fetched) : resolve(fetched)),
        });
      }),
  });
  /** Answers the last call and waits until the answer has been taken in. */
  const answer = async (fetched: FetchedModels | Error) => {
    calls.at(-1)?.answer(fetched);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { models, calls, failures, clock, answer };
}

async function filled(options: Partial<AccountModelsOptions> = {}) {
  const all = stage(options);
  const first = all.models.list();
  await all.answer({ status: "ok", body: body("gpt-a", "gpt-b"), etag: 'W/"1"' });
  await first;
  return all;
}

describe("the first list", () => {
  it("is waited for, fetched once for all callers, then served from memory", async () => {
    const { models, calls, answer } = stage();
    expect(models.source()).toBe("bundled");
    expect(models.peek("gpt-a")).toBeUndefined();
    const waiting = [models.list(), models.list(), models.resolve("gpt-b")] as const;
    await answer({ status: "ok", body: body("gpt-a", "gpt-b"), etag: "1" });
    const [first, second, resolved] = await Promise.all(waiting);
    expect(slugs(first)).toEqual(["gpt-a", "gpt-b"]);
    expect(second).toBe(first);
    expect(resolved).toMatchObject({ model: "gpt-b", listed: true, info: { slug: "gpt-b" } });
    expect(await models.list()).toBe(first);
    expect(calls).toHaveLength(1);
    expect(calls[0]?.etag).toBeUndefined();
    expect(models.source()).toBe("account");
  });

  it("is not lost for others when one caller leaves", async () => {
    const { models, answer } = stage();
    const leaver = new AbortController();
    const left = models.list(leaver.signal);
    const stays = models.list(new AbortController().signal);
    leaver.abort();
    await expect(left).rejects.toMatchObject({ name: "AbortError" });
    await expect(models.list(AbortSignal.abort())).rejects.toMatchObject({ name: "AbortError" });
    await answer({ status: "ok", body: body("gpt-a") });
    expect(slugs(await stays)).toEqual(["gpt-a"]);
  });

  it("is the bundled one when the fetch fails, and is tried again in the background after 30 s", async () => {
    const { models, calls, failures, clock, answer } = stage();
    const first = models.list();
    await answer(new CodexError("upstream_unreachable", "No way."));
    expect(await first).toEqual(bundledCatalog);
    expect(models.source()).toBe("bundled");
    expect(failures).toMatchObject([{ code: "upstream_unreachable" }]);
    clock.ms += 29_999;
    expect(await models.list()).toEqual(bundledCatalog);
    expect(calls).toHaveLength(1);
    clock.ms += 1;
    expect(await models.list()).toEqual(bundledCatalog);
    expect(calls).toHaveLength(2);
    await answer({ status: "ok", body: body("gpt-a") });
    expect(slugs(await models.list())).toEqual(["gpt-a"]);
  });

  it.each([
    ["a body of another shape", { status: "ok", body: { data: [] } }],
    ["not modified, though there is nothing to modify", { status: "not_modified" }],
  ] as const)("takes as a failure %s", async (_, answered) => {
    const { models, failures, answer } = stage();
    const first = models.list();
    await answer(answered);
    expect(await first).toEqual(bundledCatalog);
    expect(failures).toMatchObject([{ code: "upstream_rejected" }]);
  });

  it("is the bundled one when the backend's is empty, without asking again before the TTL", async () => {
    const { models, calls, clock, answer } = stage({ fallback: bundledCatalog.slice(0, 2) });
    const first = models.list();
    await answer({ status: "ok", body: body(), etag: "1" });
    expect(slugs(await first)).toEqual(["gpt-6.2-sol", "gpt-6.2-astra"]);
    expect(models.source()).toBe("bundled");
    clock.ms += 299_999;
    await models.list();
    expect(calls).toHaveLength(1);
  });

  it("is given up after the time limit, and its late answer is ignored", async () => {
    const { models, calls, failures, answer } = stage({ timeoutMs: 20 });
    expect(await models.list()).toEqual(bundledCatalog);
    expect(failures).toMatchObject([{ code: "upstream_timeout" }]);
    expect(calls[0]?.signal.aborted).toBe(true);
    await answer({ status: "ok", body: body("late") });
    expect(await models.list()).toEqual(bundledCatalog);
  });
});

describe("an old list", () => {
  it("is served at once and renewed in the background", async () => {
    const { models, calls, clock, answer } = await filled();
    clock.ms += 300_000;
    expect(models.source()).toBe("stale");
    expect(slugs(await models.list())).toEqual(["gpt-a", "gpt-b"]);
    expect(models.peek("gpt-b")?.listed).toBe(true);
    expect(calls).toHaveLength(2);
    expect(calls[1]?.etag).toBe('W/"1"');
    await answer({ status: "ok", body: body("gpt-c"), etag: "2" });
    expect(slugs(await models.list())).toEqual(["gpt-c"]);
    expect(models.source()).toBe("account");
  });

  it("is fresh again when it has not changed", async () => {
    const { models, calls, clock, answer } = await filled();
    clock.ms += 300_000;
    const before = await models.list();
    await answer({ status: "not_modified" });
    clock.ms += 299_999;
    expect(await models.list()).toBe(before);
    expect(models.source()).toBe("account");
    expect(calls).toHaveLength(2);
  });

  it("stays when the renewal fails, which is tried every 30 s at most", async () => {
    const { models, calls, clock, answer } = await filled();
    clock.ms += 300_000;
    await models.list();
    await answer(new Error("down"));
    for (let second = 0; second < 29; second++) {
      clock.ms += 1000;
      expect(slugs(await models.list())).toEqual(["gpt-a", "gpt-b"]);
    }
    expect(models.source()).toBe("stale");
    expect(calls).toHaveLength(2);
    clock.ms += 1000;
    await models.list();
    expect(calls).toHaveLength(3);
  });

  it("is renewed when the clock was set back", async () => {
    const { models, calls, clock } = await filled();
    clock.ms -= 1;
    await models.list();
    expect(calls).toHaveLength(2);
  });
});

describe("noteEtag", () => {
  it("renews a list of the same etag, however it is spelled", async () => {
    const { models, calls, clock } = await filled();
    for (const etag of ['W/"1"', '"1"', "1"]) {
      clock.ms += 299_000;
      models.noteEtag(etag);
    }
    clock.ms += 299_000;
    models.noteEtag(undefined);
    await models.list();
    expect(models.source()).toBe("account");
    expect(calls).toHaveLength(1);
  });

  it("marks a list of another etag as stale", async () => {
    const { models, calls, answer } = await filled();
    models.noteEtag("2");
    expect(models.source()).toBe("stale");
    expect(slugs(await models.list())).toEqual(["gpt-a", "gpt-b"]);
    expect(calls).toHaveLength(2);
    await answer({ status: "ok", body: body("gpt-c"), etag: '"2"' });
    expect(slugs(await models.list())).toEqual(["gpt-c"]);
    models.noteEtag("2");
    expect(models.source()).toBe("account");
  });

  it("does not fetch again and again for an etag that the list never gets", async () => {
    const { models, calls, answer } = await filled();
    models.noteEtag("other");
    await models.list();
    await answer({ status: "ok", body: body("gpt-a"), etag: "1" });
    for (let i = 0; i < 5; i++) {
      models.noteEtag("other");
      await models.list();
    }
    expect(calls).toHaveLength(2);
    models.noteEtag("third");
    await models.list();
    expect(calls).toHaveLength(3);
  });

  it("does nothing before the first list", () => {
    const { models, calls } = stage();
    models.noteEtag("1");
    expect(models.source()).toBe("bundled");
    expect(calls).toHaveLength(0);
  });
});

describe("resolve", () => {
  it("follows aliases, efforts and retirements with the account's list", async () => {
    const { models } = await filled({ aliases: { best: "gpt-b-high" } });
    expect(await models.resolve("codex/best")).toMatchObject({
      model: "gpt-b",
      effort: "high",
      listed: true,
      info: { slug: "gpt-b" },
      mapped: { from: "best", reason: "alias" },
    });
    expect(models.peek("gpt-5-codex")).toMatchObject({ model: "gpt-a", mapped: { reason: "retired" }, listed: true });
  });

  it("assumes that a model which is not listed takes everything", async () => {
    const { models } = await filled();
    const { info, listed, model, effort } = await models.resolve("gpt-9-max");
    expect({ model, effort, listed }).toEqual({ model: "gpt-9", effort: "max", listed: false });
    expect(info).toMatchObject({ slug: "gpt-9", supportsVerbosity: true, supportsReasoningSummaries: true });
    expect(info.efforts).toEqual(["none", "minimal", "low", "medium", "high", "xhigh", "max"]);
    expect(info.defaultEffort).toBeUndefined();
  });

  it("merges the user's own models over the list", async () => {
    const custom = [
      { slug: "gpt-b", displayName: "My B", priority: -1 },
      { slug: "gpt-own", efforts: ["low"], priority: 0.5 },
    ];
    const { models } = await filled({ custom });
    expect(slugs(await models.list())).toEqual(["gpt-b", "gpt-a", "gpt-own"]);
    expect(await models.resolve("GPT-Own-high")).toMatchObject({
      model: "gpt-own",
      listed: true,
      info: { efforts: ["low"], visibility: "list", supportsVerbosity: true },
    });
    expect(models.peek("gpt-b")?.info).toMatchObject({ displayName: "My B", supportsVerbosity: true });
  });

  it("has the user's own models beside the bundled ones too", async () => {
    const { models, answer } = stage({ custom: [{ slug: "gpt-own" }] });
    const resolving = models.resolve("gpt-own");
    await answer(new Error("offline"));
    expect((await resolving).listed).toBe(true);
    expect(await models.list()).toHaveLength(bundledCatalog.length + 1);
  });

  it("reads a name once for each version of the list, and does not remember names without end", async () => {
    const { models, clock, answer } = await filled();
    const first = models.peek("codex/gpt-b-high");
    expect(models.peek("codex/gpt-b-high")).toBe(first);
    for (let i = 0; i < 500; i++) models.peek(`gpt-${i}`);
    expect(models.peek("codex/gpt-b-high")).not.toBe(first);
    expect(models.peek("codex/gpt-b-high")).toEqual(first);
    clock.ms += 300_000;
    models.peek("gpt-b");
    await answer({ status: "ok", body: body("gpt-a") });
    expect(models.peek("codex/gpt-b-high")).toMatchObject({ model: "gpt-b", listed: false });
  });

  it("is there within a few microtasks once the list is", async () => {
    const { models } = await filled();
    let settled = false;
    void models.resolve("gpt-a").then(() => {
      settled = true;
    });
    for (let i = 0; i < 3; i++) await undefined;
    expect(settled).toBe(true);
  });
});

describe("over a real socket", () => {
  let server: Server;
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  async function serve(respond: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
    server = createServer(respond);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/models`;
  }

  it("goes through fetch, 304 and a server that has gone", async () => {
    const asked: (string | undefined)[] = [];
    const url = await serve((request, response) => {
      asked.push(request.headers["if-none-match"]);
      if (asked.length === 3) return void request.socket.destroy();
      if (request.headers["if-none-match"] === '"v1"') return void response.writeHead(304).end();
      response.writeHead(200, { etag: '"v1"', connection: "close" }).end(JSON.stringify(body("gpt-real")));
    });
    let ms = 0;
    const fetches: Promise<FetchedModels>[] = [];
    const ask = async (etag: string | undefined, signal: AbortSignal): Promise<FetchedModels> => {
      const response = await fetch(url, { signal, headers: etag === undefined ? {} : { "if-none-match": etag } });
      if (response.status === 304) return { status: "not_modified" };
      return { status: "ok", body: await response.json(), etag: response.headers.get("etag") ?? undefined };
    };
    const models = createAccountModels({
      now: () => ms,
      fetchModels(etag, signal) {
        const fetching = ask(etag, signal);
        fetches.push(fetching);
        return fetching;
      },
    });
    expect(slugs(await models.list())).toEqual(["gpt-real"]);
    for (const source of ["account", "stale"]) {
      ms += 300_000;
      await models.list();
      await Promise.allSettled(fetches);
      await new Promise((resolve) => setImmediate(resolve));
      expect(models.source()).toBe(source);
      expect(slugs(await models.list())).toEqual(["gpt-real"]);
    }
    expect(asked).toEqual([undefined, '"v1"', '"v1"']);
  });
});
