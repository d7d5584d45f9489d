import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Context, Stats } from "./context.js";
import { answerControl } from "./control.js";
import { createEvents } from "./events.js";
import { Faults } from "./faults.js";
import { RequestLog } from "./http/request-log.js";
import { createListener, refuseUpgrade } from "./http/serve.js";
import { catalog } from "./models/catalog.js";
import { promptFiles } from "./models/texts.js";
import { ModelList } from "./models.js";
import { GrantStore } from "./oauth/grants.js";
import type { Account } from "./oauth/jwt.js";
import { TokenStore } from "./oauth/token-store.js";
import type { Issuer } from "./oauth.js";
import { answerQuestions } from "./questions.js";
import { PromptCache } from "./responses/prompt-cache.js";
import { answerRoute } from "./routes.js";
import type { AccountOptions, Simulator, SimulatorOptions } from "./simulator.js";

/** Starts a simulator of the Codex backend and its OAuth issuer. Resolves when it listens; rejects when the port is taken. */
export async function createSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const questions = answerQuestions(options.profile ?? "strict", options.questions);
  const now = options.now ?? Date.now;
  const accessLifetimeSeconds = options.accessTokenLifetimeSeconds ?? 864_000;
  const events = createEvents();
  const stats: Stats = { activeResponses: 0, responses: 0, refreshes: 0, refreshAttempts: 0, disconnects: 0 };
  let url = "";
  const context: Context = {
    questions,
    now,
    origin: () => url,
    tokens: new TokenStore({ issuer: () => url, now, accessLifetimeSeconds, questions }),
    models: new ModelList(options.models ?? catalog),
    faults: new Faults(),
    rateLimits: { primaryUsedPercent: 12, secondaryUsedPercent: 34, ...options.rateLimits },
    account: createAccount(options.account),
    prompts: new Map([
      ...Object.entries(promptFiles),
      ["models-manager/models.json", JSON.stringify({ models: catalog }, null, 2)],
    ]),
    script: options.script,
    promptCache: new PromptCache(),
    log: new RequestLog(),
    stats,
    emit: events.emit,
  };
  const issuer: Issuer = {
    grants: new GrantStore(),
    accessLifetimeSeconds,
    deviceIntervalSeconds: options.deviceIntervalSeconds ?? 5,
  };
  const listener = createListener(context, async (exchange) => {
    if (!answerControl(exchange, context, simulator)) await answerRoute(exchange, context, issuer);
  });
  const server: Server = options.tls ? createTlsServer(options.tls, listener) : createServer(listener);
  server.on("upgrade", refuseUpgrade(context));
  server.requestTimeout = 0;
  // Longer than clients keep theirs, so that none of them writes into a connection that is just being closed.
  server.keepAliveTimeout = 120_000;
  server.listen(options.port ?? 0, options.host ?? "127.0.0.1");
  await once(server, "listening");
  const { address, port, family } = server.address() as AddressInfo;
  url = `${options.tls ? "https" : "http"}://${family === "IPv6" ? `[${address}]` : address}:${port}`;
  const simulator = describe(url, port, context, issuer, events, server);
  return simulator;
}

/** A made-up account, with the default one's fields where nothing is given. */
function createAccount(options: AccountOptions = {}, base?: Account): Account {
  return {
    email: options.email ?? base?.email ?? "person@example.com",
    plan: options.plan ?? base?.plan ?? "plus",
    accountId: options.accountId ?? base?.accountId ?? "00000000-0000-4000-8000-000000000001",
    userId: options.userId ?? base?.userId ?? "user-simulator",
    fedramp: options.fedramp ?? base?.fedramp ?? false,
  };
}

function describe(
  url: string,
  port: number,
  context: Context,
  issuer: Issuer,
  events: ReturnType<typeof createEvents>,
  server: Server,
): Simulator {
  const { tokens, stats, log } = context;
  return {
    url,
    baseUrl: `${url}/backend-api/codex`,
    issuerUrl: url,
    tokenUrl: `${url}/oauth/token`,
    port,
    questions: context.questions,
    rateLimits: context.rateLimits,
    faults: context.faults,
    prompts: context.prompts,
    requests: log.list,
    stats,
    get activeResponses() {
      return stats.activeResponses;
    },
    get refreshCount() {
      return stats.refreshes;
    },
    issueCredentials({ expiresIn, ...account } = {}) {
      return tokens.issue(createAccount(account, context.account), expiresIn);
    },
    authJson(credentials = tokens.issue(context.account)) {
      const last_refresh = new Date(context.now()).toISOString();
      return { auth_mode: "chatgpt", OPENAI_API_KEY: null, tokens: credentials, last_refresh };
    },
    expireAccessTokens: () => tokens.expireAccess(),
    expireRefreshTokens: () => tokens.expireRefresh(),
    invalidateAccessToken: (token) => tokens.invalidateAccess(token),
    revoke: (token) => tokens.revoke(token),
    decideDevice(userCode, decision = "continue") {
      const grant = issuer.grants.deviceByUserCode(userCode);
      if (!grant) return false;
      grant.state = decision === "continue" ? "approved" : "denied";
      return true;
    },
    on: events.on,
    waitFor: events.waitFor,
    idle: () =>
      new Promise((resolve) => {
        const look = () => {
          if (stats.activeResponses > 0) return;
          for (const off of offs) off();
          resolve();
        };
        const offs = [events.on("answered", look), events.on("disconnect", look)];
        look();
      }),
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
