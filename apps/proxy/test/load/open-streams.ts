import { createHash } from "node:crypto";
import { Agent, request } from "node:http";

/** Opens many streams at once and measures how long each event was on its way. A process of its own. */
interface Options {
  url: string;
  streams: number;
  ticks: number;
  delayMs: number;
  /** The streams are opened over this time, so that their events don't all fall together. */
  rampMs: number;
}

export interface OpenStreamsResult {
  whole: number;
  /** What was wrong with the others, a few of them. */
  broken: string[];
  events: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
  max: number;
  /** The most streams that were open at once. */
  mostOpen: number;
  /** How long that many (99 % of them) were open, in seconds. */
  fullSeconds: number;
}

process.once("message", async (options: Options) => process.send?.(await openStreams(options)));

async function openStreams({ url, streams, ticks, delayMs, rampMs }: Options): Promise<OpenStreamsResult> {
  const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY });
  const delays: number[] = [];
  const broken: string[] = [];
  let open = 0;
  let mostOpen = 0;
  let [fullSince, fullUntil] = [0, 0];
  let whole = 0;
  await Promise.all(
    Array.from({ length: streams }, async (_, number) => {
      await new Promise((resolve) => setTimeout(resolve, (rampMs * number) / streams));
      const prompt = `Stream ${number}. SIM${JSON.stringify({ ticks, delayMs, reasoning: false })}`;
      const isChat = number % 2 === 0;
      const body = isChat
        ? { model: "gpt-6-sol", messages: [{ role: "user", content: prompt }], stream: true }
        : { model: "gpt-6-sol", input: prompt, stream: true, store: false };
      const check = createChecker(ticks, delays);
      const problem = await read(url + (isChat ? "/v1/chat/completions" : "/v1/responses"), body, agent, (event) => {
        const word = isChat ? event.choices?.[0]?.delta?.content : event.type?.endsWith("text.delta") && event.delta;
        if (!word) return undefined;
        if (check.words === 0) {
          mostOpen = Math.max(mostOpen, ++open);
          if (open >= streams * 0.99) fullSince ||= Date.now();
        }
        return check.add(word);
      });
      if (fullSince > 0) fullUntil ||= Date.now();
      open--;
      const wrong = problem ?? check.end();
      if (wrong === undefined) whole++;
      else if (broken.length < 10) broken.push(`stream ${number}: ${wrong}`);
    }),
  );
  agent.destroy();
  delays.sort((a, b) => a - b);
  const at = (share: number) => delays[Math.min(delays.length - 1, Math.floor(delays.length * share))] ?? Number.NaN;
  const fullSeconds = (fullUntil - fullSince) / 1000;
  return { whole, broken, events: delays.length, p50: at(0.5), p99: at(0.99), max: at(1), mostOpen, fullSeconds };
}

/** Checks that every word comes once, in its order, and that all of them have the hash that the backend took. */
function createChecker(ticks: number, delays: number[]) {
  const hash = createHash("sha256");
  let ending = "";
  return {
    words: 0,
    add(word: string): string | undefined {
      const [, number, time] = /^ ?(\d+):(\d{13})$/.exec(word) ?? [];
      if (number === undefined) {
        ending += word;
        return undefined;
      }
      if (Number(number) !== this.words++) return `word ${number} came as word ${this.words}`;
      delays.push(Date.now() - Number(time));
      hash.update(word);
      return undefined;
    },
    end(): string | undefined {
      if (this.words !== ticks) return `${this.words} of ${ticks} words`;
      return ending === ` sha256:${hash.digest("hex")}` ? undefined : "another hash";
    },
  };
}

// biome-ignore lint/suspicious/noExplicitAny: events of two dialects.
type OnEvent = (event: any) => string | undefined;

/** Reads a stream of events to its end. Resolves with what was wrong. */
function read(url: string, body: object, agent: Agent, onEvent: OnEvent): Promise<string | undefined> {
  return new Promise((resolve) => {
    const sent = request(
      url,
      { agent, method: "POST", headers: { "content-type": "application/json" } },
      (response) => {
        if (response.statusCode !== 200) resolve(`status ${response.statusCode}`);
        let rest = "";
        response.setEncoding("utf8").on("data", (text: string) => {
          const blocks = (rest + text).split("\n\n");
          rest = blocks.pop() ?? "";
          for (const block of blocks) {
            const data = block.slice(block.indexOf("data: ") + 6);
            if (block.startsWith(":") || data === "[DONE]") continue;
            const wrong = onEvent(JSON.parse(data));
            if (wrong !== undefined) resolve(wrong);
          }
        });
        response.on("end", () => resolve(rest === "" ? undefined : "a rest"));
        response.on("error", (error) => resolve(String(error)));
      },
    );
    sent.on("error", (error) => resolve(String(error)));
    sent.end(JSON.stringify(body));
  });
}
