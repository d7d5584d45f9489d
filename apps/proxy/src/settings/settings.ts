import { parseMode } from "@codex/provider";
import { limitSettings } from "./limit-settings.js";
import {
  parseHost,
  parseKey,
  parseOrigin,
  parsePair,
  parsePort,
  parseReasoning,
  parseText,
  parseUrl,
} from "./parse-value.js";
import type { Setting } from "./setting.js";
import { watchingSettings } from "./watching-settings.js";

/**
 * Every setting, by its key in config.toml: flags, variables, the file's schema, the help and the README's table are
 * made from this.
 */
export const settings = {
  port: {
    type: "number",
    flag: "port",
    short: "p",
    env: "CODEX_PROXY_PORT",
    value: "NUMBER",
    default: 11455,
    help: "port; 0 takes a free one",
    proxyOnly: true,
    parse: parsePort,
  },
  host: {
    type: "text",
    flag: "host",
    env: "CODEX_PROXY_HOST",
    value: "ADDRESS",
    default: "127.0.0.1",
    help: "address; beyond this machine a key is needed",
    proxyOnly: true,
    parse: parseHost,
  },
  api_keys: {
    type: "list",
    flag: "api-key",
    env: "CODEX_PROXY_API_KEYS",
    value: "KEY",
    default: [],
    shownDefault: "none: any key is taken",
    help: "key that callers must send, or sha256:HEX of one",
    live: true,
    secret: true,
    proxyOnly: true,
    parse: parseKey,
  },
  allowed_hosts: {
    type: "list",
    flag: "allowed-host",
    env: "CODEX_PROXY_ALLOWED_HOSTS",
    value: "NAME",
    default: [],
    shownDefault: "names of this machine only",
    help: "another host name that callers may use, * for all",
    live: true,
    proxyOnly: true,
    parse: parseText,
  },
  allowed_origins: {
    type: "list",
    flag: "allowed-origin",
    env: "CODEX_PROXY_ALLOWED_ORIGINS",
    value: "URL",
    default: [],
    shownDefault: "no web page",
    help: "web origin whose pages may call, * for all",
    live: true,
    proxyOnly: true,
    parse: parseOrigin,
  },
  auth_file: {
    type: "path",
    flag: "auth-file",
    env: "CODEX_AUTH_FILE",
    value: "FILE",
    shownDefault: "the Codex CLI's own: `auth.json` in `CODEX_HOME`, or its keyring item",
    help: "login file",
  },
  profile: {
    type: "text",
    flag: "profile",
    env: "CODEX_PROFILE",
    value: "NAME",
    help: "one of several logins of yours, each kept apart",
    parse: parseText,
  },
  base_url: {
    type: "text",
    flag: "base-url",
    env: "CODEX_BASE_URL",
    value: "URL",
    shownDefault: "ChatGPT's Codex backend",
    help: "backend",
    parse: parseUrl,
  },
  issuer: {
    type: "text",
    env: "CODEX_ISSUER",
    shownDefault: "`https://auth.openai.com`",
    help: "where one signs in and tokens are renewed",
    parse: parseUrl,
  },
  refresh_token_url: {
    type: "text",
    env: "CODEX_REFRESH_TOKEN_URL_OVERRIDE",
    shownDefault: "the issuer's",
    help: "where tokens are renewed, if not at the issuer",
    parse: parseUrl,
  },
  cache_dir: {
    type: "path",
    flag: "cache-dir",
    env: "CODEX_CACHE_DIR",
    value: "FOLDER",
    shownDefault: "the system's cache folder, e.g. `~/.cache/codex-oauth`",
    help: "where fetched instructions are kept",
  },
  state_dir: {
    type: "path",
    flag: "state-dir",
    env: "CODEX_STATE_DIR",
    value: "FOLDER",
    shownDefault: "the system's state folder, e.g. `~/.local/state/codex-oauth`",
    help: "where keys, the running proxy and its log are kept",
  },
  mode: {
    type: "text",
    flag: "mode",
    env: "CODEX_MODE",
    value: "auto|on|off",
    shownDefault: "`auto`: the caller's own",
    help: "which instructions go along",
    takesWords: true,
    parse: parseMode,
  },
  aliases: {
    type: "map",
    flag: "alias",
    env: "CODEX_MODEL_ALIASES",
    value: "NAME=MODEL",
    default: {},
    help: "a name of your own for a model; may be repeated",
    live: true,
    parse: parsePair,
  },
  effort_variants: {
    type: "switch",
    flag: "effort-variants",
    env: "CODEX_PROXY_EFFORT_VARIANTS",
    default: false,
    help: "list gpt-6-sol-high and the like as models too",
    live: true,
    proxyOnly: true,
  },
  reasoning: {
    type: "text",
    flag: "reasoning",
    env: "CODEX_PROXY_REASONING",
    value: "field|think|none",
    shownDefault: "`field`: in `reasoning_content`",
    help: "where chat answers have the model's reasoning",
    proxyOnly: true,
    parse: parseReasoning,
  },
  strict: {
    type: "switch",
    flag: "strict",
    env: "CODEX_STRICT",
    default: false,
    help: "refuse what the backend cannot do, rather than leave it out",
  },
  ...watchingSettings,
  ...limitSettings,
} as const satisfies Readonly<Record<string, Setting>>;

export type SettingKey = keyof typeof settings;

/** All keys, in the order in which they are shown. */
export const settingKeys = Object.keys(settings) as SettingKey[];

type ValueOf<S> = S extends { type: "list" }
  ? readonly string[]
  : S extends { type: "map" }
    ? Readonly<Record<string, string>>
    : S extends { type: "switch" }
      ? boolean
      : S extends { type: "path" }
        ? string | undefined
        : S extends { parse: (...given: never[]) => infer T }
          ? S extends { default: unknown }
            ? T
            : T | undefined
          : never;

/** The value of every setting, by its key, of its own type. */
export type SettingValues = { -readonly [K in SettingKey]: ValueOf<(typeof settings)[K]> };

/** Where a value is from. */
export type SettingSource = "flag" | "environment" | "file" | "default";

/** A setting as it is in effect. */
export interface EffectiveSetting {
  key: SettingKey;
  value: unknown;
  source: SettingSource;
  /** The flag, the variable, or the line of config.toml that says so. */
  from?: string;
  live: boolean;
  secret: boolean;
  /** The variable that may say so. */
  env: string | undefined;
}
