import { createSimulator, type IssuedCredentials, type Simulator, type SimulatorOptions } from "@codex/simulator";
import { onTestFinished } from "vitest";

export interface TestEvent {
  type: string;
  [field: string]: unknown;
}

/** A plain client of the simulator, signed in, for one test. */
export class Client {
  readonly sim: Simulator;
  readonly credentials: IssuedCredentials;

  constructor(sim: Simulator) {
    this.sim = sim;
    this.credentials = sim.issueCredentials();
  }

  headers(more: Record<string, string> = {}): Record<string, string> {
    return {
      authorization: `Bearer ${this.credentials.access_token}`,
      "chatgpt-account-id": this.credentials.account_id,
      version: "0.171.0",
      "content-type": "application/json",
      ...more,
    };
  }

  /** Posts a request that both profiles take, with some fields replaced; undefined takes a field away. */
  post(fields: Record<string, unknown> = {}, headers: Record<string, string> = {}, signal?: AbortSignal) {
    return fetch(`${this.sim.baseUrl}/responses`, {
      method: "POST",
      headers: this.headers(headers),
      body: JSON.stringify(request(fields)),
      ...(signal ? { signal } : {}),
    });
  }

  /** Posts and reads the whole stream. */
  async events(fields: Record<string, unknown> = {}, headers: Record<string, string> = {}): Promise<TestEvent[]> {
    return parseEvents(await (await this.post(fields, headers)).text());
  }

  /** Posts one prompt and returns the events of the answer. */
  say(prompt: string, fields: Record<string, unknown> = {}): Promise<TestEvent[]> {
    return this.events({ input: [user(prompt)], ...fields });
  }

  get(path: string, headers: Record<string, string> = {}) {
    return fetch(`${this.sim.url}${path}`, { headers: this.headers(headers) });
  }

  /** Posts any body to any route. */
  send(path: string, body: unknown, headers: Record<string, string> = {}) {
    const init = { method: "POST", headers: this.headers(headers), body: JSON.stringify(body) };
    return fetch(`${this.sim.url}${path}`, init);
  }

  refresh(token = this.credentials.refresh_token) {
    return fetch(this.sim.tokenUrl, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ client_id: clientId, grant_type: "refresh_token", refresh_token: token }),
    });
  }
}

export const clientId = "app_EMoamEEZ73f0CkXaXp7hrann";

/** Starts a simulator that stops with the test. */
export async function start(options: SimulatorOptions = {}): Promise<Client> {
  const sim = await createSimulator(options);
  onTestFinished(() => sim.close());
  return new Client(sim);
}

export function user(text: string): Record<string, unknown> {
  return { type: "message", role: "user", content: [{ type: "input_text", text }] };
}

export function request(fields: Record<string, unknown> = {}): Record<string, unknown> {
  return { model: "gpt-5.5", instructions: "", input: [user("hi")], store: false, stream: true, ...fields };
}

export function parseEvents(text: string): TestEvent[] {
  return text
    .split("\n\n")
    .filter(Boolean)
    .map((block) => {
      const [event, data] = block.split("\n");
      const parsed = JSON.parse(String(data).slice("data: ".length)) as TestEvent;
      if (event !== `event: ${parsed.type}`) throw new Error(`${event} frames ${parsed.type}`);
      return parsed;
    });
}

/** The finished output items. */
export function outputOf(events: TestEvent[]): Record<string, unknown>[] {
  return events.filter((e) => e.type === "response.output_item.done").map((e) => e.item as Record<string, unknown>);
}

/** All text of an answer, from its deltas. */
export function textOf(events: TestEvent[]): string {
  return events
    .filter((event) => event.type === "response.output_text.delta")
    .map((event) => event.delta)
    .join("");
}

export function types(events: TestEvent[]): string[] {
  return events.map((event) => event.type);
}

/** The Response object of the last event. Throws when it has none. */
export function finalResponse(events: TestEvent[]): Record<string, unknown> & { usage: Usage; output: unknown[] } {
  const response = events.at(-1)?.response;
  if (typeof response !== "object" || response === null) throw new Error("The last event has no response.");
  return response as ReturnType<typeof finalResponse>;
}

interface Usage {
  input_tokens: number;
  input_tokens_details: { cached_tokens: number };
  output_tokens: number;
  output_tokens_details: { reasoning_tokens: number };
  total_tokens: number;
}
