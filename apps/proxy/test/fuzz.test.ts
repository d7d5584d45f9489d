import { type Profile, profiles } from "@codex/simulator";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type ApiRequest, anyRequest, nearlyValidRequest, validRequest } from "./openai-bodies.js";
import { judgeRefusal, type Refusal } from "./refusals.js";
import { type Answer, ask, type House, startHouse } from "./start-house.js";

/**
 * Five thousand bodies through the real proxy to the simulator: a quarter in order, a quarter with mistakes in them, the
 * rest anything. None is answered with a 5xx, none ends the proxy, and the backend refuses nothing that we should have
 * known. They are sent many at a time and so are not shrunk: of those that fail the shortest is shown.
 */
const atOnce = 25;

// Hundreds of requests each, on a machine that may be busy.
vi.setConfig({ testTimeout: 180_000 });

/** What came of one body. */
interface Sent {
  request: ApiRequest;
  answer: Answer;
  /** What the backend refused it with, where it came that far. */
  refusals: Refusal[];
}

describe.each(Object.keys(profiles) as Profile[])("on the profile %s", (profile) => {
  let house: House;
  const refused = new Map<string, Refusal[]>();
  let count = 0;

  beforeAll(async () => {
    house = await startHouse({ profile });
    house.simulator.on("answered", ({ headers, status = 0, body }) => {
      const id = String(headers["x-client-request-id"]);
      if (status >= 400) refused.set(id, [...(refused.get(id) ?? []), { status, body }]);
    });
  });
  afterAll(() => house.close());

  async function send(request: ApiRequest): Promise<Sent> {
    const id = `fuzz-${count++}`;
    const body = JSON.stringify(request.body);
    const answer = await ask(`${house.proxy.url}/v1/${request.route}`, { body, headers: { "x-request-id": id } });
    return { request, answer, refusals: refused.get(id) ?? [] };
  }

  /** Sends so many bodies, and expects of each that `judge` has nothing to say. */
  async function check(bodies: fc.Arbitrary<ApiRequest>, numRuns: number, judge: (sent: Sent) => string | undefined) {
    const seed = Date.now();
    const requests = fc.sample(bodies, { numRuns, seed });
    const wrong: string[] = [];
    for (let start = 0; start < numRuns; start += atOnce) {
      for (const sent of await Promise.all(requests.slice(start, start + atOnce).map(send))) {
        const judgement = judge(sent);
        if (judgement !== undefined) wrong.push(`${judgement}\n  for ${JSON.stringify(sent.request)}`);
      }
    }
    wrong.sort((a, b) => a.length - b.length);
    expect(wrong.slice(0, 3), `${wrong.length} of ${numRuns}, seed ${seed}`).toEqual([]);
  }

  it("answers all that is in order, and the backend refuses nothing of it", async () => {
    await check(validRequest, 625, ({ answer, refusals }) => {
      const judgement = judgeAnswer(answer);
      if (judgement !== "answered") return judgement;
      return refusals.length === 0 ? undefined : `refused: ${JSON.stringify(refusals)}`;
    });
  });

  it("answers or refuses what has mistakes in it, and the backend refuses only the caller's", async () => {
    let answered = 0;
    await check(nearlyValidRequest, 625, ({ request, answer, refusals }) => {
      const judgement = judgeAnswer(answer);
      if (judgement === "answered") answered++;
      else if (judgement !== "refused") return judgement;
      return refusals.length === 0 ? undefined : judgeRefusal(answer, request, refusals);
    });
    // Else there would be so many mistakes that this proves little.
    expect(answered).toBeGreaterThan(100);
  });

  it("answers or refuses anything else", async () => {
    await check(anyRequest, 1250, ({ answer }) => {
      const judgement = judgeAnswer(answer);
      return judgement === "answered" || judgement === "refused" ? undefined : judgement;
    });
  });
});

/** `answered` for a whole answer, `refused` for a 400 or 404 in OpenAI's form; anything else is wrong. */
function judgeAnswer({ status, headers, text }: Answer): string {
  if (status === 200 && headers["content-type"]?.startsWith("text/event-stream")) {
    const ended = text.endsWith("data: [DONE]\n\n") || /^event: response\.(completed|incomplete)$/m.test(text);
    if ((ended && !text.includes('data: {"error"')) || isUnheeded(text)) return "answered";
    return `a stream without a good end: ${text.slice(-300)}`;
  }
  const body = JSON.parse(text);
  if (status === 200) {
    return "choices" in body || /^(completed|incomplete)$/.test(body.status) ? "answered" : `no answer: ${text}`;
  }
  if (status === 502 && isUnheeded(text)) return "answered";
  if (status !== 400 && status !== 404) return `status ${status}: ${text}`;
  const { error } = body;
  const isError = typeof error.message === "string" && error.message !== "" && typeof error.type === "string";
  return isError && "param" in error && "code" in error ? "refused" : `not OpenAI's error: ${text}`;
}

/**
 * Whether the model was asked for JSON and has answered otherwise, of which the caller is told: the simulated one does
 * so when it is to search or to draw, and when nothing can satisfy the schema.
 */
function isUnheeded(text: string): boolean {
  return /"message":"The model's answer does not match the JSON that was asked for[^}]*"param":"(response_format|text\.format)/.test(
    text,
  );
}
