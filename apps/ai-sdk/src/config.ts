import { homedir } from "node:os";
import { createCodexStore, createEnvironmentSession, createSession, defaultAuthFile } from "@codex/auth";
import type { CodexClientOptions } from "@codex/provider";
import type { CodexSettings } from "./settings.js";

type Environment = Readonly<Record<string, string | undefined>>;

/** What a client is made from: the settings, then the environment, which is looked at now and nowhere else. */
export function clientOptions(settings: CodexSettings, env: Environment = process.env): CodexClientOptions {
  const environmentProxy = {
    httpsProxy: env.https_proxy || env.HTTPS_PROXY || undefined,
    httpProxy: env.http_proxy || env.HTTP_PROXY || undefined,
    noProxy: env.no_proxy || env.NO_PROXY || undefined,
  };
  const issuer = filled(env.CODEX_ISSUER);
  const refreshTokenUrl = filled(env.CODEX_REFRESH_TOKEN_URL_OVERRIDE);
  const options: CodexClientOptions = {
    baseUrl: settings.baseURL ?? filled(env.CODEX_BASE_URL),
    issuer,
    refreshTokenUrl,
    mode: settings.mode,
    environmentProxy,
    onRateLimits: settings.onRateLimits,
    onWarning: settings.onWarning,
    // The SDK sends whole conversations: nothing has to be kept between calls.
    responseStore: null,
  };
  if (settings.session !== undefined) return { ...options, session: settings.session };
  if (settings.store !== undefined) {
    return { ...options, session: createSession({ store: settings.store, issuer, refreshTokenUrl }) };
  }
  if (settings.authFile !== undefined) return { ...options, authFile: settings.authFile };
  const accessToken = filled(env.CODEX_ACCESS_TOKEN);
  if (accessToken !== undefined) return { ...options, session: createEnvironmentSession({ accessToken }) };
  const named = filled(env.CODEX_AUTH_FILE);
  if (named !== undefined) return { ...options, authFile: named };
  const store = createCodexStore({ path: defaultAuthFile(env, homedir()), codexHome: filled(env.CODEX_HOME) });
  return { ...options, session: createSession({ store, issuer, refreshTokenUrl }) };
}

function filled(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === "" ? undefined : text;
}
