import { join } from "node:path";
import { homeFolder } from "@codex/auth";
import type { LoadedSettings } from "@codex/proxy";
import type { Environment } from "../config.js";
import { logFile } from "../daemon/pid-file.js";
import type { Terminal } from "../terminal.js";
import { usageExitCode } from "../usage.js";

export interface ServiceFlags {
  systemd?: boolean;
  launchd?: boolean;
}

/** What a service has to know of the machine. */
interface Service {
  /** The program and its arguments, with absolute paths. */
  command: readonly string[];
  environment: Readonly<Record<string, string>>;
  log: string;
}

const label = "codex-oauth.proxy";

/**
 * Prints a unit for systemd, or a property list for launchd, that keeps the proxy running for this person; how to put it
 * in place goes to stderr. Variables that are set now and matter are written into it, secrets never.
 * @param argv flags for `serve`
 */
export async function printService(
  settings: Pick<LoadedSettings, "settings" | "folders">,
  terminal: Terminal,
  { env, argv, ...flags }: ServiceFlags & { env: Environment; argv: readonly string[] },
): Promise<number> {
  // Who writes a unit has others read it, and the command line of what it starts.
  if (argv.some((word) => /^--api-key(?:=|$)/.test(word))) {
    terminal.note(
      "A key does not belong into a service's file, which others can read. Make one with `codex-oauth keys create`: the service finds its hash in the state folder.\n",
    );
    return usageExitCode;
  }
  const [entry = ""] = process.argv.slice(1);
  const service: Service = {
    command: [process.execPath, ...process.execArgv, entry, "serve", ...argv],
    environment: relevant(settings, env),
    log: logFile(settings.folders.state),
  };
  const isLaunchd = flags.launchd ?? (flags.systemd ? false : process.platform === "darwin");
  await terminal.print(isLaunchd ? propertyList(service) : unit(service));
  terminal.note(isLaunchd ? launchdHelp(homeFolder()) : systemdHelp);
  if (/[\\/]_npx[\\/]/.test(entry)) {
    terminal.note(
      "\nThis was started by npx, whose copy may be cleaned away: `npm i -g @codex/cli` first, then print it anew.\n",
    );
  }
  return 0;
}

function relevant({ settings }: Pick<LoadedSettings, "settings">, env: Environment): Record<string, string> {
  const named = settings.flatMap(({ source, from, secret }) =>
    source === "environment" && from && !secret ? [from] : [],
  );
  const more = [
    "CODEX_HOME",
    "CODEX_OAUTH_CONFIG",
    "XDG_CONFIG_HOME",
    "XDG_STATE_HOME",
    "XDG_DATA_HOME",
    "XDG_CACHE_HOME",
    "NO_PROXY",
  ];
  const pairs = [...named, ...more].flatMap((name): [string, string][] => (env[name] ? [[name, env[name]]] : []));
  // A URL may hold a password.
  return Object.fromEntries(pairs.filter(([, value]) => !/:\/\/[^/\s]*@/.test(value)));
}

function unit({ command, environment }: Service): string {
  const variables = Object.entries(environment).map(
    ([name, value]) => `Environment=${quoteUnit(`${name}=${value}`)}\n`,
  );
  return `[Unit]
Description=codex-oauth: an OpenAI-compatible proxy for a ChatGPT plan
After=network-online.target

[Service]
ExecStart=${command.map((word) => quoteUnit(word).replaceAll("$", "$$$$")).join(" ")}
${variables.join("")}Restart=on-failure
RestartSec=5
# Wrong settings do not get right by trying again.
RestartPreventExitStatus=2
TimeoutStopSec=40
NoNewPrivileges=true

[Install]
WantedBy=default.target
`;
}

const systemdHelp = `
Save it as ~/.config/systemd/user/codex-oauth.service, then:

  systemctl --user daemon-reload
  systemctl --user enable --now codex-oauth
  journalctl --user -u codex-oauth -f
  loginctl enable-linger          # to run without you being logged in
`;

/** In double quotes, with what systemd takes for a specifier or an escape doubled. */
function quoteUnit(word: string): string {
  return `"${word.replace(/[\\"]/g, "\\$&").replaceAll("%", "%%")}"`;
}

function propertyList({ command, environment, log }: Service): string {
  const variables = Object.entries(environment).map(
    ([name, value]) => `    <key>${escapeXml(name)}</key>\n    <string>${escapeXml(value)}</string>\n`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${label}</string>
  <key>ProgramArguments</key>
  <array>
${command.map((word) => `    <string>${escapeXml(word)}</string>\n`).join("")}  </array>
  <key>EnvironmentVariables</key>
  <dict>
${variables.join("")}  </dict>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>ThrottleInterval</key>
  <integer>10</integer>
  <key>ExitTimeOut</key>
  <integer>40</integer>
  <key>StandardOutPath</key>
  <string>${escapeXml(log)}</string>
  <key>StandardErrorPath</key>
  <string>${escapeXml(log)}</string>
</dict>
</plist>
`;
}

function launchdHelp(home: string): string {
  const file = join(home, "Library", "LaunchAgents", `${label}.plist`);
  return `
Save it as ${file}, then:

  launchctl bootstrap gui/$(id -u) ${file}
  launchctl print gui/$(id -u)/${label}
  launchctl bootout gui/$(id -u)/${label}     # to end it
`;
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
