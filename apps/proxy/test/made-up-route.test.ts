import { chatDialect, responsesDialect } from "@codex/provider";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { jsonReply } from "../src/routes/reply.js";
import { defaultLimits } from "../src/settings/limits.js";
import { ask, chatBody, type House, startHouse } from "./start-house.js";

/** A route that nobody has: whatever a row can say is heeded, with no other place that would have to know of it. */
const seen: object[] = [];
const shared = { methods: ["POST"], guarded: true, dialect: responsesDialect, path: "/v2beta/things/{id}" };
let house: House;

beforeAll(async () => {
  house = await startHouse({
    config: {
      apiKeys: ["made-up-key-1"],
      logFormat: "json",
      logLevel: "info",
      limits: { ...defaultLimits, maxRequests: 1 },
      quota: { reserve: [{ minutes: 300, percent: 5 }], shares: {} },
    },
    parts: {
      routes: (askBackend) => [
        {
          ...{ ...shared, name: "made_up", body: "json", exchange: { operation: "make_up" } },
          ...{ keyAt: [{ query: "key" }, { header: "x-made-up-key" }] },
          when: (headers) => headers["x-made-up-version"] !== undefined,
          async answer(request) {
            const { method, path, params, query, caller } = request;
            seen.push({ method, path, params, trace: query.get("trace"), caller: caller?.keyName });
            return askBackend(request, chatDialect);
          },
        },
        {
          ...{ ...shared, name: "plain_thing", upgrade: "refused", quiet: true },
          answer: ({ params }) => jsonReply({ plain: params.id ?? "" }),
        },
        {
          ...{ ...shared, name: "form", path: "/v2beta/forms", body: "multipart" },
          async answer({ readBody }) {
            const { bytes } = await readBody();
            return jsonReply({ hex: bytes?.toString("hex") ?? "" });
          },
        },
        {
          ...{ ...shared, name: "elsewhere", path: "/v2beta/elsewhere", listener: "admin", unlisted: true },
          answer: () => jsonReply({}),
        },
      ],
    },
  });
});
afterAll(() => house.close());

const url = (path: string) => house.proxy.url + path;
const version = { "x-made-up-version": "1" };
const key = { authorization: "Bearer made-up-key-1" };
const body = chatBody("hello");

describe("a made-up route", () => {
  it("is guarded, takes its key where it says, and tells errors in its dialect", async () => {
    const none = await ask(url("/v2beta/things/a"), { body, headers: version });
    expect(none).toMatchObject({ status: 401, json: { error: { code: "invalid_api_key", param: null } } });
    for (const way of ["/v2beta/things/a?key=made-up-key-1", "/v2beta/things/a"]) {
      const headers = { ...version, ...(way.includes("?") ? {} : { "x-made-up-key": "made-up-key-1" }) };
      expect(await ask(url(way), { body, headers })).toMatchObject({ status: 200 });
    }
    expect(await ask(url("/v2beta/things/a?key=wrong"), { body, headers: version })).toMatchObject({ status: 401 });
    expect(house.log.join("\n")).not.toContain("made-up-key-1");
  });

  it("gets a plain request, by its path and its headers", async () => {
    seen.length = 0;
    await ask(url("/v2beta/things/a%20b?trace=1"), { body, headers: { ...version, ...key } });
    expect(seen).toEqual([
      {
        ...{ method: "POST", path: "/v2beta/things/a%20b", params: { id: "a b" }, trace: "1" },
        caller: expect.stringMatching(/^key-/),
      },
    ]);
    expect((await ask(url("/v2beta/things/a"), { body, headers: key })).json).toEqual({ plain: "a" });
  });

  it("is counted, and on the dashboard, as every route that asks the backend", async () => {
    const { text } = await ask(url("/metrics"), { method: "GET", headers: key });
    expect(text).toMatch(/http_server_request_duration_seconds_count\{[^}]*http_route="made_up"[^}]*200[^}]*\} 3/);
    expect(text).toMatch(/gen_ai_server_request_duration_seconds_count\{gen_ai_operation_name="make_up"/);
    const link = new URL(await linkOf(house));
    const opened = await fetch(link, { redirect: "manual" });
    const cookie = opened.headers.get("set-cookie")?.split(";")[0] ?? "";
    const pageKey = /name="page-key" content="([^"]+)"/.exec(await opened.text())?.[1] ?? "";
    const state = await fetch(url("/dashboard/state"), { headers: { cookie, "x-dashboard-key": pageKey } });
    const { recent } = (await state.json()) as { recent: { route: string; path: string }[] };
    expect(recent.map(({ route }) => route)).toContain("made_up");
    expect(recent.map(({ route }) => route)).not.toContain("plain_thing");
  });

  it("waits for a place, as every route that asks the backend", async () => {
    const steps: string[] = [];
    const unfollow = (["request", "answered"] as const).map((step) =>
      house.simulator.on(step, ({ path }) => {
        if (path.endsWith("/responses")) steps.push(step);
      }),
    );
    const script = `SIM${JSON.stringify({ words: 5, delayMs: 20 })}`;
    const answers = await Promise.all(
      [1, 2, 3].map(() => ask(url("/v2beta/things/a"), { body: chatBody(script), headers: { ...version, ...key } })),
    );
    for (const end of unfollow) end();
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(steps).toEqual(["request", "answered", "request", "answered", "request", "answered"]);
  });

  it("is refused when the plan's reserve is reached, as every route that asks the backend", async () => {
    house.simulator.rateLimits.primaryUsedPercent = 99;
    const headers = { ...version, ...key };
    await ask(url("/v1/usage?fresh=1"), { method: "GET", headers });
    expect(await ask(url("/v2beta/things/a"), { body, headers })).toMatchObject({ status: 429 });
    house.simulator.rateLimits.primaryUsedPercent = 10;
    await ask(url("/v1/usage?fresh=1"), { method: "GET", headers });
    expect(await ask(url("/v2beta/things/a"), { body, headers })).toMatchObject({ status: 200 });
  });

  it("takes the kind of body that it says", async () => {
    expect(await ask(url("/v2beta/forms"), { body, headers: key })).toMatchObject({ status: 415 });
    const form = new FormData();
    form.append("file", new Blob([new Uint8Array([0, 0xff, 0x80])]));
    const answer = await fetch(url("/v2beta/forms"), { method: "POST", body: form, headers: key });
    expect(((await answer.json()) as { hex: string }).hex).toContain("00ff80");
    const text = await ask(url("/v2beta/things/a"), {
      ...{ body: "{}", headers: { ...version, ...key, "content-type": "text/plain" } },
    });
    expect(text.status).toBe(415);
  });

  it("is quiet in the log, listed, refuses a WebSocket and is served by its own listener alone, as it says", async () => {
    const logged = house.log.map((line) => JSON.parse(line).route);
    expect(logged).toContain("made_up");
    expect(logged).not.toContain("plain_thing");
    const missing = await ask(url("/v2beta/elsewhere"), { body, headers: key });
    expect(missing).toMatchObject({ status: 404 });
    expect(missing.json.error.message).toContain("POST /v2beta/things/{id}, ");
    expect(missing.json.error.message).not.toMatch(/There is .*elsewhere.*There is .*elsewhere/);
    const socket = { upgrade: "websocket", connection: "upgrade" };
    const upgrade = await ask(url("/v2beta/things/a"), { method: "GET", headers: { ...key, ...socket } });
    expect(upgrade.status).toBe(426);
  });
});

/** A link to the dashboard, as its owner's command asks for one. */
async function linkOf({ proxy }: House): Promise<string> {
  const headers = { authorization: `Bearer ${proxy.dashboardKey}` };
  const answer = await fetch(`${proxy.url}/dashboard/link`, { headers });
  return ((await answer.json()) as { link: string }).link;
}
