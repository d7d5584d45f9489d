/**
 * What a `generateText` costs more than the SDK's own Responses model against the same simulator. The SDK alone cannot
 * read this backend, which only streams: its `fetch` here does the least that anybody would have to do, it asks for a
 * stream and hands over the response in its last event. The two take turns; compared are the medians.
 * `pnpm --filter @codex/ai-sdk bench [rounds]`
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { createOpenAI } from "@ai-sdk/openai";
import { createCodex } from "@codex/ai-sdk";
import { createInjectedSession } from "@codex/auth";
import { generateText, type LanguageModel } from "ai";

interface Made {
  credentials: { access_token: string; account_id: string };
}

const rounds = Number(process.argv[2] ?? 400);
const warmUp = 100;
const prompt = `SIM${JSON.stringify({ reasoning: false, words: 200, deltas: 100, completedOutput: "full" })}`;

const { server, url } = await startSimulator();
try {
  const made = await fetch(`${url}/__simulator/credentials`, { method: "POST", body: "{}" });
  const { access_token, account_id } = ((await made.json()) as Made).credentials;
  const baseURL = `${url}/backend-api/codex`;
  const session = createInjectedSession({
    getAccessToken: () => ({ accessToken: access_token, accountId: account_id }),
    location: "the simulator",
    hint: "Start again.",
  });
  const codex = createCodex({ session, baseURL });
  const openai = createOpenAI({
    apiKey: access_token,
    baseURL,
    headers: { "chatgpt-account-id": account_id, version: "0.171.0" },
    fetch: async (input, init) => {
      const body = { ...(JSON.parse(init?.body as string) as object), stream: true, store: false, instructions: "" };
      const answer = await fetch(input, { ...init, body: JSON.stringify(body) });
      const events = (await answer.text()).trimEnd().split("\n\n");
      const last = JSON.parse(events.at(-1)?.split("\ndata: ")[1] ?? "{}") as { response?: object };
      return Response.json(last.response ?? last, { status: answer.status });
    },
  });
  const models = { raw: openai.responses("gpt-6-sol"), ours: codex("gpt-6-sol") };
  const times = { raw: [] as number[], ours: [] as number[] };
  for (let round = 0; round < warmUp + rounds; round++) {
    for (const name of round % 2 === 0 ? (["raw", "ours"] as const) : (["ours", "raw"] as const)) {
      const ms = await time(models[name]);
      if (round >= warmUp) times[name].push(ms);
    }
  }
  const [raw, ours] = [median(times.raw), median(times.ours)];
  console.log(`raw SDK ${raw.toFixed(2)} ms, codex ${ours.toFixed(2)} ms, medians of ${rounds}`);
  console.log(`overhead ${(((ours - raw) / raw) * 100).toFixed(1)} %`);
  await codex.close();
} finally {
  server.kill();
}

async function time(model: LanguageModel): Promise<number> {
  const start = performance.now();
  const { text } = await generateText({ model, prompt, maxRetries: 0 });
  const ms = performance.now() - start;
  if (text.split(" ").length !== 200) throw new Error("The answer is not whole.");
  return ms;
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/** In a process of its own, so that its work is not counted as ours. */
async function startSimulator(): Promise<{ server: ChildProcess; url: string }> {
  const manifest = createRequire(import.meta.url).resolve("@codex/simulator/package.json");
  const cli = join(dirname(manifest), "dist", "cli.js");
  const server = spawn(process.execPath, [cli, "--port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface({ input: server.stdout })) {
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
    if (url !== undefined) return { server, url };
  }
  await once(server, "exit");
  throw new Error("The simulator did not start.");
}
