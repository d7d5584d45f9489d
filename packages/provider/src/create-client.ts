import { arch, platform } from "node:process";
import { createFileStore, createSession, defaultAuthFile, homeFolder, requireSafeUrl, type Session } from "@codex/auth";
import { type AccountModels, type CustomModel, createAccountModels } from "@codex/models";
import { type CodexMode, createInstructions, type DeriveInstructions, type Instructions } from "@codex/prompts";
import {
  type BackoffOptions,
  createFetchTransport,
  createTransport,
  type EnvironmentProxy,
  type Transport,
} from "@codex/transport";
import { createAccountGet, createAccountPost } from "./backend/account-get.js";
import type { Backend, ResponseTransform } from "./backend/backend.js";
import { type Circuit, type CircuitOptions, createCircuit } from "./backend/circuit.js";
import { createBackend } from "./backend/client.js";
import { codexProtocolVersion, type Identity } from "./backend/headers.js";
import { type ImageAnswer, type ImageRequest, requestImages } from "./backend/images.js";
import { createModelFetcher } from "./backend/model-list.js";
import { createUsageRecord, type PlanUsage } from "./backend/plan-usage.js";
import type { RateLimits } from "./backend/usage.js";
import { fetchUsage } from "./backend/usage-report.js";
import type { ReasoningStyle } from "./canonical/context.js";
import { followSignal } from "./own-signal.js";
import { createMemoryStore } from "./responses-store/memory-store.js";
import type { ResponseStore } from "./responses-store/store.js";
import { defaultTimeLimits, type TimeLimits } from "./time-limits.js";
import { version } from "./version.js";

/** The Codex backend of a ChatGPT account. */
export const defaultBaseUrl = "https://chatgpt.com/backend-api/codex";

/** How long the backend may take to tell how much of the plan is used. */
const usageLimitMs = 10_000;

export interface CodexClientOptions {
  /** Default `defaultBaseUrl`. https, or http to this machine. */
  baseUrl?: string | undefined;
  /** The login file. Default: the Codex CLI's, `auth.json` in `codexHome`, else `~/.codex/auth.json`. */
  authFile?: string | undefined;
  /** The Codex CLI's folder, whose lock is taken for a refresh. Default: the folder of `authFile`. */
  codexHome?: string | undefined;
  /** OAuth issuer. Default `https://auth.openai.com`. */
  issuer?: string | undefined;
  /** Where tokens are refreshed. Default: `{issuer}/oauth/token`. */
  refreshTokenUrl?: string | undefined;
  /** Where official instructions are kept. Default: in memory only. */
  cacheDir?: string | undefined;
  /** Default `auto`. */
  mode?: CodexMode | undefined;
  /** The user's own names for models. */
  aliases?: Readonly<Record<string, string>> | undefined;
  /** The user's own models, merged over the account's list. */
  customModels?: readonly CustomModel[] | undefined;
  /** Replaces the whole instructions policy. */
  deriveInstructions?: DeriveInstructions | undefined;
  /** Changes the events of every answer. */
  transform?: ResponseTransform | undefined;
  /** Refuse what would have to be adjusted. Default false. */
  strict?: boolean | undefined;
  /** Where chat answers have the model's reasoning. Default `field`. */
  reasoning?: ReasoningStyle | undefined;
  identity?: Partial<Identity> | undefined;
  /** The delays between attempts. Default: 200 ms, doubled, 10 s at most. */
  backoff?: BackoffOptions | undefined;
  /** When the backend counts as down, so that requests are refused at once for a while. */
  circuit?: CircuitOptions | undefined;
  /** Default: `defaultTimeLimits`, one by one. Those of connections are for a transport that is built here. */
  timeLimits?: Partial<TimeLimits> | undefined;
  /** The values of HTTPS_PROXY, HTTP_PROXY and NO_PROXY. */
  environmentProxy?: EnvironmentProxy | undefined;
  /** Called with the plan's limits with every answer that carries them, refusals included. */
  onRateLimits?: ((limits: RateLimits) => void) | undefined;
  /** Called with what went wrong without failing a request, e.g. a model list that could not be fetched. */
  onWarning?: ((error: unknown) => void) | undefined;
  /**
   * Where answers of the Responses API are kept for `previous_response_id`. Default: `createMemoryStore()`; null keeps
   * nothing.
   */
  responseStore?: ResponseStore | null | undefined;
  session?: Session | undefined;
  /** Carries every request, in place of connections of our own. */
  fetch?: typeof globalThis.fetch | undefined;
  transport?: Transport | undefined;
  models?: AccountModels | undefined;
  instructions?: Instructions | undefined;
  /** Milliseconds since 1970. Default Date.now. */
  now?: (() => number) | undefined;
}

/** Everything that an app needs: the login, the models, and the conversation with the backend. */
export interface CodexClient extends Backend {
  reasoning: ReasoningStyle | undefined;
  session: Session;
  models: AccountModels;
  responseStore: ResponseStore | undefined;
  /**
   * Asks the backend how much of the plan is used; 10 s at most. Throws a CodexError when it does not say.
   * @param signal ends the wait
   */
  usage(signal?: AbortSignal): Promise<PlanUsage>;
  /** The same as far as it is known from answers so far, at no cost; undefined before the first one. */
  lastUsage(): PlanUsage | undefined;
  /** Makes or edits pictures: one attempt. Throws a CodexError. */
  images(request: ImageRequest, signal?: AbortSignal): Promise<ImageAnswer>;
  /** The renewal of old instructions that is under way; undefined where none is. Never rejects. */
  renewal(): Promise<void> | undefined;
  timeLimits: TimeLimits;
  /** Whether the backend counts as down. */
  circuit: Pick<Circuit, "state">;
  /** Closes the connections that this client has opened. */
  close(): Promise<void>;
}

/**
 * Builds whatever it is not given, on one connection pool. Reads nothing and connects to nothing before the first
 * request. Throws when `baseUrl` would carry the login in the clear.
 */
export function createCodexClient(options: CodexClientOptions = {}): CodexClient {
  const baseUrl = (options.baseUrl ?? defaultBaseUrl).replace(/\/+$/, "");
  requireSafeUrl(baseUrl, "The backend URL");
  const now = options.now ?? Date.now;
  const identity: Identity = {
    originator: "codex-oauth",
    userAgent: `codex-oauth/${version} (${platform}; ${arch})`,
    protocolVersion: codexProtocolVersion,
    ...options.identity,
  };
  const timeLimits = { ...defaultTimeLimits, ...options.timeLimits };
  const transport = options.transport ?? transportOf(options, timeLimits);
  const circuit = createCircuit(transport, options.circuit);
  const session = options.session ?? sessionOf(options, transport, identity, now);
  const account = { session, fetch: transport.fetch, identity, now };
  const get = createAccountGet(account);
  const post = createAccountPost(account);
  const models =
    options.models ??
    createAccountModels({
      fetchModels: createModelFetcher(get, { baseUrl, identity }),
      now,
      ...given("aliases", options.aliases),
      ...given("custom", options.customModels),
      ...given("onFailure", options.onWarning),
    });
  const instructions =
    options.instructions ??
    createInstructions({
      fetch: transport.fetch,
      now,
      ...given("mode", options.mode),
      ...given("cacheDir", options.cacheDir),
      ...given("deriveInstructions", options.deriveInstructions),
    });
  const record = createUsageRecord(now);
  let accountId: string | undefined;
  const unfollow = session.onChange((context) => {
    // Another account has another plan.
    if (accountId !== undefined && context?.accountId !== accountId) record.forget();
    accountId = context?.accountId;
  });
  const backend = createBackend({
    baseUrl,
    session,
    circuit,
    models,
    instructions,
    identity,
    strict: options.strict ?? false,
    transform: options.transform,
    onRateLimits: (limits) => {
      record.note(limits);
      options.onRateLimits?.(limits);
    },
    backoff: options.backoff,
    timeLimits,
    now,
  });
  return {
    session,
    models,
    timeLimits,
    circuit,
    strict: options.strict ?? false,
    reasoning: options.reasoning,
    ask: backend.ask,
    async usage(signal) {
      const limit = AbortSignal.timeout(usageLimitMs);
      record.noteReport(await fetchUsage(get, baseUrl, signal ? AbortSignal.any([signal, limit]) : limit));
      return record.last() as PlanUsage;
    },
    lastUsage: record.last,
    renewal: () => instructions.renewal?.(),
    async images(request, given) {
      const { signal, end } = followSignal(given);
      return await requestImages(post, baseUrl, request, signal).finally(end);
    },
    responseStore:
      options.responseStore === undefined ? createMemoryStore({ now }) : (options.responseStore ?? undefined),
    close: async () => {
      unfollow();
      if (options.session === undefined) session.close();
      if (options.transport === undefined) await transport.close();
    },
  };
}

function transportOf({ fetch, environmentProxy }: CodexClientOptions, timeLimits: TimeLimits): Transport {
  const limits = { headersTimeoutMs: timeLimits.headersMs, idleTimeoutMs: timeLimits.idleMs };
  if (fetch !== undefined) return createFetchTransport({ fetch, ...limits });
  return createTransport({ connectTimeoutMs: timeLimits.connectMs, ...limits, environmentProxy });
}

function sessionOf(options: CodexClientOptions, transport: Transport, identity: Identity, now: () => number): Session {
  const path = options.authFile ?? defaultAuthFile({ CODEX_HOME: options.codexHome }, homeFolder());
  return createSession({
    store: createFileStore({ path, ...given("codexHome", options.codexHome) }),
    fetch: transport.fetch,
    now,
    originator: identity.originator,
    userAgent: identity.userAgent,
    ...given("issuer", options.issuer),
    ...given("refreshTokenUrl", options.refreshTokenUrl),
  });
}

/** A property that is left out when it has no value: `undefined` and "not given" are two things to strict types. */
function given<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: V });
}
