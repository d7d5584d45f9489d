import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { isLoopback, type LoginStatus } from "@codex/auth";
import { CodexError } from "@codex/errors";
import { type CodexClient, createCodexClient } from "@codex/provider";
import { describeLogin, describeProxy } from "./announce.js";
import { type ProxyConfig, packageVersion } from "./config.js";
import { createAdmission } from "./http/admission.js";
import { createAnswer } from "./http/answer.js";
import { type Ask, createAsk } from "./http/ask.js";
import { answerBrokenRequest } from "./http/broken-request.js";
import { trackConnections } from "./http/connections.js";
import { createBodyReader } from "./http/read-body.js";
import { openKeys } from "./keys/follow-keys.js";
import { createGuard } from "./keys/guard.js";
import { openLog } from "./observe/log.js";
import { createObservation } from "./observe/observation.js";
import { createBodyLog } from "./observe/show-bodies.js";
import { openQuota } from "./quota/open-quota.js";
import type { Route } from "./routes/route.js";
import { createRoutes } from "./routes/table.js";
import { followConfig } from "./settings/follow-config.js";
import { defaultLimits, type ProxyLimits } from "./settings/limits.js";
import { stopOnSignals } from "./signals.js";
import { tuneV8 } from "./tune-v8.js";

/** What a test or another program may put in place of the defaults. */
export interface ProxyParts {
  /** Default: made from `config.client`; it is closed with the proxy either way. */
  client?: CodexClient;
  /** Takes the log, line by line. Default: stderr. */
  log?: (line: string) => void;
  /** What `config.logFormat: "auto"` means: pretty lines for a person, JSON for programs. Default `json`. */
  isTerminal?: boolean;
  /** More routes; one with the path of another goes before it. Given what asks the backend. Default: none. */
  routes?: (ask: Ask) => readonly Route[];
  /** Whether this process does nothing else, so that V8 may be tuned for it; default false. */
  ownsProcess?: boolean;
}

export interface RunningProxy {
  /** Without a slash at the end, e.g. `http://127.0.0.1:11455`; clients take it with `/v1`. */
  readonly url: string;
  readonly port: number;
  /** Requests under way. */
  readonly running: number;
  /**
   * The block that a person is greeted with: where it listens, how to use it, who is signed in.
   * @param options.withLink a link to the dashboard too, which lets in whoever reads it: for a terminal alone. Default false
   */
  describe(options?: { withLink?: boolean }): Promise<string>;
  /** How the login stands, read afresh from its file; renews nothing. */
  login(): Promise<LoginStatus>;
  /** Who sends it as a bearer token to `GET /dashboard/link` is given a link that opens the dashboard once. */
  readonly dashboardKey: string;
  /** Puts a sentence into the log. */
  note(message: string): void;
  /** Stops listening, lets running requests finish, closes the client. Calling it again waits for the same end. */
  stop(): Promise<void>;
  /** Resolves when a SIGTERM or SIGINT has stopped it; a second signal ends the process at once. */
  stopOnSignals(): Promise<void>;
}

/**
 * Listens. Waits neither for a login nor for the network: without a login requests are answered with 401 and what to
 * do. Throws `request_invalid` when listening as configured is not possible or not safe.
 */
export async function startProxy(config: ProxyConfig, parts: ProxyParts = {}): Promise<RunningProxy> {
  if (parts.ownsProcess) tuneV8();
  const stored = config.keysFile === undefined ? undefined : await openKeys(config.keysFile);
  let storedKeys = stored?.keys ?? [];
  const guard = createGuard({ ...config, storedKeys });
  const client = parts.client ?? createCodexClient(config.client);
  let live = config;
  const log = openLog(() => live, parts);
  const note = (message: string) => log.write(message);
  const warn = (message: string) => log.write(message, "warn");
  const quota = await openQuota(client, config.quota, config.usageFile, warn);
  const limits = () => ({ ...defaultLimits, ...live.limits });
  const { maxHeaderBytes, headerTimeoutMs, bodyTimeoutMs } = limits();
  const server = createServer({
    noDelay: true,
    // Notices callers whose machine has vanished.
    keepAlive: true,
    keepAliveInitialDelay: 60_000,
    // Longer than clients keep an idle connection, so that it is they who close it.
    keepAliveTimeout: 75_000,
    maxHeaderSize: maxHeaderBytes,
    connectionsCheckingInterval: Math.min(10_000, headerTimeoutMs, bodyTimeoutMs),
  });
  // Who ends its side after its request still gets its answer. Node has had this since its beginnings; its types have not.
  (server as Server & { httpAllowHalfOpen: boolean }).httpAllowHalfOpen = true;
  limitServer(server, limits());
  const connections = trackConnections(server, maxIdle);
  const admission = createAdmission(limits());
  const bodies = createBodyReader(limits);
  let url = "";
  let port = 0;
  const policy = () => live.quota ?? { reserve: [], shares: {} };
  const isStopping = () => connections.stopping;
  const { observer, metrics, dashboard, ...observation } = createObservation({
    ...{ client, log, quota, policy },
    url: () => url,
    port: () => port,
    needsKey: () => live.apiKeys.length + storedKeys.length > 0,
    version: packageVersion(),
    traces: config.traces,
  });
  const ask = createAsk({ client, showBodies: createBodyLog(log), warn });
  const routes = createRoutes({
    ...{ client, ask, quota, policy, metrics, dashboard, isStopping },
    effortVariants: () => live.effortVariants ?? false,
    greeting: () => describeProxy(url),
  });
  const answer = createAnswer({
    ...{ guard, admission, bodies, limits, observer, isStopping },
    routes: [...(parts.routes?.(ask) ?? []), ...routes],
    checkQuota: (keyName) => (quota.isLimited() ? quota.check(keyName) : undefined),
  });
  server.on("request", (request, response) => {
    void answer(request, response, connections.begin(request, response), "nothing");
  });
  server.on("checkContinue", (request, response) => {
    void answer(request, response, connections.begin(request, response), "continue");
  });
  server.on("checkExpectation", (request, response) => {
    void answer(request, response, connections.begin(request, response), "unknown");
  });
  server.on("clientError", answerBrokenRequest);
  let warnedAt = Number.NEGATIVE_INFINITY;
  const onServerError = (error: NodeJS.ErrnoException) => {
    // No descriptor is left, for example: then there are many of them.
    if (performance.now() - warnedAt > 60_000)
      warn(`A connection could not be taken (${error.code ?? error.message}).`);
    warnedAt = performance.now();
  };

  try {
    await listen(server, config);
  } catch (error) {
    await client.close();
    throw error;
  }
  server.on("error", onServerError);
  ({ port } = server.address() as AddressInfo);
  url = `http://${config.host.includes(":") ? `[${config.host}]` : config.host}:${port}`;

  const configure = () => {
    // The socket stays where it is, and with it what the guard must ask for.
    guard.configure({ ...live, host: config.host, storedKeys });
    admission.configure(limits());
    bodies.configure();
    limitServer(server, limits());
    if (!isLoopback(config.host) && live.apiKeys.length + storedKeys.length === 0) {
      warn("No key is left, so nobody comes in: `codex-oauth keys create` makes one.");
    }
  };
  const follows = [
    config.origin &&
      followConfig(
        config.origin,
        (next) => {
          live = next;
          client.models.useAliases(next.client.aliases ?? {});
          quota.configure(next.quota ?? { reserve: [], shares: {} });
          configure();
        },
        note,
      ),
    stored?.follow((keys) => {
      storedKeys = keys;
      configure();
    }, note),
  ];
  let stopped: Promise<void> | undefined;
  const proxy: RunningProxy = {
    url,
    port,
    get running() {
      return connections.running;
    },
    login: () => client.session.status(),
    async describe({ withLink = false } = {}) {
      const link = withLink ? dashboard.link() : undefined;
      return `${describeProxy(url, link)}\n${describeLogin(await client.session.status())}`;
    },
    note,
    dashboardKey: dashboard.key,
    stop() {
      for (const unfollow of follows) unfollow?.();
      stopped ??= connections.stop(limits().drainMs).then(async () => {
        await client.close();
        await observation.close();
      });
      return stopped;
    },
    stopOnSignals: () => stopOnSignals(proxy, note),
  };
  return proxy;
}

/** Connections beside those of requests: idle ones, and those of callers whose request has not come yet. */
const maxIdle = 1024;

function limitServer(server: Server, limits: ProxyLimits): void {
  server.headersTimeout = Math.min(limits.headerTimeoutMs, limits.bodyTimeoutMs);
  server.requestTimeout = limits.bodyTimeoutMs;
  // Their size is limited; by number some would be dropped without a word.
  server.maxHeadersCount = 0;
  // Requests that run; those that wait, for a place or for room; as many whose bodies are on their way; and idle ones, whose
  // number is held below: so there is a connection for everyone who comes.
  server.maxConnections = 2 * (limits.maxRequests + limits.queueSize) + limits.queueSize + 2 * maxIdle;
}

function listen(server: Server, { host, port }: ProxyConfig): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (cause: NodeJS.ErrnoException) => reject(explain(cause, host, port));
    server.once("error", onError);
    server.listen(port, host, () => {
      server.off("error", onError);
      resolve();
    });
  });
}

function explain(cause: NodeJS.ErrnoException, host: string, port: number): CodexError {
  const reasons: Record<string, string> = {
    EADDRINUSE: `Port ${port} is taken, perhaps by another copy of this proxy. Stop that one, or choose another port with --port.`,
    EACCES: `Port ${port} may not be used by this account. Choose one above 1023 with --port.`,
    EADDRNOTAVAIL: `This machine does not have the address ${host}. Choose another with --host, for example 127.0.0.1.`,
    ENOTFOUND: `The name ${host} is not known. Choose another with --host, for example 127.0.0.1.`,
  };
  const reason = reasons[cause.code ?? ""] ?? `Cannot listen on ${host}, port ${port}: ${cause.message}.`;
  return new CodexError("request_invalid", reason, { cause });
}
