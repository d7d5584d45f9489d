import type { IncomingMessage, ServerResponse } from "node:http";
import type { Faults } from "./faults.js";
import type { ReceivedRequest, RequestLog } from "./http/request-log.js";
import type { ModelList } from "./models.js";
import type { Account } from "./oauth/jwt.js";
import type { TokenStore } from "./oauth/token-store.js";
import type { Questions } from "./questions.js";
import type { PromptCache } from "./responses/prompt-cache.js";
import type { Scripting } from "./responses/script.js";
import type { RateLimits } from "./usage.js";

/** Everything that the routes share. */
export interface Context {
  /** May be changed while the simulator runs. */
  questions: Questions;
  now: () => number;
  /** The simulator's own origin. */
  origin: () => string;
  tokens: TokenStore;
  models: ModelList;
  faults: Faults;
  rateLimits: RateLimits;
  /** Who signs in on the authorize and device pages. */
  account: Account;
  prompts: Map<string, string>;
  /** What to answer to prompts without a marker. */
  script: Scripting | undefined;
  promptCache: PromptCache;
  log: RequestLog;
  stats: Stats;
  emit: (event: SimulatorEvent, request: ReceivedRequest) => void;
}

/** What happened so far, in numbers. */
export interface Stats {
  /** Requests to `/responses` that are open now, those that stall before their headers included. */
  activeResponses: number;
  /** All requests to `/responses` so far, refused ones included. */
  responses: number;
  /** Refreshes that gave new tokens. */
  refreshes: number;
  /** Calls of the token endpoint that asked for a refresh, refused ones included. */
  refreshAttempts: number;
  /** Clients that went away in the middle of an answer. */
  disconnects: number;
}

/** `request`: one came in. `answered`: its answer ended, or was cut by a fault. `disconnect`: its client went away before. `refresh`: tokens were rotated. */
export type SimulatorEvent = "request" | "answered" | "disconnect" | "refresh";

/** One request on its way, with what is known of it. */
export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  path: string;
  query: Record<string, string>;
  /** Decompressed. */
  body: Buffer;
  record: ReceivedRequest;
  account: Account | undefined;
  /** Aborts when the client goes away or the simulator closes. */
  signal: AbortSignal;
}
