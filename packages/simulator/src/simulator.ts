import type { SimulatorEvent, Stats } from "./context.js";
import type { Faults } from "./faults.js";
import type { ReceivedRequest } from "./http/request-log.js";
import type { ModelEntry } from "./models/catalog.js";
import type { IssuedCredentials } from "./oauth/token-store.js";
import type { Profile, Questions } from "./questions.js";
import type { Scripting } from "./responses/script.js";
import type { RateLimits } from "./usage.js";

/** How a simulator is started. */
export interface SimulatorOptions {
  /** Default 0: any free one. */
  port?: number;
  /** Default 127.0.0.1. */
  host?: string;
  /** Default: `strict`. */
  profile?: Profile;
  /** Answers that differ from the profile's. */
  questions?: Partial<Questions>;
  /** Serve https with this key and certificate (PEM). */
  tls?: { key: string | Buffer; cert: string | Buffer };
  /** Milliseconds since 1970. Default: Date.now. */
  now?: () => number;
  /** How long access tokens live. Default: 864000 (10 days), as the real ones do. */
  accessTokenLifetimeSeconds?: number;
  /** What the device route tells clients to wait between polls. Default: 5. */
  deviceIntervalSeconds?: number;
  /** Who signs in, and whom credentials are made for by default. */
  account?: AccountOptions;
  /** Percent used of the plan's windows. Default: 12 and 34. */
  rateLimits?: Partial<RateLimits>;
  /** The models served, in place of the catalog. */
  models?: readonly ModelEntry[];
  /**
   * What to answer to prompts without a marker; asked again after each round of tool outputs. Default, and for what it
   * leaves: a sentence, or a call of the tool that the prompt asks for.
   */
  script?: Scripting;
}

/** A made-up account. */
export interface AccountOptions {
  email?: string;
  /** Default: `plus`. */
  plan?: string;
  accountId?: string;
  userId?: string;
  fedramp?: boolean;
}

/** What credentials to make. */
export interface CredentialOptions extends AccountOptions {
  /** The access token's life in seconds; may be negative. */
  expiresIn?: number;
}

/** An auth.json as the Codex CLI writes it. */
export interface AuthJson {
  auth_mode: "chatgpt";
  OPENAI_API_KEY: null;
  tokens: IssuedCredentials;
  last_refresh: string;
}

/** A running simulator. */
export interface Simulator {
  /** Its origin, e.g. `http://127.0.0.1:40123`. */
  readonly url: string;
  /** What stands for `https://chatgpt.com/backend-api/codex`. */
  readonly baseUrl: string;
  /** What stands for `https://auth.openai.com`. */
  readonly issuerUrl: string;
  readonly tokenUrl: string;
  readonly port: number;
  /** May be changed while it runs. */
  readonly questions: Questions;
  /** May be changed while it runs. */
  readonly rateLimits: RateLimits;
  readonly faults: Faults;
  /**
   * The files of the latest release, as the raw-file route serves them: prompt files by name, the catalog as
   * `models-manager/models.json`. May be changed while it runs.
   */
  readonly prompts: Map<string, string>;
  /** The last requests (2000 at most), oldest first. Control requests are not in it. */
  readonly requests: readonly ReceivedRequest[];
  readonly stats: Readonly<Stats>;
  /** Open requests to `/responses`. */
  readonly activeResponses: number;
  /** Refreshes that gave new tokens. */
  readonly refreshCount: number;
  /** Makes tokens that are good here. */
  issueCredentials(options?: CredentialOptions): IssuedCredentials;
  /** An auth.json with these credentials, or with new ones. */
  authJson(credentials?: IssuedCredentials): AuthJson;
  /** From now on all access tokens made so far answer `token_expired` (their `exp` claim stays). */
  expireAccessTokens(): void;
  /** From now on all refresh tokens made so far answer `refresh_token_expired`. */
  expireRefreshTokens(): void;
  /** From now on this access token answers `token_invalidated`. */
  invalidateAccessToken(token: string): void;
  /** Ends the login that this access or refresh token belongs to. False when it is unknown. */
  revoke(token: string): boolean;
  /** Says yes (or no) to a login by device code, as a person would on the page. False when no such code waits. */
  decideDevice(userCode: string, decision?: "continue" | "deny"): boolean;
  /** Calls the listener for each event of this kind. Returns a function that stops it. */
  on(event: SimulatorEvent, listener: (request: ReceivedRequest) => void): () => void;
  /** The next event of this kind for which `matches` holds. */
  waitFor(event: SimulatorEvent, matches?: (request: ReceivedRequest) => boolean): Promise<ReceivedRequest>;
  /** Resolves when no request to `/responses` is open. */
  idle(): Promise<void>;
  /** Stops listening and closes every connection. */
  close(): Promise<void>;
}
