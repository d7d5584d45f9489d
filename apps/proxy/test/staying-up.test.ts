import { once } from "node:events";
import { request } from "node:http";
import { connect, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { openHouse } from "./open-house.js";
import { sdks } from "./sdks.js";
import { ask, chatBody, responsesBody } from "./start-house.js";

const script = (marker: object) => `SIM${JSON.stringify(marker)}`;
/** An answer that never gets anywhere. */
const endless = script({ words: 1000, delayMs: 1000, reasoning: false });
const toBackend = ({ path }: { path: string }) => path.endsWith("/responses");
const bodies = {
  "/v1/chat/completions": (prompt: string, stream: boolean) => chatBody(prompt, { stream }),
  "/v1/responses": (prompt: string, stream: boolean) => responsesBody(prompt, { stream }),
  "/v1/completions": (prompt: string, stream: boolean) => ({ model: "gpt-6-sol", prompt, stream }),
} as const;
const routes = Object.keys(bodies) as (keyof typeof bodies)[];

describe("signs of life", () => {
  /** Silent for many times the keep-alive: before the first output, and within it. */
  const silences = [2, 7].map((stall) =>
    script({ text: "one two three four", reasoning: false, fault: { stall, stallMs: 400 } }),
  );
  const client = { timeLimits: { keepAliveMs: 20, patienceMs: 20 } };

  it.each(routes)("are comments between the events of %s, which is whole all the same", async (route) => {
    const { proxy } = await openHouse({ client });
    for (const prompt of silences) {
      const { status, text } = await ask(proxy.url + route, { body: bodies[route](prompt, true) });
      expect(status).toBe(200);
      const blocks = text.split("\n\n").filter(Boolean);
      const comments = blocks.filter((block) => block.startsWith(":"));
      expect(comments.length).toBeGreaterThanOrEqual(2);
      for (const block of comments) expect(block).toBe(": keep-alive");
      for (const word of ["one", " two", " three", " four"]) expect(text).toContain(`"${word}"`);
      expect(text).not.toContain('"error":{');
    }
  });

  it.each(sdks)("are nothing to the OpenAI SDK %s", async (_version, OpenAI) => {
    const { proxy } = await openHouse({ client });
    const sdk = new OpenAI({ baseURL: `${proxy.url}/v1`, apiKey: "sk-made-up", maxRetries: 0 });
    for (const content of silences) {
      let said = "";
      const messages = [{ role: "user" as const, content }];
      for await (const chunk of await sdk.chat.completions.create({ model: "gpt-6-sol", messages, stream: true })) {
        said += chunk.choices[0]?.delta.content ?? "";
      }
      const types: string[] = [];
      let answered = "";
      for await (const event of await sdk.responses.create({ model: "gpt-6-sol", input: content, stream: true })) {
        types.push(event.type);
        if (event.type === "response.output_text.delta") answered += event.delta;
      }
      expect([said, answered]).toEqual(["one two three four", "one two three four"]);
      expect(types.every((type) => type.startsWith("response."))).toBe(true);
      let completed = "";
      const asked = { model: "gpt-6-sol", prompt: content, stream: true as const };
      for await (const chunk of await sdk.completions.create(asked)) completed += chunk.choices[0]?.text ?? "";
      expect(completed).toContain("one two three four");
    }
  });
});

describe("the backend's own time", () => {
  const limits = { headersMs: 150, firstEventMs: 150, idleMs: 150 };

  it.each([
    ["no headers", { stall: "before-headers" }, /did not begin to answer/],
    ["no first event", { stall: "after-headers" }, /sent nothing for 0.15 s/],
    ["silence before the output", { stall: 2 }, /fell silent/],
  ] as const)(
    "%s: 504 in every dialect, plain and streamed, and the backend is left",
    async (_what, fault, message) => {
      const { proxy, simulator } = await openHouse({ client: { timeLimits: limits } });
      const prompt = script({ text: "x", reasoning: false, fault });
      await Promise.all(
        routes.flatMap((route) =>
          [false, true].map(async (stream) => {
            const answer = await ask(proxy.url + route, { body: bodies[route](prompt, stream) });
            expect(answer).toMatchObject({ status: 504, json: { error: { code: "upstream_timeout" } } });
            expect(answer.json.error.message).toMatch(message);
          }),
        ),
      );
      await simulator.idle();
    },
  );

  it("silence within the output is an error in the stream", async () => {
    const { proxy, simulator } = await openHouse({ client: { timeLimits: limits } });
    const prompt = script({ text: "one two three", reasoning: false, fault: { stall: 6 } });
    for (const route of routes) {
      const { status, text } = await ask(proxy.url + route, { body: bodies[route](prompt, true) });
      expect(status).toBe(200);
      expect(text).toContain('"one"');
      expect(text).toContain('"code":"upstream_timeout"');
    }
    await simulator.idle();
  });
});

describe("a backend that is down", () => {
  it("is answered for at once, left alone, and found again", async () => {
    let clock = 0;
    const circuit = { failures: 4, spanMs: 0, restMs: 5000, maxRestMs: 10_000, now: () => clock };
    const { proxy, simulator } = await openHouse({ client: { backoff: { baseMs: 1 }, circuit } });
    const send = (route: keyof typeof bodies, stream: boolean) =>
      ask(proxy.url + route, { body: bodies[route]("hello", stream) });
    simulator.faults.always("bad_gateway");
    expect((await send(routes[0] as "/v1/responses", false)).json.error.code).toBe("upstream_overloaded");
    const asked = simulator.stats.responses;
    for (const route of routes) {
      for (const stream of [false, true]) {
        const { status, headers, json } = await send(route, stream);
        expect([status, headers["retry-after"]]).toEqual([503, "5"]);
        expect(json.error).toMatchObject({ code: "circuit_open", type: "server_error" });
        expect(json.error.message).toMatch(/last 4 attempts failed.*502.*in 5 s/);
      }
    }
    expect(simulator.stats.responses).toBe(asked);
    // It is asked again once, in vain, and then not for twice as long.
    clock = 5000;
    expect((await send("/v1/responses", true)).status).toBe(503);
    expect(simulator.stats.responses).toBe(asked + 1);
    expect((await send("/v1/responses", true)).headers["retry-after"]).toBe("10");
    simulator.faults.clear();
    clock = 15_000;
    expect((await send("/v1/responses", true)).text).toContain("response.completed");
    expect((await send("/v1/chat/completions", false)).status).toBe(200);
  });

  it.each(["usage_limit", "unauthorized", "forbidden", "context_length_exceeded"] as const)(
    "is another thing than one that refuses: %s",
    async (fault) => {
      const circuit = { failures: 1, spanMs: 0 };
      const { proxy, simulator } = await openHouse({ client: { backoff: { baseMs: 1 }, circuit } });
      simulator.faults.always(fault);
      for (let i = 0; i < 3; i++) {
        expect((await ask(`${proxy.url}/v1/responses`, { body: responsesBody("x") })).status).toBeLessThan(500);
      }
      simulator.faults.clear();
      expect((await ask(`${proxy.url}/v1/models`)).status).toBe(200);
    },
  );
});

describe("a login that expires under many requests", () => {
  it("is renewed once", async () => {
    const { proxy, simulator } = await openHouse();
    simulator.expireAccessTokens();
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, i) => {
        const route = routes[i % routes.length] as keyof typeof bodies;
        return ask(proxy.url + route, { body: bodies[route](`hello ${i}`, i % 2 === 0) });
      }),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect([simulator.refreshCount, simulator.stats.refreshAttempts]).toEqual([1, 1]);
  });
});

describe("a caller that leaves", () => {
  const points: [where: string, marker: object, stream: boolean][] = [
    ["before the headers", { fault: { stall: "before-headers" } }, true],
    ["before the first event", { fault: { stall: "after-headers" } }, true],
    ["before the output", { fault: { stall: 2 } }, true],
    ["within the output", { words: 100, fault: { stall: 20 } }, true],
    ["before a plain answer is whole", { words: 100, fault: { stall: 20 } }, false],
  ];

  it.each(points)("frees the backend's request within 50 ms: %s", async (_where, marker, stream) => {
    const { proxy, simulator } = await openHouse();
    const took: number[] = [];
    for (let i = 0; i < 7; i++) {
      const begun = simulator.waitFor("request", toBackend);
      const body = JSON.stringify(chatBody(script({ reasoning: false, ...marker }), { stream }));
      const sent = request(`${proxy.url}/v1/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json" },
      });
      sent.on("error", () => {});
      sent.end(body);
      const answered = stream && "words" in marker ? once(sent, "response") : undefined;
      await begun;
      await answered;
      const gone = simulator.waitFor("disconnect", toBackend);
      const left = performance.now();
      sent.destroy();
      await gone;
      took.push(performance.now() - left);
    }
    expect(simulator.activeResponses).toBe(0);
    // The middle one: any of them may meet a pause of a busy machine.
    expect(took.sort((a, b) => a - b)[3]).toBeLessThan(50);
  });

  it("frees its place in the queue", async () => {
    const { proxy, simulator } = await openHouse({ config: { limits: { maxRequests: 1, queueSize: 1 } } });
    const stop = [new AbortController(), new AbortController()] as const;
    const begun = simulator.waitFor("request", toBackend);
    const first = ask(`${proxy.url}/v1/responses`, { body: responsesBody(endless), signal: stop[0].signal });
    first.catch(() => {});
    await begun;
    const second = ask(`${proxy.url}/v1/responses`, { body: responsesBody("second"), signal: stop[1].signal });
    second.catch(() => {});
    let busy = await ask(`${proxy.url}/v1/responses`, { body: responsesBody("third") });
    // The second may come in after the third: then it is the third that waits for the first, and is answered later.
    while (busy.status !== 429) busy = await ask(`${proxy.url}/v1/responses`, { body: responsesBody("third") });
    expect(busy.json.error).toMatchObject({ code: "busy", type: "rate_limit_error" });
    expect(busy.headers["retry-after"]).toBe("2");
    stop[1].abort();
    await expect(second).rejects.toThrow();
    while (proxy.running > 1) await new Promise((resolve) => setImmediate(resolve));
    const fourth = ask(`${proxy.url}/v1/responses`, { body: responsesBody("fourth") });
    stop[0].abort();
    expect((await fourth).text).toContain("fourth");
    expect(simulator.requests.filter(toBackend)).toHaveLength(2);
  });
});

describe("a caller that reads slowly", () => {
  it("holds its stream back at the backend, and gets all of it in the end", async () => {
    const { proxy, simulator } = await openHouse();
    const words = 200_000;
    const answered = simulator.waitFor("answered", toBackend);
    const begun = simulator.waitFor("request", toBackend);
    const socket = askWithoutReading(proxy.port, words);
    const record = await begun;
    // Until nothing moves any more: the buffers of four sockets are full.
    let sent = -1;
    while (record.eventsSent === undefined || record.eventsSent !== sent) {
      sent = record.eventsSent ?? -1;
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    expect(sent).toBeLessThan(words * 0.6);
    let chunks = 0;
    let text = "";
    for await (const chunk of socket.setEncoding("latin1")) {
      text = text.slice(-40) + chunk;
      chunks += String(chunk).split('"delta":{"content"').length - 1;
    }
    await answered;
    expect(text).toMatch(/data: \[DONE\]\n\n\r\n0\r\n\r\n$/);
    // One that a read cuts in two is counted by neither half.
    expect(chunks).toBeGreaterThan(words * 0.99);
  });

  it("is given up when it takes nothing for too long, and the backend is freed", async () => {
    const { proxy, simulator } = await openHouse({ config: { limits: { readTimeoutMs: 200 } } });
    const freed = simulator.waitFor("disconnect", toBackend);
    const socket = askWithoutReading(proxy.port, 200_000);
    await freed;
    while (proxy.running > 0) await new Promise((resolve) => setImmediate(resolve));
    socket.destroy();
  });
});

/** Asks for a stream of many words, and leaves lying what comes of it. */
function askWithoutReading(port: number, words: number): Socket {
  const socket = connect(port, "127.0.0.1").pause();
  const body = JSON.stringify(chatBody(script({ words, reasoning: false }), { stream: true }));
  socket.write(
    `POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  return socket;
}

describe("a stop", () => {
  const drain = { config: { limits: { drainMs: 50 } } };

  it("ends what will not finish with an error in the words of its dialect, and frees the backend", async () => {
    const { proxy, simulator } = await openHouse(drain);
    const streams = routes.map((route) => ask(proxy.url + route, { body: bodies[route](endless, true) }));
    const plain = routes.map((route) => ask(proxy.url + route, { body: bodies[route](endless, false) }));
    // The streams have begun when their first word is there, one event after those that announce it.
    while (simulator.requests.filter((one) => toBackend(one) && (one.eventsSent ?? 0) >= 6).length < 6) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await proxy.stop();
    const told = { code: "stream_interrupted", message: expect.stringContaining("being stopped") };
    for (const answer of await Promise.all(plain)) {
      expect(answer).toMatchObject({ status: 503, json: { error: told } });
    }
    const [chat, responses, completions] = (await Promise.all(streams)).map(({ text }) =>
      text
        .split("\n")
        .filter((line) => line.startsWith("data: "))
        .map((line) => JSON.parse(line.slice(6))),
    );
    expect(chat?.at(-1)).toEqual({ error: expect.objectContaining(told) });
    expect(completions?.at(-1)).toEqual({ error: expect.objectContaining(told) });
    expect(responses?.at(-2)).toMatchObject({ type: "error", error: told });
    expect(responses?.at(-1)).toMatchObject({ type: "response.failed", response: { status: "failed", error: told } });
    await simulator.idle();
  }, 30_000);

  it.each(sdks)("is an error that the OpenAI SDK %s throws", async (_version, OpenAI) => {
    const { proxy } = await openHouse(drain);
    const sdk = new OpenAI({ baseURL: `${proxy.url}/v1`, apiKey: "sk-made-up", maxRetries: 0 });
    const prompt = script({ text: "one two three", reasoning: false, fault: { stall: 6 } });
    const messages = [{ role: "user" as const, content: prompt }];
    const chat = await sdk.chat.completions.create({ model: "gpt-6-sol", messages, stream: true });
    const responses = await sdk.responses.create({ model: "gpt-6-sol", input: prompt, stream: true });
    const stopped = proxy.stop();
    const readChat = async () => {
      for await (const _chunk of chat);
    };
    await expect(readChat()).rejects.toMatchObject({ code: "stream_interrupted" });
    const types: string[] = [];
    const readResponses = async () => {
      for await (const event of responses) types.push(event.type);
    };
    await readResponses().catch((error: unknown) => expect(error).toMatchObject({ code: "stream_interrupted" }));
    expect(types).not.toContain("response.completed");
    await stopped;
  });

  it("ends those that wait for a place, too", async () => {
    const { proxy, simulator } = await openHouse({ config: { limits: { drainMs: 50, maxRequests: 1 } } });
    const begun = simulator.waitFor("request", toBackend);
    const first = ask(`${proxy.url}/v1/responses`, { body: responsesBody(endless) });
    await begun;
    const second = ask(`${proxy.url}/v1/responses`, { body: responsesBody("x") });
    while (proxy.running < 2) await new Promise((resolve) => setImmediate(resolve));
    await proxy.stop();
    for (const answer of await Promise.all([first, second])) expect(answer.status).toBe(503);
  });

  it("cuts off a caller that does not even read those words", async () => {
    const { proxy, simulator } = await openHouse(drain);
    const socket = connect(proxy.port, "127.0.0.1").pause();
    socket.on("error", () => {});
    const body = JSON.stringify(chatBody(script({ words: 200_000, reasoning: false }), { stream: true }));
    const begun = simulator.waitFor("request", toBackend);
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    await begun;
    await proxy.stop();
    socket.destroy();
    await simulator.idle();
  });
});

describe("limits", () => {
  it("a body that comes drop by drop is given up before its time is over", async () => {
    const { proxy, simulator } = await openHouse({
      config: { limits: { minBodyRate: 1_000_000, bodyTimeoutMs: 60_000 } },
    });
    const socket = connect(proxy.port, "127.0.0.1");
    socket.write(
      "POST /v1/responses HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 90000\r\n\r\n{",
    );
    let answer = "";
    socket.on("data", (chunk) => {
      answer += String(chunk);
    });
    await once(socket, "end");
    expect(answer).toMatch(/^HTTP\/1.1 408 /);
    expect(answer).toContain("less than 1000000 bytes a second");
    expect(simulator.requests.filter(toBackend)).toEqual([]);
  }, 30_000);
});
