import { createMemoryStore, type ResponseStore } from "@codex/provider";
import { type Profile, profiles } from "@codex/simulator";
import type OpenAI6 from "openai";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { sdks } from "./sdks.js";
import { ask, type House, type HouseOptions, responsesBody, startHouse } from "./start-house.js";

const model = "gpt-6-sol";
type Fields = Record<string, unknown>;

/** The input that reached the backend last. */
function sentInput({ simulator }: House): Fields[] {
  const sent = simulator.requests.filter((request) => request.path.endsWith("/responses")).at(-1);
  return (sent?.body as { input: Fields[] } | undefined)?.input ?? [];
}

const kinds = (input: Fields[]) => input.map((item) => (item.role as string | undefined) ?? item.type);

describe.each(sdks)("openai %s", (_version, OpenAI) => {
  describe.each(Object.keys(profiles) as Profile[])("on the profile %s", (profile) => {
    let house: House;
    let client: OpenAI6;
    let other: OpenAI6;
    beforeAll(async () => {
      house = await startHouse({ profile, config: { apiKeys: ["key-one", "key-two"] } });
      const open = (apiKey: string) => new OpenAI({ baseURL: `${house.proxy.url}/v1`, apiKey, maxRetries: 0 });
      client = open("key-one");
      other = open("key-two");
    });
    afterAll(() => house.close());

    it("goes on from an answer by its id, for three turns and a tool", async () => {
      const tools = [
        {
          type: "function" as const,
          strict: false,
          name: "weather.of",
          parameters: { type: "object", properties: { city: { type: "string" } } },
        },
      ];
      const script = {
        reasoning: "Rome, then.",
        tools: [{ name: "weather_of", arguments: { city: "Rome" } }],
        next: { text: "Sunny." },
      };
      const first = await client.responses.create({
        model,
        instructions: "Be brief.",
        input: `Weather in Rome? SIM${JSON.stringify(script)}`,
        tools,
        reasoning: { effort: "low", summary: "auto" },
      });
      expect(first).toMatchObject({ store: true, previous_response_id: null });
      const call = first.output.find((item) => item.type === "function_call");
      if (call?.type !== "function_call") throw new Error("no tool was called");
      expect(call.name).toBe("weather.of");

      const stream = await client.responses.create({
        model,
        previous_response_id: first.id,
        input: [{ type: "function_call_output", call_id: call.call_id, output: "22 degrees" }],
        tools,
        stream: true,
      });
      let second: OpenAI6.Responses.Response | undefined;
      for await (const event of stream) if (event.type === "response.completed") second = event.response;
      expect(second).toMatchObject({ store: true, previous_response_id: first.id, instructions: null });
      const [question, reasoning, sentCall, output] = sentInput(house);
      expect(kinds(sentInput(house))).toEqual(["user", "reasoning", "function_call", "function_call_output"]);
      expect(question).toMatchObject({ content: [{ text: expect.stringContaining("Weather in Rome?") }] });
      expect(reasoning?.encrypted_content).toEqual(expect.any(String));
      expect([sentCall?.name, output?.output]).toEqual(["weather_of", "22 degrees"]);

      const third = await client.responses.create({
        model,
        previous_response_id: second?.id as string,
        input: "Thanks.",
      });
      expect(third.output_text).toContain("Thanks.");
      expect(third.previous_response_id).toBe(second?.id);
      expect(kinds(sentInput(house))).toEqual([
        ...["user", "reasoning", "function_call", "function_call_output", "reasoning", "assistant", "user"],
      ]);
      const sent = house.simulator.requests.at(-1)?.body as Fields;
      expect(sent.tools).toBeUndefined();
      expect(sent.instructions).not.toContain("Be brief.");

      const listed: Fields[] = [];
      for await (const item of client.responses.inputItems.list(third.id, { limit: 2, order: "asc" })) {
        listed.push(item as unknown as Fields);
      }
      expect(kinds(listed)).toEqual(kinds(sentInput(house)));
      expect(new Set(listed.map((item) => item.id)).size).toBe(7);
      expect(listed[2]).toMatchObject({ id: call.id, name: "weather.of" });
      expect(listed[0]).toMatchObject({ type: "message", role: "user", status: "completed" });
    });

    it("retrieves what was answered, plain and streamed, and forgets it when told to", async () => {
      const made = await client.responses.create({ model, input: "Say hello to Ada.", metadata: { a: "b" } });
      expect(await client.responses.retrieve(made.id)).toEqual(made);
      const stream = client.responses.stream({ model, input: "Say hello to Bea." });
      const streamed = await stream.finalResponse();
      expect((await client.responses.retrieve(streamed.id)).output_text).toBe(streamed.output_text);

      await client.responses.delete(made.id);
      const gone = {
        status: 404,
        type: "invalid_request_error",
        message: `404 Response with id '${made.id}' not found.`,
      };
      await expect(client.responses.retrieve(made.id)).rejects.toMatchObject(gone);
      await expect(client.responses.retrieve(made.id)).rejects.toBeInstanceOf(OpenAI.NotFoundError);
      await expect(client.responses.delete(made.id)).rejects.toMatchObject(gone);
      await expect(client.responses.inputItems.list(made.id)).rejects.toMatchObject(gone);
      await expect(client.responses.create({ model, input: "x", previous_response_id: made.id })).rejects.toMatchObject(
        {
          status: 400,
          code: "previous_response_not_found",
          param: "previous_response_id",
          message: `400 Previous response with id '${made.id}' not found.`,
        },
      );
    });

    it("pages through input items, newest first", async () => {
      const input = ["one", "two", "three"].map((content) => ({ role: "user" as const, content }));
      const { id } = await client.responses.create({ model, input });
      const page = await client.responses.inputItems.list(id, { limit: 2 });
      const texts = (data: unknown[]) =>
        (data as { content: { text: string }[] }[]).map((item) => item.content[0]?.text);
      expect([texts(page.data), page.has_more]).toEqual([["three", "two"], true]);
      const next = await page.getNextPage();
      expect([texts(next.data), next.has_more]).toEqual([["one"], false]);
      for (const [query, param] of [
        [{ limit: 101 }, "limit"],
        [{ order: "up" as "asc" }, "order"],
        [{ after: "msg_none" }, "after"],
      ] as const) {
        await expect(client.responses.inputItems.list(id, query)).rejects.toMatchObject({ status: 400, param });
      }
    });

    it("keeps nothing with store: false", async () => {
      const made = await client.responses.create({ model, input: "x", store: false });
      expect(made).toMatchObject({ store: false });
      await expect(client.responses.retrieve(made.id)).rejects.toMatchObject({ status: 404 });
    });

    it("shows nothing to another key", async () => {
      const { id } = await client.responses.create({ model, input: "A secret." });
      const elsewhere = { status: 404, message: `404 Response with id '${id}' not found.` };
      await expect(other.responses.retrieve(id)).rejects.toMatchObject(elsewhere);
      await expect(other.responses.inputItems.list(id)).rejects.toMatchObject(elsewhere);
      await expect(other.responses.delete(id)).rejects.toMatchObject(elsewhere);
      await expect(other.responses.create({ model, input: "x", previous_response_id: id })).rejects.toMatchObject({
        code: "previous_response_not_found",
      });
      expect(await client.responses.retrieve(id)).toMatchObject({ id });
    });

    it("puts items in the place of references to them, as the AI SDK sends them", async () => {
      const { output, id } = await client.responses.create({
        model,
        input: `SIM${JSON.stringify({ tools: [{ name: "look", arguments: {} }], text: "A moment." })}`,
        tools: [{ type: "function", strict: false, name: "look", parameters: { type: "object", properties: {} } }],
      });
      const call = output.find((item) => item.type === "function_call");
      const references = output.map((item) => ({ type: "item_reference" as const, id: item.id as string }));
      const answer = await client.responses.create({
        model,
        input: [
          { role: "user", content: "Look." },
          ...references,
          { type: "function_call_output", call_id: (call as { call_id: string }).call_id, output: "seen" },
          { role: "user", content: "And?" },
        ],
      });
      expect(kinds(sentInput(house))).toEqual([
        "user",
        ...kinds(output as unknown as Fields[]),
        "function_call_output",
        "user",
      ]);
      await client.responses.delete(id);
      const items = await client.responses.inputItems.list(answer.id);
      expect(JSON.stringify(items.data)).not.toContain("item_reference");
    });

    it("refuses what needs a background or a conversation", async () => {
      const { id } = await client.responses.create({ model, input: "x" });
      await expect(client.responses.cancel(id)).rejects.toMatchObject({ status: 400, param: "background" });
      await expect(client.responses.cancel("resp_none")).rejects.toMatchObject({ status: 404 });
      await expect(client.responses.create({ model, input: "x", background: true })).rejects.toMatchObject({
        status: 400,
        param: "background",
      });
      await expect(client.responses.create({ model, input: "x", conversation: "conv_1" })).rejects.toMatchObject({
        status: 400,
        param: "conversation",
      });
      await expect(client.responses.retrieve(id, { stream: true })).rejects.toMatchObject({
        status: 400,
        param: "stream",
      });
    });
  });
});

async function openHouse(options: HouseOptions) {
  const house = await startHouse(options);
  onTestFinished(() => house.close());
  const send = async (input: string, more: object = {}) => {
    const answer = await ask(`${house.proxy.url}/v1/responses`, { body: responsesBody(input, more) });
    return answer;
  };
  const statusOf = async (id: string) => (await ask(`${house.proxy.url}/v1/responses/${id}`)).status;
  return { house, send, statusOf };
}

it("forgets the least recently used when there is no more room, and what is too old", async () => {
  let time = 0;
  const store = createMemoryStore({ maxBytes: 16_000, maxAgeMs: 1000, now: () => time });
  const { send, statusOf } = await openHouse({ client: { responseStore: store } });
  const [first, second] = [(await send("one")).json.id, (await send("two")).json.id];
  expect(await statusOf(first)).toBe(200);
  for (let sent = 0; store.size === sent + 2; sent++) await send(`more ${sent}`);
  expect([await statusOf(first), await statusOf(second)]).toEqual([200, 404]);
  expect(store.bytes).toBeLessThanOrEqual(16_000);
  time = 1000;
  expect(await statusOf(first)).toBe(404);
});

it("keeps what was cut short, not what failed or was left", async () => {
  const store = createMemoryStore();
  const { house, send, statusOf } = await openHouse({ client: { responseStore: store, backoff: { baseMs: 1 } } });
  const prompt = (marker: object) => `SIM${JSON.stringify({ reasoning: false, ...marker })}`;
  const cut = await send(prompt({ text: "a b c", fault: { incomplete: "max_output_tokens" } }), { stream: true });
  expect(cut.text).toContain("response.incomplete");
  expect(store.size).toBe(1);
  const failed = await send(prompt({ text: "a b c", fault: { cut: 6 } }), { stream: true });
  expect(failed.text).toContain("response.failed");
  const controller = new AbortController();
  const gone = house.simulator.waitFor("disconnect");
  const left = ask(`${house.proxy.url}/v1/responses`, {
    body: responsesBody(prompt({ words: 500, delayMs: 5 }), { stream: true }),
    signal: controller.signal,
  });
  left.catch(() => {});
  await house.simulator.waitFor("request");
  controller.abort();
  await gone;
  expect(store.size).toBe(1);
  expect(await statusOf("resp_none")).toBe(404);
});

it("answers the same when a store fails, and says so in the log", async () => {
  const broken = () => Promise.reject(new Error("The disk is full."));
  const responseStore: ResponseStore = { put: broken, get: broken, findItem: broken, delete: broken };
  const { house, send } = await openHouse({ client: { responseStore } });
  expect((await send("one")).json.status).toBe("completed");
  expect((await send("one", { stream: true })).text).toContain("response.completed");
  expect(house.log).toEqual(Array(2).fill("A response could not be kept: The disk is full."));
});

it("says that nothing is kept where there is no store", async () => {
  const { send, statusOf } = await openHouse({ client: { responseStore: null } });
  const answer = await send("one", { store: true });
  expect(answer.json.store).toBe(false);
  expect(answer.headers["x-codex-adjusted"]).toContain('"store";action=dropped');
  expect(await statusOf(answer.json.id)).toBe(404);
  expect((await send("two", { previous_response_id: answer.json.id })).json.error).toMatchObject({
    param: "previous_response_id",
  });
});

it("answers DELETE as the API documents it", async () => {
  const { house, send } = await openHouse({});
  const { id } = (await send("one")).json;
  const url = `${house.proxy.url}/v1/responses/${id}`;
  expect((await ask(url, { method: "DELETE" })).json).toEqual({ id, object: "response", deleted: true });
  expect((await ask(url, { method: "PUT", body: {} })).headers.allow).toBe("GET, HEAD, DELETE");
});
