import { findFolders, type Login, resolveLogin } from "@codex/auth";
import { CodexError } from "@codex/errors";
import { parseCodexMode } from "@codex/prompts";
import type { CodexClientOptions } from "./create-client.js";
import { readEnvironmentProxy } from "./environment-proxy.js";
import { version } from "./version.js";

type Environment = Readonly<Record<string, string | undefined>>;

/** What is said elsewhere than in the environment: it wins, and the variable in its place is not looked at. */
export interface GivenClientOptions extends CodexClientOptions {
  /** One of several logins of the same person. Default: CODEX_PROFILE. */
  profile?: string | undefined;
  /** A login that has been found already. Default: by `resolveLogin`, where there is no `session`. */
  login?: Pick<Login, "authFile" | "codexHome" | "isPlainFile" | "session"> | undefined;
}

/**
 * What a client is made from, by the environment: CODEX_ACCESS_TOKEN, CODEX_PROFILE, CODEX_AUTH_FILE, CODEX_AUTH_KEY or
 * CODEX_HOME for the login, CODEX_BASE_URL, CODEX_ISSUER, CODEX_REFRESH_TOKEN_URL_OVERRIDE, CODEX_CACHE_DIR, CODEX_MODE,
 * CODEX_MODEL_ALIASES, CODEX_STRICT, HTTPS_PROXY, HTTP_PROXY and NO_PROXY. Looks at nothing but `env`: no file is read before
 * the client's first request. Throws `request_invalid` for a variable that is wrong, by its name, and for two that contradict
 * each other.
 * @param env usually `process.env`
 */
export function clientOptionsFrom(env: Environment, given: GivenClientOptions = {}): CodexClientOptions {
  const { profile, login: found, ...rest } = given;
  const read = <T>(name: string, parse: (text: string, name: string) => T): T | undefined => {
    const text = env[name];
    return text === undefined || text.trim() === "" ? undefined : parse(text, name);
  };
  const asIs = (text: string) => text;
  const issuer = given.issuer ?? read("CODEX_ISSUER", asIs);
  const refreshTokenUrl = given.refreshTokenUrl ?? read("CODEX_REFRESH_TOKEN_URL_OVERRIDE", asIs);
  const environmentProxy = given.environmentProxy ?? readEnvironmentProxy(env);
  const options: CodexClientOptions = {
    ...rest,
    baseUrl: given.baseUrl ?? read("CODEX_BASE_URL", asIs),
    issuer,
    refreshTokenUrl,
    cacheDir: given.cacheDir ?? read("CODEX_CACHE_DIR", asIs) ?? findFolders(env).cache,
    mode: given.mode ?? read("CODEX_MODE", parseMode),
    aliases: given.aliases ?? read("CODEX_MODEL_ALIASES", parseAliases),
    strict: given.strict ?? read("CODEX_STRICT", parseSwitch),
    environmentProxy,
  };
  if (given.session !== undefined) return options;
  const { authFile, fetch, onWarning } = given;
  const login = found ?? resolveLogin(env, { authFile, profile, issuer, refreshTokenUrl, version, fetch, onWarning });
  const files = { ...options, authFile: login.authFile, codexHome: login.codexHome };
  // A session of the client's own renews over the client's connections, through the proxy; but it only knows files.
  const isProxied = (environmentProxy.httpsProxy ?? environmentProxy.httpProxy) !== undefined;
  return isProxied && login.isPlainFile ? files : { ...files, session: login.session };
}

/** CODEX_MODE, wherever it is written. Throws `request_invalid` by the name that is given. */
export function parseMode(text: string, name: string): "auto" | "on" | "off" {
  const mode = parseCodexMode(text);
  if (mode !== undefined) return mode;
  throw wrong(`${name} is auto, on or off, not ${quote(text)}.`);
}

const switches: ReadonlyMap<string, boolean> = new Map([
  ...["1", "true", "on", "yes"].map((word) => [word, true] as const),
  ...["", "0", "false", "off", "no"].map((word) => [word, false] as const),
]);

/** A switch, in any case. Throws `request_invalid` by the name that is given. */
export function parseSwitch(text: string, name: string): boolean {
  const value = switches.get(text.trim().toLowerCase());
  if (value !== undefined) return value;
  throw wrong(`${name} is true or false (1, on, yes, 0, off and no are taken too), not ${quote(text)}.`);
}

/** `fast=gpt-6-luna-low,deep=gpt-6-sol-high` */
function parseAliases(text: string, name: string): Record<string, string> {
  const pairs = text.split(",").filter((entry) => entry.trim() !== "");
  return Object.fromEntries(
    pairs.map((entry) => {
      const [alias = "", model = "", ...more] = entry.split("=").map((part) => part.trim());
      if (alias !== "" && model !== "" && more.length === 0) return [alias, model];
      throw wrong(`${name} holds pairs such as fast=gpt-6-luna-low, not ${quote(entry)}.`);
    }),
  );
}

function wrong(message: string): CodexError {
  return new CodexError("request_invalid", message);
}

function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}...` : text);
}
