import { parseReserve, parseShare } from "../quota/policy.js";
import { parseLogFormat, parseLogLevel } from "./parse-value.js";
import type { Setting } from "./setting.js";

/** How the plan is watched over, and what is said of it and of requests. */
export const watchingSettings = {
  reserve: {
    type: "map",
    flag: "reserve",
    env: "CODEX_PROXY_RESERVE",
    value: "WINDOW=PERCENT",
    default: {},
    help: "what is to remain of a window, e.g. weekly=10%",
    live: true,
    proxyOnly: true,
    takesNumbers: true,
    parse: parseReserve,
  },
  key_shares: {
    type: "map",
    flag: "key-share",
    env: "CODEX_PROXY_KEY_SHARES",
    value: "KEY=PERCENT",
    default: {},
    shownDefault: "all of it",
    help: "what a key may use, e.g. laptop=25%, or weekly:25%",
    live: true,
    proxyOnly: true,
    takesNumbers: true,
    parse: parseShare,
  },
  log_level: {
    type: "text",
    flag: "log-level",
    env: "CODEX_PROXY_LOG_LEVEL",
    value: "LEVEL",
    default: "info",
    help: "silent, error, warn, info (every request), debug",
    live: true,
    proxyOnly: true,
    parse: parseLogLevel,
  },
  log_format: {
    type: "text",
    flag: "log-format",
    env: "CODEX_PROXY_LOG_FORMAT",
    value: "auto|pretty|json",
    default: "auto",
    shownDefault: "`auto`: pretty on a terminal, JSON elsewhere",
    help: "how a line of the log is written",
    proxyOnly: true,
    parse: parseLogFormat,
  },
  verbose: {
    type: "switch",
    flag: "verbose",
    env: "CODEX_DEBUG",
    default: false,
    help: "the level debug: bodies too, secrets blotted out",
    live: true,
    proxyOnly: true,
  },
} as const satisfies Readonly<Record<string, Setting>>;
