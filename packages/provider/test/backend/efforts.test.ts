import { chatDialect, completionsDialect, type Dialect, responsesDialect } from "@codex/provider";
import { catalog } from "@codex/simulator";
import { describe, expect, it } from "vitest";
import { openClient } from "../open-client.js";

/** What reaches the backend of the efforts that callers ask for, in every dialect. */

const defaultAdded = '"instructions";action=added;detail="our short default, as there were none"';
const messages = [{ role: "user", content: "hi" }];
type Case = [string, Dialect, (effort: unknown) => object, string];
const places: Case[] = [
  ["chat", chatDialect, (effort) => ({ messages, reasoning_effort: effort }), "reasoning_effort"],
  ["chat's reasoning", chatDialect, (effort) => ({ messages, reasoning: { effort } }), "reasoning_effort"],
  ["responses", responsesDialect, (effort) => ({ input: "hi", reasoning: { effort } }), "reasoning.effort"],
  [
    "responses in chat's word",
    responsesDialect,
    (effort) => ({ input: "hi", reasoning_effort: effort }),
    "reasoning.effort",
  ],
  ["completions", completionsDialect, (effort) => ({ prompt: "hi", reasoning_effort: effort }), "reasoning.effort"],
];
const listed = "low, medium, high, xhigh, max, ultra";

interface ErrorBody {
  error: { message: string; param: string; code: string };
}

describe.each(places)("an effort of %s", (_name, dialect, body, param) => {
  it.each(["bogus", "extreme", "very high", "0"])(
    "that does not exist is a 400 with those that do: %s",
    async (word) => {
      const { send, responses } = await openClient();
      const reply = await send(dialect, { model: "gpt-6-sol", ...body(word) });
      expect(reply.status).toBe(400);
      const { error } = reply.json as ErrorBody;
      expect(error).toMatchObject({ code: "request_invalid", param });
      expect(error.message).toBe(`There is no reasoning effort \`${word}\`. gpt-6-sol takes ${listed}.`);
      expect(responses()).toEqual([]);
    },
  );

  it.each([
    ["none", "low", true],
    ["minimal", "low", true],
    ["HIGH", "high", false],
    ["ultra", "max", false],
  ])("that exists is fitted to the model: %s", async (asked, sent, isTold) => {
    const { send, responses } = await openClient();
    const reply = await send(dialect, { model: "gpt-6-sol", ...body(asked) });
    expect(reply.status).toBe(200);
    expect(responses()[0]?.body).toMatchObject({ reasoning: { effort: sent } });
    expect((reply.headers["x-codex-adjusted"] ?? "").includes(`${asked} to ${sent}`)).toBe(isTold);
  });
});

describe("other places", () => {
  it.each([
    ["the header", { model: "gpt-6-sol" }, { "x-codex-effort": "extreme" }, "x-codex-effort"],
    ["the model's name", { model: "gpt-6-sol-extreme" }, {}, "model"],
    ["an alias", { model: "fast-extreme" }, {}, "model"],
  ])("%s with an unknown effort is a 400 with those that exist", async (_name, fields, headers, param) => {
    const { send } = await openClient({ aliases: { fast: "gpt-6-sol" } });
    const reply = await send(chatDialect, { messages, ...fields }, { headers });
    expect(reply.status).toBe(400);
    expect((reply.json as ErrorBody).error).toMatchObject({ param, message: expect.stringContaining(listed) });
  });

  it.each([
    ["a generation with a slip", "gpt-6-soll"],
    ["a name with a number", "gpt-6-sol-2"],
    ["another name", "no-such-model"],
  ])("%s stays a 404", async (_name, model) => {
    const { send } = await openClient();
    expect((await send(chatDialect, { model, messages })).status).toBe(404);
  });
});

describe("an effort in an object", () => {
  it.each([
    ["chat", chatDialect, { messages }],
    ["responses", responsesDialect, { input: "hi" }],
    ["a Responses body on chat", chatDialect, { input: "hi" }],
    ["completions", completionsDialect, { prompt: "hi" }],
  ] as [string, Dialect, object][])("is taken on %s", async (_name, dialect, body) => {
    const { send, responses } = await openClient();
    const reply = await send(dialect, { model: "gpt-6-sol", ...body, reasoning_effort: { effort: "high" } });
    expect(reply.status).toBe(200);
    expect(responses()[0]?.body).toMatchObject({ reasoning: { effort: "high" } });
    const wrong = await send(dialect, { model: "gpt-6-sol", ...body, reasoning_effort: { effort: 3 } });
    expect(wrong).toMatchObject({ status: 400, json: { error: { param: "reasoning_effort.effort" } } });
  });

  it("may name a summary, and what else it has is told", async () => {
    const { send, responses } = await openClient();
    const effort = { effort: "low", summary: "detailed", speed: 2 };
    const reply = await send(chatDialect, { model: "gpt-6-sol", messages, reasoning_effort: effort });
    expect(responses()[0]?.body).toMatchObject({ reasoning: { effort: "low", summary: "detailed" } });
    expect(reply.headers["x-codex-adjusted"]).toContain('"reasoning_effort.speed";action=dropped');
  });
});

describe("reasoning_effort on /v1/responses", () => {
  it("means reasoning.effort, told, and leaves the rest of reasoning as it is", async () => {
    const { send, responses } = await openClient();
    const asked = { model: "gpt-6-sol", instructions: "Be brief.", input: "hi" };
    const body = { ...asked, reasoning_effort: "high", reasoning: { summary: "concise" } };
    const reply = await send(responsesDialect, body);
    const sent = responses()[0]?.body as Record<string, unknown>;
    expect(sent.reasoning).toEqual({ effort: "high", summary: "concise" });
    expect(Object.keys(sent)).not.toContain("reasoning_effort");
    expect(reply.headers["x-codex-adjusted"]).toBe('"reasoning_effort";action=mapped;detail="reasoning.effort"');
    expect(reply.json).toMatchObject({ reasoning: { effort: "high", summary: "concise" } });
  });

  it("gives way to reasoning.effort, and null is not set", async () => {
    const { send, responses } = await openClient();
    const both = { model: "gpt-6-sol", input: "hi", reasoning_effort: "high", reasoning: { effort: "low" } };
    const reply = await send(responsesDialect, both);
    expect(reply.headers["x-codex-adjusted"]).toContain('"reasoning_effort";action=dropped');
    const unset = await send(responsesDialect, {
      ...{ model: "gpt-6-sol", instructions: "Be brief.", input: "hi" },
      reasoning_effort: null,
    });
    expect(unset.headers["x-codex-adjusted"]).toBeUndefined();
    const efforts = responses().map(({ body }) => (body as { reasoning: { effort: string } }).reasoning.effort);
    expect(efforts).toEqual(["low", "medium"]);
  });
});

describe("a model that no list knows", () => {
  const plain = catalog.find(({ slug }) => slug === "gpt-5.5") as (typeof catalog)[number];
  const nova = { ...plain, slug: "gpt-9-nova" };
  const setUp = async () => {
    const opened = await openClient({}, { models: [...catalog, nova] });
    opened.sim.faults.always({ route: "models", status: 503 });
    return opened;
  };

  it("teaches its efforts by one refusal", async () => {
    const { send, responses } = await setUp();
    const ask = (reasoning_effort: string) => send(chatDialect, { model: "gpt-9-nova", messages, reasoning_effort });
    const first = await ask("none");
    expect([first.status, first.headers["x-codex-adjusted"]]).toEqual([
      200,
      `${defaultAdded}, "reasoning_effort";action=clamped;detail="none to low"`,
    ]);
    expect((await ask("max")).status).toBe(200);
    expect((await ask("bogus")).json).toMatchObject({
      error: { message: "There is no reasoning effort `bogus`. gpt-9-nova takes low, medium, high, xhigh." },
    });
    const efforts = responses().map(({ body }) => (body as { reasoning: { effort: string } }).reasoning.effort);
    expect(efforts).toEqual(["none", "low", "xhigh"]);
  });

  it("teaches them by a refusal inside a 200 as well", async () => {
    const { sim, send, responses } = await openClient();
    const message = "Unsupported value: 'xhigh'. Supported values are: 'low' and 'medium'.";
    sim.faults.next({ failed: { code: "unsupported_value", message, param: "reasoning.effort" } });
    const reply = await send(chatDialect, { model: "gpt-6-sol", messages, stream: true, reasoning_effort: "xhigh" });
    expect(reply.status).toBe(200);
    expect(reply.headers["x-codex-adjusted"]).toContain("xhigh to medium");
    expect(responses().map(({ body }) => (body as { reasoning: { effort: string } }).reasoning.effort)).toEqual([
      "xhigh",
      "medium",
    ]);
  });

  it("under strict refuses what would be clamped, from then on without asking", async () => {
    const { send, responses } = await setUp();
    const headers = { "x-codex-strict": "1" };
    for (let i = 0; i < 2; i++) {
      const reply = await send(chatDialect, { model: "gpt-9-nova", messages, reasoning_effort: "none" }, { headers });
      expect(reply).toMatchObject({ status: 400, json: { error: { param: "reasoning_effort" } } });
      expect((reply.json as ErrorBody).error.message).toContain("none to low");
    }
    expect(responses()).toHaveLength(1);
  });
});
