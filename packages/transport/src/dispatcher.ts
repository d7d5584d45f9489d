import { createRequire } from "node:module";
import type { Dispatcher } from "undici";
// The agent alone, not the package's front door: that one loads everything, mocks and WebSockets included, and takes
// three times as long (200 ms against 70 where this was measured), all of it before the first answer. The version is pinned.
import Agent from "undici/lib/dispatcher/agent.js";

export interface EnvironmentProxy {
  httpsProxy?: string | undefined;
  httpProxy?: string | undefined;
  noProxy?: string | undefined;
}

/** The one pool of connections: direct, or through the proxies that the environment names. */
export function createDispatcher(connectTimeoutMs: number, proxy: EnvironmentProxy | undefined): Dispatcher {
  const options = { connect: { timeout: connectTimeoutMs }, pipelining: 1 };
  if (!proxy?.httpsProxy && !proxy?.httpProxy) return new Agent(options);
  // Proxies need what the front door puts together. Few people have one, so it is loaded for them alone.
  const { EnvHttpProxyAgent } = createRequire(import.meta.url)("undici") as typeof import("undici");
  // Empty strings, not undefined: undici would read the environment itself for what is missing.
  return new EnvHttpProxyAgent({
    ...options,
    httpsProxy: proxy.httpsProxy ?? "",
    httpProxy: proxy.httpProxy ?? "",
    noProxy: proxy.noProxy ?? "",
  });
}
