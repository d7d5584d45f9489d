import { createSession } from "@codex/auth";
import { type CodexClientOptions, clientOptionsFrom } from "@codex/provider";
import { lowerCase } from "./headers.js";
import type { CodexSettings } from "./settings.js";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What a client is made from: the settings, then the environment, which is looked at now and nowhere else. Throws
 * `request_invalid` for what contradicts itself.
 */
export function clientOptions(settings: CodexSettings, env: Environment = process.env): CodexClientOptions {
  const { session, store, authFile, profile, fetch, onRateLimits, onWarning } = settings;
  const given = {
    baseUrl: settings.baseURL,
    mode: settings.mode,
    aliases: settings.aliases,
    identity: { headers: lowerCase(settings.headers) },
    ...{ authFile, profile, session, fetch, onRateLimits, onWarning },
    // The SDK sends whole conversations: nothing has to be kept between calls.
    responseStore: null,
  };
  if (store === undefined || session !== undefined) return clientOptionsFrom(env, given);
  const issuer = env.CODEX_ISSUER || undefined;
  const refreshTokenUrl = env.CODEX_REFRESH_TOKEN_URL_OVERRIDE || undefined;
  return clientOptionsFrom(env, { ...given, session: createSession({ store, issuer, refreshTokenUrl, fetch }) });
}
