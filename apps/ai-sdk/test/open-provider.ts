import { createMemoryStore, createSession } from "@codex/auth";
import { createSimulator, type ReceivedRequest, type Simulator, type SimulatorOptions } from "@codex/simulator";
import { onTestFinished } from "vitest";
import { type CodexProvider, createCodexWith } from "../src/provider.js";
import type { CodexSettings } from "../src/settings.js";
import type { Pair } from "./pairs.js";

export interface OpenProvider {
  sim: Simulator;
  codex: CodexProvider;
  /** The bodies that reached `/responses`, in their order. */
  bodies(): Record<string, unknown>[];
  requests(): ReceivedRequest[];
  /** The input items of one of those bodies. */
  inputOf(index: number): Item[];
}

export type Item = Record<string, unknown> & { type: string };

/** A provider on a login of its own, against a simulator of its own; both end with the test. */
export async function openProvider(
  pair: Pair,
  settings: CodexSettings = {},
  simulator: SimulatorOptions = {},
): Promise<OpenProvider> {
  const sim = await createSimulator(simulator);
  const store = createMemoryStore(login(sim));
  const session = createSession({ store, refreshTokenUrl: sim.tokenUrl });
  const codex = createCodexWith(pair.sdk, { session, baseURL: sim.baseUrl, ...settings }, { backoff: { baseMs: 5 } });
  onTestFinished(async () => {
    session.close();
    await codex.close();
    await sim.close();
  });
  const requests = () => sim.requests.filter((request) => request.path.endsWith("/responses"));
  const bodies = () => requests().map(({ body }) => body as Record<string, unknown>);
  return { sim, codex, requests, bodies, inputOf: (index) => (bodies()[index] as { input: Item[] }).input };
}

/** A prompt that scripts the simulator's answer. */
export const script = (marker: object): string => `SIM${JSON.stringify(marker)}`;

function login(sim: Simulator) {
  const { access_token, refresh_token, id_token, account_id } = sim.issueCredentials();
  return { accessToken: access_token, refreshToken: refresh_token, idToken: id_token, accountId: account_id };
}
