import { readFileSync } from "node:fs";
import { homedir, platform } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { CodexError } from "@codex/errors";
import type { CodexClientOptions } from "@codex/provider";
import { isLoopback } from "./guard.js";
import { type Login, resolveLogin } from "./login.js";

/** Everything that the proxy can be told, with defaults filled in. */
export interface ProxyConfig {
  /** Name or address to listen on; default `127.0.0.1`. Beyond loopback `apiKeys` must not be empty. */
  host: string;
  /** Default 11455; 0 takes a free one. */
  port: number;
  /** Keys that callers must show; none: whoever reaches the port may use it, whatever key it sends. */
  apiKeys: readonly string[];
  /** Host names beside loopback that a request may be addressed to. */
  allowedHosts: readonly string[];
  /** Web origins whose pages may call the proxy; `*` for all. */
  allowedOrigins: readonly string[];
  /** Whether `GET /v1/models` lists each effort of a model as a model of its own. Default false. */
  effortVariants?: boolean;
  /** Whether every request gets a line on stderr, not only those that fail. */
  verbose: boolean;
  /** Handed to `createCodexClient` as it is. */
  client: CodexClientOptions;
}

/** What a command line asks for: to serve, with which login, or only to print a text. */
export type LoadedConfig = { kind: "serve"; config: ProxyConfig; login: Login } | { kind: "print"; text: string };

type Environment = Readonly<Record<string, string | undefined>>;

/** The port that clients find the proxy on unless told otherwise. */
const defaultPort = 11455;

const flags = {
  host: { type: "string" },
  port: { type: "string", short: "p" },
  "api-key": { type: "string", multiple: true },
  "allowed-host": { type: "string", multiple: true },
  "allowed-origin": { type: "string", multiple: true },
  "base-url": { type: "string" },
  "auth-file": { type: "string" },
  profile: { type: "string" },
  "cache-dir": { type: "string" },
  mode: { type: "string" },
  strict: { type: "boolean" },
  alias: { type: "string", multiple: true },
  "effort-variants": { type: "boolean" },
  verbose: { type: "boolean" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "V" },
} as const;

/**
 * Reads flags, then the environment, then defaults. Throws `request_invalid` with one line that says what is right.
 * @param program how the command is called, for the help text
 */
export function loadConfig(
  env: Environment = process.env,
  argv: readonly string[] = process.argv.slice(2),
  program = "codex-oauth-proxy",
): LoadedConfig {
  const given = parseFlags(argv, program);
  if (given.help) return { kind: "print", text: helpText(program) };
  if (given.version) return { kind: "print", text: packageVersion() };
  const pick = (flag: string | undefined, name: string) => flag ?? (env[name] === "" ? undefined : env[name]);
  const list = (flag: string[] | undefined, name: string) => splitList(flag ?? [env[name] ?? ""]);

  const issuer = parseUrl(env.CODEX_ISSUER, "CODEX_ISSUER");
  const refreshTokenUrl = parseUrl(env.CODEX_REFRESH_TOKEN_URL_OVERRIDE, "CODEX_REFRESH_TOKEN_URL_OVERRIDE");
  const { "auth-file": authFile, profile } = given;
  const login = resolveLogin(env, { authFile, profile, issuer, refreshTokenUrl, version: packageVersion() });
  const environmentProxy = {
    httpsProxy: env.https_proxy || env.HTTPS_PROXY || undefined,
    httpProxy: env.http_proxy || env.HTTP_PROXY || undefined,
    noProxy: env.no_proxy || env.NO_PROXY || undefined,
  };
  const client: CodexClientOptions = {
    baseUrl: parseUrl(pick(given["base-url"], "CODEX_BASE_URL"), "--base-url (CODEX_BASE_URL)"),
    issuer,
    refreshTokenUrl,
    authFile: login.authFile,
    codexHome: login.codexHome,
    cacheDir: pick(given["cache-dir"], "CODEX_CACHE_DIR") ?? defaultCacheDir(env, homedir(), platform()),
    mode: parseMode(pick(given.mode, "CODEX_MODE")),
    aliases: parseAliases(list(given.alias, "CODEX_MODEL_ALIASES")),
    strict: given.strict === true,
    environmentProxy,
  };
  // A session of the client's own renews over the client's connections, through the proxy; but it only knows files.
  const isProxied = (environmentProxy.httpsProxy ?? environmentProxy.httpProxy) !== undefined;
  if (!(isProxied && login.isPlainFile)) client.session = login.session;

  return {
    kind: "serve",
    login,
    config: {
      host: parseHost(pick(given.host, "CODEX_PROXY_HOST")),
      port: parsePort(pick(given.port, "CODEX_PROXY_PORT")),
      apiKeys: list(given["api-key"], "CODEX_PROXY_API_KEYS"),
      allowedHosts: list(given["allowed-host"], "CODEX_PROXY_ALLOWED_HOSTS"),
      allowedOrigins: list(given["allowed-origin"], "CODEX_PROXY_ALLOWED_ORIGINS").map(parseOrigin),
      effortVariants: given["effort-variants"] === true || isOn(env.CODEX_PROXY_EFFORT_VARIANTS),
      verbose: given.verbose === true || isOn(env.CODEX_DEBUG),
      client,
    },
  };
}

/** The version of this package, from its package.json. */
export function packageVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string };
  return manifest.version;
}

function parseFlags(argv: readonly string[], program: string) {
  try {
    return parseArgs({ args: [...argv], options: flags, strict: true, allowPositionals: false }).values;
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split(/[.\n]/)[0] ?? "") : "";
    throw wrong(`${reason}. \`${program} --help\` lists the flags.`);
  }
}

function parsePort(text: string | undefined): number {
  if (text === undefined) return defaultPort;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw wrong(`--port (CODEX_PROXY_PORT) is a number from 0 to 65535, not ${quote(text)}; 0 takes a free port.`);
}

function parseHost(text: string | undefined): string {
  const host = (text ?? "127.0.0.1").replace(/^\[(.*)\]$/, "$1");
  if (/^[\w.:%-]+$/.test(host)) return host;
  throw wrong(`--host (CODEX_PROXY_HOST) is a name or an address such as 127.0.0.1, not ${quote(host)}.`);
}

function parseMode(text: string | undefined): "auto" | "on" | "off" | undefined {
  if (text === undefined || text === "auto" || text === "on" || text === "off") return text;
  throw wrong(`--mode (CODEX_MODE) is auto, on or off, not ${quote(text)}.`);
}

/** An address that a token may be sent to: https, or http on this machine. */
function parseUrl(text: string | undefined, name: string): string | undefined {
  if (text === undefined || text === "") return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback(url.hostname))) {
    return text.replace(/\/+$/, "");
  }
  throw wrong(`${name} is an https address, or http on this machine (your token is sent there), not ${quote(text)}.`);
}

/** `name=model`, each with at least a letter on both sides. */
function parseAliases(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [name = "", model = "", ...more] = pair.split("=").map((part) => part.trim());
      if (name !== "" && model !== "" && more.length === 0) return [name, model];
      throw wrong(`--alias (CODEX_MODEL_ALIASES) is a pair such as fast=gpt-6-luna-low, not ${quote(pair)}.`);
    }),
  );
}

function isOn(text: string | undefined): boolean {
  return !["", "0", "false"].includes(text ?? "");
}

function parseOrigin(text: string): string {
  const origin = text.replace(/\/+$/, "").toLowerCase();
  if (origin === "*" || /^[a-z][a-z0-9+.-]*:\/\/[^/?#\s]*$/.test(origin)) return origin;
  throw wrong(
    `--allowed-origin (CODEX_PROXY_ALLOWED_ORIGINS) is an origin such as http://localhost:3000, not ${quote(text)}.`,
  );
}

/** Where a system keeps what can be fetched again. */
function defaultCacheDir(env: Environment, home: string, system: NodeJS.Platform): string {
  if (system === "darwin") return join(home, "Library", "Caches", "codex-oauth");
  if (system === "win32") return join(env.LOCALAPPDATA || join(home, "AppData", "Local"), "codex-oauth", "Cache");
  return join(env.XDG_CACHE_HOME || join(home, ".cache"), "codex-oauth");
}

function splitList(values: readonly string[]): string[] {
  return values.flatMap((value) => value.split(",")).flatMap((value) => value.trim() || []);
}

function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}...` : text);
}

function wrong(message: string): CodexError {
  return new CodexError("request_invalid", message);
}

function helpText(program: string): string {
  return `${program}: an OpenAI-compatible endpoint for your own ChatGPT plan, with the Codex CLI's login.

Usage: ${program} [flags]          each flag wins over its environment variable

  -p, --port NUMBER          port, ${defaultPort} unless given; 0 takes a free one        CODEX_PROXY_PORT
      --host ADDRESS         address to listen on, 127.0.0.1 unless given       CODEX_PROXY_HOST
      --api-key KEY          key that callers must send; may be repeated        CODEX_PROXY_API_KEYS
      --allowed-host NAME    another host name that callers may use             CODEX_PROXY_ALLOWED_HOSTS
      --allowed-origin URL   web origin whose pages may call, * for all         CODEX_PROXY_ALLOWED_ORIGINS
      --auth-file FILE       login file, the Codex CLI's own unless given       CODEX_AUTH_FILE, CODEX_HOME
      --profile NAME         one of several logins of yours, each kept apart    CODEX_PROFILE
      --base-url URL         backend, ChatGPT's unless given                    CODEX_BASE_URL
      --cache-dir FOLDER     where fetched instructions are kept                CODEX_CACHE_DIR
      --mode auto|on|off     which instructions go along, auto unless given     CODEX_MODE
      --alias NAME=MODEL     a name of your own for a model; may be repeated    CODEX_MODEL_ALIASES
      --effort-variants      list gpt-6-sol-high and the like as models too     CODEX_PROXY_EFFORT_VARIANTS
      --strict               refuse what the backend cannot do, rather than leave it out
      --verbose              a line for every request                           CODEX_DEBUG
  -h, --help                 this text
  -V, --version              the version

Lists in the environment are separated by commas. HTTPS_PROXY, HTTP_PROXY and NO_PROXY are honoured.
CODEX_ACCESS_TOKEN is a bare token for CI, in place of a login; CODEX_AUTH_KEY keeps the login in an encrypted file.`;
}
