import { afterEach, describe, expect, it } from "vitest";
import { describeLogLine, type ProxyConfig } from "../../src/index.js";
import { ask, chatBody, type House, startHouse } from "../start-house.js";

const houses: House[] = [];
afterEach(async () => {
  await Promise.all(houses.splice(0).map((house) => house.close()));
});

async function open(config: Partial<ProxyConfig>): Promise<House & { post: (body: unknown) => Promise<unknown> }> {
  const house = await startHouse({ config });
  houses.push(house);
  const url = `${house.proxy.url}/v1/chat/completions`;
  return { ...house, post: (body) => ask(url, { body, headers: { "x-request-id": "abc" } }) };
}

const usage = {
  input_tokens: 100,
  output_tokens: 20,
  cached_tokens: 64,
  reasoning_tokens: 7,
};
const script = (more: object = {}) => `SIM${JSON.stringify({ text: "It is so.", usage, ...more })}`;

describe("one line a request", () => {
  it("is JSON where nobody looks: id, route, model, status, times and tokens", async () => {
    const { post, log } = await open({ logFormat: "json", logLevel: "info" });
    await post(chatBody(script(), { stream: true, model: "openai/gpt-6-sol-high" }));
    await expect.poll(() => log.length).toBe(1);
    expect(JSON.parse(log[0] as string)).toEqual({
      level: "info",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      msg: "request",
      request_id: "abc",
      method: "POST",
      path: "/v1/chat/completions",
      route: "chat",
      status: 200,
      model: "openai/gpt-6-sol-high",
      response_model: "gpt-6-sol",
      stream: true,
      duration_ms: expect.any(Number),
      first_token_ms: expect.any(Number),
      input_tokens: 100,
      output_tokens: 20,
      cached_tokens: 64,
      reasoning_tokens: 7,
    });
  });

  it("is a sentence for a person", async () => {
    const { post, log } = await open({ logLevel: "info" });
    await post(chatBody(script(), { stream: true }));
    await expect.poll(() => log.length).toBe(1);
    expect(log[0]).toMatch(
      /^POST \/v1\/chat\/completions 200 gpt-6-sol, \d+ ms, first token after \d+ ms, 100 tokens in \(64 cached\), 20 out \(7 reasoning\) \(abc\)$/,
    );
  });

  it("tells failures by their code, those inside a stream too, and which side is at fault by the level", async () => {
    const { post, log, simulator } = await open({ logFormat: "json", logLevel: "warn" });
    await post(chatBody(script()));
    await post("{");
    await post(chatBody(script({ words: 20, fault: { cut: 9 } }), { stream: true }));
    simulator.faults.next({ status: 500, body: {} }, 9);
    await expect.poll(() => log.length).toBe(2);
    const [refused, cut] = log.map((line) => JSON.parse(line));
    expect(refused).toMatchObject({ level: "warn", status: 400, error: { code: "request_invalid" } });
    expect(cut).toMatchObject({ level: "error", status: 200, stream: true, error: { code: "stream_interrupted" } });
  });

  it("says what comes at the level that is set, and at no other", async () => {
    const silent = await open({ logLevel: "silent", logFormat: "json" });
    await silent.post("{");
    const error = await open({ logLevel: "error" });
    await error.post("{");
    const info = await open({ logLevel: "info" });
    await ask(`${info.proxy.url}/healthz`);
    await info.post("{");
    expect([silent.log, error.log, info.log.length]).toEqual([[], [], 1]);
  });

  it("has no word of what was asked and answered, nor of a key", async () => {
    const { proxy, log, secrets } = await open({ logFormat: "json", logLevel: "info", apiKeys: ["caller-key-1234"] });
    const headers = { authorization: "Bearer caller-key-1234" };
    await ask(`${proxy.url}/v1/chat/completions?key=sk-query`, {
      headers,
      body: chatBody(script({ text: "my answer" })),
    });
    await ask(`${proxy.url}/v1/chat/completions`, {
      headers: { "x-api-key": "sk-wrong-key" },
      body: chatBody("hidden"),
    });
    await expect.poll(() => log.length).toBe(2);
    for (const word of ["my answer", "hidden", "caller-key", "sk-query", "sk-wrong", ...secrets]) {
      expect(log.join("\n")).not.toContain(word);
    }
    expect(JSON.parse(log[0] as string)).toMatchObject({ key: expect.stringMatching(/^key-[0-9a-f]{8}$/) });
  });
});

describe("bodies", () => {
  it("are logged for those who look for a fault, without secrets", async () => {
    const { post, log } = await open({ verbose: true, logFormat: "json" });
    const prompt = 'Use {"api_key":"sk-abcdefghijklmnop"} and password=hunter2000.';
    await post(chatBody(`${prompt} ${script()}`));
    await post(chatBody(script({ text: "streamed words" }), { stream: true }));
    await expect.poll(() => log.filter((line) => line.includes('"request"')).length).toBe(2);
    const all = log.join("\n");
    expect(all).toContain("It is so.");
    expect(all).toContain("request body");
    expect(all).toMatch(/data: .*"answer body"/);
    for (const secret of ["sk-abcdef", "hunter2000"]) expect(all).not.toContain(secret);
  });

  it("are not when only the lines are asked for", async () => {
    const { post, log } = await open({ logLevel: "info" });
    await post(chatBody(script()));
    await expect.poll(() => log.length).toBe(1);
  });
});

describe("describeLogLine", () => {
  it("makes a sentence of a kept line, and leaves others alone", () => {
    const time = "2026-03-04T05:06:07.000Z";
    const local = new Date(time).toLocaleString("sv");
    const entry = { level: "warn", time, msg: "request", request_id: "r", method: "GET", path: "/x", status: 404 };
    const error = { code: "not_found", message: "There is\n no x." };
    expect(describeLogLine(JSON.stringify({ ...entry, error }))).toBe(
      `${local} warn: GET /x 404 not_found: There is  no x. (r)`,
    );
    expect(describeLogLine(JSON.stringify({ level: "info", time, msg: "Stopped." }))).toBe(`${local} Stopped.`);
    for (const line of ["a crash of Node", "{", "7", '{"a":1}', "null"]) expect(describeLogLine(line)).toBe(line);
  });
});
