import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Folders, homeFolder, type Login, resolveLogin } from "@codex/auth";
import { CodexError } from "@codex/errors";
import { type CodexClientOptions, clientOptionsFrom } from "@codex/provider";
import { createKeyStore, type KeyStore } from "./keys/key-store.js";
import type { LogLevel } from "./observe/log.js";
import { readTraceSettings, type TraceSettings } from "./observe/trace-settings.js";
import { type QuotaPolicy, readPolicy } from "./quota/policy.js";
import { findConfigFile, readConfigFile } from "./settings/config-file.js";
import { ConfigFileError } from "./settings/config-problem.js";
import { helpText, type OwnFlag } from "./settings/describe-settings.js";
import { limitsOf, timeLimitsOf } from "./settings/limit-settings.js";
import type { ProxyLimits } from "./settings/limits.js";
import { keysFileIn } from "./settings/load-state.js";
import type { ConfigText } from "./settings/read-file.js";
import { parseFlags, resolveSettings, type Sources } from "./settings/resolve-settings.js";
import type { Setting } from "./settings/setting.js";
import { type EffectiveSetting, settings } from "./settings/settings.js";

/** Everything that the proxy can be told, with defaults filled in. */
export interface ProxyConfig {
  /** Name or address to listen on; default `127.0.0.1`. Beyond loopback `apiKeys` must not be empty. */
  host: string;
  /** Default 11455; 0 takes a free one. */
  port: number;
  /** Keys that callers must show, or `sha256:HEX` of them; none: whoever reaches the port may use it, whatever key it sends. */
  apiKeys: readonly string[];
  /** Host names beside loopback that a request may be addressed to. */
  allowedHosts: readonly string[];
  /** Web origins whose pages may call the proxy; `*` for all. */
  allowedOrigins: readonly string[];
  /** Whether `GET /v1/models` lists each effort of a model as a model of its own. Default false. */
  effortVariants?: boolean;
  /** From which level on something is logged; `info` has a line for every request. Default `info`. */
  logLevel?: LogLevel;
  /** Default `auto`: pretty on a terminal, JSON elsewhere. */
  logFormat?: "auto" | "pretty" | "json";
  /** Whether everything is logged, bodies too, secrets blotted out. */
  verbose: boolean;
  /** Where more keys are kept, as hashes; read again when it changes. Default: nowhere. */
  keysFile?: string;
  /** How much callers may take of the proxy. Default: `defaultLimits`, one by one. */
  limits?: Partial<ProxyLimits>;
  /** What may be used of the plan. Default: all of it, by everybody. */
  quota?: QuotaPolicy;
  /** Where it is kept what each key has used. Default: in memory. */
  usageFile?: string;
  /** Where traces go. Default: nowhere. */
  traces?: TraceSettings;
  /** Handed to `createCodexClient` as it is. */
  client: CodexClientOptions;
  /** Where this was read from; a running proxy takes over what changes there. Default: nothing is watched. */
  origin?: ConfigOrigin;
}

/** A config.toml, there or not, and how to read everything anew, by the flags and variables of the start. */
export interface ConfigOrigin {
  file: string;
  /** What the file said; undefined where there was none. */
  text: string | undefined;
  settings: readonly EffectiveSetting[];
  /** Rejects like `loadConfig`. */
  reload(): Promise<LoadedSettings>;
}

/** What there is to work with, with or without a proxy. */
export interface LoadedSettings {
  config: ProxyConfig;
  login: Login;
  /** Callers' keys that are kept as hashes. */
  keys: KeyStore;
  /** Every setting with its source. */
  settings: readonly EffectiveSetting[];
  /** The config.toml that was read, or would be. */
  file: { path: string; exists: boolean };
  /** Ours on this system, as the settings have it. */
  folders: Folders;
}

/** What a command line asks for: to serve, with which login, or only to print a text. */
export type LoadedConfig = ({ kind: "serve" } & LoadedSettings) | { kind: "print"; text: string };

export interface LoadOptions {
  /** How the command is called, for the help text. Default `codex-oauth-proxy`. */
  program?: string;
  /** What that command has beside the settings, for the help text. Default: nothing. */
  ownFlags?: readonly OwnFlag[];
  /** Of the terminal that the help text is for. Default: as wide as its table. */
  columns?: number | undefined;
  /** Whether settings that only a proxy has are not looked at, be they wrong or right. Default false. */
  clientOnly?: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads flags, then the environment, then config.toml, then defaults. Throws `request_invalid` with one line that says
 * what is right; a `ConfigFileError` when it is in config.toml.
 */
export async function loadConfig(
  env: Environment = process.env,
  argv: readonly string[] = process.argv.slice(2),
  { program = "codex-oauth-proxy", clientOnly = false, ownFlags, columns }: LoadOptions = {},
): Promise<LoadedConfig> {
  const flags = parseFlags(argv, program);
  if (flags.help) return { kind: "print", text: helpText(program, ownFlags, columns) };
  if (flags.version) return { kind: "print", text: packageVersion() };
  hideSecrets(flags, program);
  const found = findConfigFile(flags, env);
  const { path: file, folders } = found;
  const load = async () => {
    const text = await readConfigFile(found);
    const read = text === undefined ? undefined : await checkText(text, file, clientOnly);
    const sources: Sources = { flags, env, file: read && { path: file, text: read }, clientOnly };
    const loaded = compose(env, sources, { file: { path: file, exists: text !== undefined }, folders });
    return { ...loaded, text };
  };
  const { text, ...loaded } = await load();
  const origin: ConfigOrigin = { file, text, settings: loaded.settings, reload: load };
  return { kind: "serve", ...loaded, config: { ...loaded.config, origin } };
}

/** Takes a command line with a secret in it out of the list of processes, which everybody on the machine can read. */
function hideSecrets(flags: Readonly<Record<string, unknown>>, program: string): void {
  const hasSecret = Object.values(settings).some(({ secret, flag }: Setting) => secret && flag && flag in flags);
  if (hasSecret) process.title = program;
}

/** What the text says. Throws `ConfigFileError` for what matters in it and is wrong. */
async function checkText(toml: string, file: string, clientOnly: boolean): Promise<ConfigText> {
  // Only who has a file pays for what reads it.
  const { readConfigText } = await import("./settings/read-file.js");
  const read = readConfigText(toml, file, homeFolder());
  const matters = (key: string | undefined) => {
    const setting = settings[(key?.split(".")[0] ?? "") as keyof typeof settings] as Setting | undefined;
    return key === undefined || !clientOnly || (setting !== undefined && !setting.proxyOnly);
  };
  const problems = read.problems.filter(({ key }) => matters(key));
  if (problems.length > 0) throw new ConfigFileError(file, problems);
  return read;
}

function compose(env: Environment, sources: Sources, where: Pick<LoadedSettings, "file" | "folders">): LoadedSettings {
  const { values, effective } = resolveSettings(sources);
  const { issuer, refresh_token_url: refreshTokenUrl, mode } = values;
  const login = resolveLogin(withFileLogin(env, sources), {
    authFile: sources.flags["auth-file"] as string | undefined,
    profile: sources.flags.profile as string | undefined,
    issuer,
    refreshTokenUrl,
    version: packageVersion(),
    onWarning: (message) => console.error(message),
  });
  const folders = {
    ...where.folders,
    cache: values.cache_dir ?? where.folders.cache,
    state: values.state_dir ?? where.folders.state,
  };
  const keys = createKeyStore(keysFileIn(folders.state));
  const client = clientOptionsFrom(env, {
    login,
    baseUrl: values.base_url,
    issuer,
    refreshTokenUrl,
    cacheDir: folders.cache,
    mode,
    aliases: values.aliases,
    strict: values.strict,
    reasoning: values.reasoning,
    timeLimits: timeLimitsOf(values),
  });
  const config: ProxyConfig = {
    host: values.host,
    port: values.port,
    apiKeys: values.api_keys,
    keysFile: keys.file,
    allowedHosts: values.allowed_hosts,
    allowedOrigins: values.allowed_origins,
    effortVariants: values.effort_variants,
    quota: readPolicy(values.reserve, values.key_shares),
    usageFile: join(folders.state, "usage.json"),
    logLevel: values.log_level,
    logFormat: values.log_format,
    verbose: values.verbose,
    limits: limitsOf(values),
    client,
  };
  const traces = readTraceSettings(env);
  if (traces !== undefined) config.traces = traces;
  return { config, login, keys, settings: effective, file: where.file, folders };
}

/** A login that config.toml names counts like one that the environment names, where that names none. */
function withFileLogin(env: Environment, { file }: Sources): Environment {
  const named = (key: "profile" | "auth_file") => file?.text.values.get(key)?.value as string | undefined;
  const [profile, authFile] = [named("profile"), named("auth_file")];
  if (profile !== undefined && authFile !== undefined) {
    throw new CodexError(
      "request_invalid",
      `${file?.path}: profile and auth_file both name a login. Leave one of them out.`,
    );
  }
  if (env.CODEX_PROFILE || env.CODEX_AUTH_FILE) return env;
  return { ...env, CODEX_PROFILE: profile, CODEX_AUTH_FILE: authFile };
}

/** The version of this package, from its package.json. */
export function packageVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string };
  return manifest.version;
}
