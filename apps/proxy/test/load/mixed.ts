import { Agent, type IncomingMessage, request } from "node:http";

/** Requests of all kinds, many of which the backend answers with a fault, each with the only right answer to it. A process of its own. */
interface Options {
  url: string;
  simulatorUrl: string;
  seconds: number;
  /** The same seed makes the same requests. */
  seed: number;
  /** How many requests are under way at a time. */
  workers: number;
}

export interface MixedResult {
  requests: number;
  /** How many of each kind. */
  counts: Record<string, number>;
  /** What was answered wrongly, a few of them. */
  wrong: string[];
  /** How often all access tokens were made to expire. */
  refreshes: number;
}

process.once("message", async (options: Options) => process.send?.(await mix(options)));

interface Answer {
  status: number;
  text: string;
}

interface Sending {
  path?: string;
  method?: string;
  headers?: Record<string, string>;
  body?: unknown;
  /** Leaves after this many milliseconds. */
  leaveMs?: number;
  /** Reads nothing for so long after the headers. */
  pauseMs?: number;
}

type Random = (below: number) => number;

async function mix({ url, simulatorUrl, seconds, seed, workers }: Options): Promise<MixedResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: workers });
  const random = createRandom(seed);
  const counts: Record<string, number> = {};
  const wrong: string[] = [];
  const until = Date.now() + seconds * 1000;
  let requests = 0;
  let refreshes = 0;
  // A login is not renewed twice within a minute.
  const expiring = setInterval(() => {
    refreshes++;
    void fetch(`${simulatorUrl}/__simulator/expire`, { method: "POST" });
  }, 75_000);
  const send = (sending: Sending) => ask(url, agent, sending);
  await Promise.all(
    Array.from({ length: workers }, async () => {
      while (Date.now() < until) {
        const name = pick(random, weighted);
        requests++;
        counts[name] = (counts[name] ?? 0) + 1;
        const problem = await kinds[name]?.(send, random).catch((error: unknown) => String(error));
        if (problem !== undefined && wrong.length < 20) wrong.push(`${name}: ${problem.slice(0, 400)}`);
      }
    }),
  );
  clearInterval(expiring);
  agent.destroy();
  return { requests, counts, wrong, refreshes };
}

type Send = (sending: Sending) => Promise<Answer | "left">;
/** Resolves with what was wrong. */
type Kind = (send: Send, random: Random) => Promise<string | undefined>;

const dialects = ["chat", "responses", "completions"] as const;
type Dialect = (typeof dialects)[number];

function requestOf(dialect: Dialect, prompt: string, stream: boolean): Sending {
  const common = { model: "gpt-6-sol", stream };
  switch (dialect) {
    case "chat":
      return { path: "/v1/chat/completions", body: { ...common, messages: [{ role: "user", content: prompt }] } };
    case "responses":
      return { path: "/v1/responses", body: { ...common, input: prompt, store: false } };
    case "completions":
      return { path: "/v1/completions", body: { ...common, prompt } };
  }
}

// biome-ignore lint/suspicious/noExplicitAny: answers of three dialects.
type Json = any;

/** The text of a good answer; what is wrong with it otherwise, after a `!`. */
function textOf(dialect: Dialect, stream: boolean, { status, text }: Answer): string {
  if (status !== 200) return `!status ${status}: ${text.slice(0, 200)}`;
  if (!stream) {
    const answer = JSON.parse(text) as Json;
    if (dialect === "responses") return answer.output.find((item: Json) => item.type === "message").content[0].text;
    return dialect === "chat" ? answer.choices[0].message.content : answer.choices[0].text;
  }
  const events = eventsOf(text);
  if (events.some((event) => event.error)) return `!an error in the stream: ${text.slice(-300)}`;
  const isWhole = dialect === "responses" ? events.at(-1)?.type === "response.completed" : text.endsWith("[DONE]\n\n");
  if (!isWhole) return `!no end: ${text.slice(-200)}`;
  return events.map((event) => deltaOf(dialect, event)).join("");
}

function eventsOf(text: string): Json[] {
  return text
    .split("\n")
    .filter((line) => line.startsWith("data: {"))
    .map((line) => JSON.parse(line.slice(6)));
}

function deltaOf(dialect: Dialect, event: Json): string {
  if (dialect === "responses") return event.type === "response.output_text.delta" ? event.delta : "";
  return (dialect === "chat" ? event.choices?.[0]?.delta?.content : event.choices?.[0]?.text) ?? "";
}

/** Asks for a text in some dialect, and expects just that one. */
async function expectText(send: Send, random: Random, marker: object, sending: Sending = {}, words = 30) {
  const dialect = dialects[random(3)] as Dialect;
  const stream = random(2) === 0;
  const text = Array.from({ length: 1 + random(words) }, () => pick(random, vocabulary)).join(" ");
  const prompt = `${random(1e9)} SIM${JSON.stringify({ text, reasoning: false, ...marker })}`;
  const answer = await send({ ...requestOf(dialect, prompt, stream), ...sending });
  if (answer === "left") return sending.leaveMs === undefined ? "left" : undefined;
  const got = textOf(dialect, stream, answer);
  return got === text ? undefined : `${dialect}, stream ${stream}: ${JSON.stringify(got)}, not ${JSON.stringify(text)}`;
}

/** Expects an error of this status and code, before anything else has been said. */
async function expectError(send: Send, random: Random, fault: unknown, status: number, code: string) {
  const prompt = `${random(1e9)} SIM${JSON.stringify({ text: "never", reasoning: false, fault })}`;
  const answer = await send(requestOf(dialects[random(3)] as Dialect, prompt, random(2) === 0));
  return checkError(answer, status, code);
}

function checkError(answer: Answer | "left", status: number, code: string): string | undefined {
  if (answer === "left") return "left";
  const { error } = JSON.parse(answer.text) as Json;
  const isRight = answer.status === status && error?.code === code && typeof error.message === "string";
  return isRight ? undefined : `${answer.status} ${answer.text.slice(0, 200)}, not ${status} ${code}`;
}

/** Expects an error within a stream, or with its status for a plain answer, after the first words. */
async function expectBroken(send: Send, random: Random, fault: unknown, status: number, code: string) {
  const dialect = dialects[random(3)] as Dialect;
  const stream = random(2) === 0;
  const prompt = `${random(1e9)} SIM${JSON.stringify({ text: "one two three four", reasoning: false, fault })}`;
  const answer = await send(requestOf(dialect, prompt, stream));
  if (!stream || answer === "left") return checkError(answer, status, code);
  const events = eventsOf(answer.text);
  const said = events.map((event) => deltaOf(dialect, event)).join("");
  const told = events.find((event) => event.error)?.error.code;
  if (answer.status === 200 && said.startsWith("one") && told === code && !answer.text.includes("[DONE]")) return;
  return `${dialect}: ${answer.status} ${answer.text.slice(-300)}`;
}

const vocabulary = ["alpha", "größe", "日本", "🚀", "data:", "\\n", '"quoted"', "event: x", "omega"];
const transient = ["server_error", "bad_gateway", "overloaded", "gateway_timeout", "failed:server_is_overloaded"];
const cuts = ["before-headers", "after-headers", 2].flatMap((cut) => [{ cut }, { cut, reset: true }]);

const kinds: Record<string, Kind> = {
  good: (send, random) => expectText(send, random, { delayMs: random(3) === 0 ? random(20) : 0 }),
  "in pieces of a few bytes": (send, random) => expectText(send, random, { fault: { split: 1 + random(40) } }),
  "with garbage between": (send, random) => expectText(send, random, { fault: { garbage: true } }),
  "with unknown events": (send, random) => expectText(send, random, { fault: { unknown: true } }),
  large: (send, random) => expectText(send, random, {}, {}, 4000),
  "read slowly": (send, random) => expectText(send, random, {}, { pauseMs: random(400) }, 4000),
  "failed once, then good": (send, random) =>
    expectText(send, random, { fault: pick(random, transient), faultTimes: 1 }),
  "cut once, then good": (send, random) => expectText(send, random, { fault: pick(random, cuts), faultTimes: 1 }),
  left: async (send, random) => {
    const marker = { delayMs: random(40), ...(random(3) === 0 && { fault: { stall: random(8) } }) };
    return expectText(send, random, marker, { leaveMs: random(400) }, 200);
  },
  refused: async (send, random) => {
    const [fault, status, code] = pick(random, [
      ["context_length_exceeded", 400, "context_length_exceeded"],
      ["usage_limit", 429, "insufficient_quota"],
      ["forbidden", 403, "forbidden"],
      ["cloudflare", 403, "forbidden"],
      ["deactivated_workspace", 402, "payment_required"],
      ["cyber_policy", 400, "content_policy_violation"],
      ["too_large", 413, "too_large"],
      ["failed:usage_limit_reached", 429, "insufficient_quota"],
    ] as const);
    return expectError(send, random, fault, status, code);
  },
  "down for one request": async (send, random) => {
    const [fault, status, code] = pick(random, [
      ["bad_gateway", 503, "upstream_overloaded"],
      ["overloaded", 503, "upstream_overloaded"],
      [{ cut: "before-headers" }, 502, "upstream_unreachable"],
      [{ cut: 2 }, 502, "stream_interrupted"],
    ] as const);
    return expectError(send, random, fault, status, code);
  },
  "broken off": (send, random) =>
    expectBroken(send, random, { cut: 6, reset: random(2) === 0 }, 502, "stream_interrupted"),
  "failed in the midst": (send, random) =>
    expectBroken(send, random, { failed: "server_is_overloaded", failedAt: "output" }, 503, "upstream_overloaded"),
  hostile: async (send, random) => {
    const body = { model: "gpt-6-sol", messages: [{ role: "user", content: "x" }] };
    const path = "/v1/chat/completions";
    const [sending, status, code] = pick(random, [
      [{ path, body, headers: { host: "localhost.evil.test" } }, 403, "forbidden"],
      [{ path, body, headers: { origin: "http://evil.test" } }, 403, "forbidden"],
      [{ path, body, headers: { "content-type": "text/plain" } }, 415, "media_type_unsupported"],
      [{ path, body: "{" }, 400, "request_invalid"],
      [{ path, body: { ...body, model: "none" } }, 404, "model_not_found"],
      [{ path: "/v1/nothing" }, 404, "not_found"],
      [{ path, method: "GET" }, 405, "method_not_allowed"],
    ] as [Sending, number, string][]);
    return checkError(await send(sending), status, code);
  },
  models: async (send) => {
    const answer = await send({ path: "/v1/models" });
    return answer !== "left" && answer.status === 200 && answer.text.includes("gpt-6-sol") ? undefined : "no models";
  },
};

const weighted = Object.keys(kinds).flatMap((name) => Array<string>(name === "good" ? 6 : 1).fill(name));

/** Numbers from 0 up to a bound, the same for the same seed (mulberry32). */
function createRandom(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * below);
  };
}

function pick<T>(random: Random, list: readonly T[]): T {
  return list[random(list.length)] as T;
}

function ask(
  url: string,
  agent: Agent,
  { path = "/", method, headers, body, ...more }: Sending,
): Promise<Answer | "left"> {
  return new Promise((resolve, reject) => {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const sent = request(url + path, {
      agent,
      method: method ?? (body === undefined ? "GET" : "POST"),
      headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
    });
    let hasLeft = false;
    const leaving = more.leaveMs === undefined ? undefined : setTimeout(leave, more.leaveMs);
    function leave() {
      hasLeft = true;
      sent.destroy();
      resolve("left");
    }
    const fail = (error: Error) => (hasLeft ? undefined : reject(error));
    sent.on("error", fail).on("response", async (response: IncomingMessage) => {
      const chunks: Buffer[] = [];
      const textSoFar = () => Buffer.concat(chunks).toString();
      const settle = () => {
        clearTimeout(leaving);
        resolve({ status: response.statusCode ?? 0, text: textSoFar() });
      };
      // A stream may break off after an error in it, and after nothing else.
      response.on("error", (error) => (/^data: \{"error":/m.test(textSoFar()) ? settle() : fail(error)));
      if (more.pauseMs !== undefined) await new Promise((resume) => setTimeout(resume, more.pauseMs));
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", settle);
    });
    sent.end(text);
  });
}
