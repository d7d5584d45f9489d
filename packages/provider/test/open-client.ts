import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type CodexClient,
  type CodexClientOptions,
  createCodexClient,
  type Dialect,
  exchange,
  type Outcome,
} from "@codex/provider";
import { createSimulator, type ReceivedRequest, type Simulator, type SimulatorOptions } from "@codex/simulator";
import { onTestFinished } from "vitest";

/** What a caller saw of one exchange. */
export interface Seen {
  status: number;
  headers: Record<string, string>;
  text: string;
  /** The text parsed, when it is JSON. */
  json: unknown;
  /** The `data:` lines of a stream, parsed; `[DONE]` as it is. */
  events: Record<string, unknown>[];
  outcome: Outcome;
}

export interface OpenClient {
  sim: Simulator;
  client: CodexClient;
  authFile: string;
  /** Sends a body and reads the reply to its end. */
  send(
    dialect: Dialect,
    body: unknown,
    options?: { headers?: Record<string, string>; signal?: AbortSignal },
  ): Promise<Seen>;
  /** The requests that reached `/responses`. */
  responses(): ReceivedRequest[];
}

/** A client on a login of its own, against a simulator of its own; both end with the test. */
export async function openClient(
  options: Partial<CodexClientOptions> = {},
  simulator: SimulatorOptions = {},
): Promise<OpenClient> {
  const sim = await createSimulator(simulator);
  const dir = await mkdtemp(join(tmpdir(), "codex-provider-"));
  const authFile = join(dir, "auth.json");
  await writeFile(authFile, JSON.stringify(sim.authJson()), { mode: 0o600 });
  const client = createCodexClient({
    baseUrl: sim.baseUrl,
    refreshTokenUrl: sim.tokenUrl,
    authFile,
    backoff: { baseMs: 5 },
    ...options,
  });
  onTestFinished(async () => {
    await client.close();
    await sim.close();
    await rm(dir, { recursive: true });
  });
  return {
    sim,
    client,
    authFile,
    responses: () => sim.requests.filter((request) => request.path.endsWith("/responses")),
    async send(dialect, body, { headers = {}, signal } = {}) {
      let outcome: Outcome | undefined;
      const reply = await exchange(
        client,
        dialect,
        { body, headers, ...(signal === undefined ? {} : { signal }) },
        {
          onOutcome: (told) => {
            if (outcome !== undefined) throw new Error("The outcome was told twice.");
            outcome = told;
          },
        },
      );
      let text = "";
      if (typeof reply.body === "string") text = reply.body;
      else for await (const piece of reply.body) text += piece;
      if (outcome === undefined) throw new Error("The outcome was never told.");
      return {
        status: reply.status,
        headers: reply.headers,
        text,
        json: parse(text),
        events: readEvents(text),
        outcome,
      };
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readEvents(text: string): Record<string, unknown>[] {
  return text
    .split("\n")
    .filter((line) => line.startsWith("data: "))
    .map((line) => (line === "data: [DONE]" ? { done: true } : JSON.parse(line.slice(6))));
}

/** A prompt that scripts the simulator's answer. */
export const script = (marker: object): string => `SIM${JSON.stringify(marker)}`;

/** The whole text of a streamed chat answer. */
export function chatText(seen: Seen): string {
  return seen.events
    .map((event) => (event.choices as { delta: { content?: string } }[] | undefined)?.[0]?.delta.content ?? "")
    .join("");
}
