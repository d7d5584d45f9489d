import { createSession, findFolders, resolveLogin } from "@codex/auth";
import { CodexError } from "@codex/errors";
import type { CodexClientOptions } from "@codex/provider";
import { lowerCase } from "./headers.js";
import type { CodexSettings } from "./settings.js";
import { version } from "./version.js";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What a client is made from: the settings, then the environment, which is looked at now and nowhere else. Throws
 * `request_invalid` for what contradicts itself.
 */
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
    cacheDir: filled(env.CODEX_CACHE_DIR) ?? findFolders(env).cache,
    mode: settings.mode ?? readMode(filled(env.CODEX_MODE)),
    aliases: settings.aliases ?? readAliases(filled(env.CODEX_MODEL_ALIASES)),
    identity: { headers: lowerCase(settings.headers) },
    fetch: settings.fetch,
    environmentProxy,
    onRateLimits: settings.onRateLimits,
    onWarning: settings.onWarning,
    // The SDK sends whole conversations: nothing has to be kept between calls.
    responseStore: null,
  };
  const { session, store, authFile, profile, fetch, onWarning } = settings;
  if (session !== undefined) return { ...options, session };
  if (store !== undefined) return { ...options, session: createSession({ store, issuer, refreshTokenUrl, fetch }) };
  const login = resolveLogin(env, { authFile, profile, issuer, refreshTokenUrl, version, fetch, onWarning });
  // A session of the client's own renews over the client's connections, through the proxy; but it only knows files.
  const isProxied = (environmentProxy.httpsProxy ?? environmentProxy.httpProxy) !== undefined;
  if (isProxied && login.isPlainFile) return { ...options, authFile: login.authFile, codexHome: login.codexHome };
  return { ...options, session: login.session };
}

const modes = { auto: "auto", on: "on", true: "on", "1": "on", off: "off", false: "off", "0": "off" } as const;

function readMode(text: string | undefined): CodexSettings["mode"] {
  if (text === undefined) return undefined;
  const mode = modes[text.trim().toLowerCase() as keyof typeof modes];
  if (mode !== undefined) return mode;
  throw new CodexError("request_invalid", `CODEX_MODE is auto, on or off, not "${text}".`);
}

/** `fast=gpt-6-luna-low,deep=gpt-6-sol-high` */
function readAliases(text: string | undefined): Record<string, string> | undefined {
  if (text === undefined) return undefined;
  const pairs = text.split(",").filter((entry) => entry.trim() !== "");
  return Object.fromEntries(
    pairs.map((entry) => {
      const [name = "", model = "", ...more] = entry.split("=").map((part) => part.trim());
      if (name !== "" && model !== "" && more.length === 0) return [name, model];
      throw new CodexError(
        "request_invalid",
        `CODEX_MODEL_ALIASES holds pairs such as fast=gpt-6-luna-low, not "${entry}".`,
      );
    }),
  );
}

function filled(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === "" ? undefined : text;
}
