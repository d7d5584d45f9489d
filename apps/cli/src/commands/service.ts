import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { homeFolder } from "@codex/auth";
import { type LoadedSettings, moveSecrets } from "@codex/proxy";
import type { Environment } from "../config.js";
import { logFile } from "../daemon/write-log.js";
import type { Terminal } from "../terminal.js";

export interface ServiceFlags {
  systemd?: boolean;
  launchd?: boolean;
}

/** What a service has to know of the machine. */
interface Service {
  /** The program and its arguments, with absolute paths. */
  command: readonly string[];
  environment: Readonly<Record<string, string>>;
  /** More variables, in a file for the owner only. */
  secretsFile: string | undefined;
  log: string;
}

const label = "codex-oauth.proxy";

/** Variables beside those of the settings that a service needs to be as this command is. */
const otherVariables = [
  ...["CODEX_HOME", "CODEX_OAUTH_CONFIG", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"],
  ...["HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "https_proxy", "http_proxy", "no_proxy"],
];

/** Variables of the login that hold a secret; a service may need them, and where to keep them is the owner's choice. */
const loginSecrets = ["CODEX_AUTH_KEY", "CODEX_ACCESS_TOKEN"];

/**
 * Prints a unit for systemd, or a property list for launchd, that keeps the proxy running for this person; how to put it
 * in place goes to stderr. Variables that are set now and matter are written into it. Secrets never are: keys, as hashes,
 * and addresses with a password are written to a file for the owner only, which the unit names.
 * @param argv flags for `serve`
 */
export async function printService(
  settings: Pick<LoadedSettings, "settings" | "folders">,
  terminal: Terminal,
  { env, argv, ...flags }: ServiceFlags & { env: Environment; argv: readonly string[] },
): Promise<number> {
  const [entry = ""] = process.argv.slice(1);
  const moved = moveSecrets(argv);
  const { open, secret } = sortVariables({ ...relevant(settings, env), ...moved.env }, new Set(secretNames(settings)));
  const hasSecrets = Object.keys(secret).length > 0;
  const secretsFile = hasSecrets ? await writeSecrets(settings.folders.state, secret) : undefined;
  const service: Service = {
    command: [process.execPath, ...process.execArgv, entry, "serve", ...moved.argv],
    environment: open,
    secretsFile,
    log: logFile(settings.folders.state),
  };
  const isLaunchd = flags.launchd ?? (flags.systemd ? false : process.platform === "darwin");
  await terminal.print(isLaunchd ? propertyList(service) : unit(service));
  terminal.note(isLaunchd ? launchdHelp(homeFolder()) : systemdHelp);
  if (secretsFile !== undefined) {
    terminal.note(`\n${Object.keys(secret).join(", ")}: in ${secretsFile}, for you only, which the service reads.\n`);
  }
  const missing = loginSecrets.filter((name) => env[name] && env[name] !== "keyring");
  if (missing.length > 0) {
    const where = secretsFile === undefined ? "a file for you only (EnvironmentFile=)" : secretsFile;
    terminal.note(
      `\n${missing.join(", ")}: set here, and written nowhere: if the service needs it, put it into ${where}.\n`,
    );
  }
  if (/[\\/]_npx[\\/]/.test(entry)) {
    terminal.note(
      "\nThis was started by npx, whose copy may be cleaned away: `npm i -g @codex/cli` first, then print it anew.\n",
    );
  }
  return 0;
}

function relevant({ settings }: Pick<LoadedSettings, "settings">, env: Environment): Record<string, string> {
  const named = settings.flatMap(({ source, from, secret, value }): [string, string][] => {
    if (source !== "environment" || from === undefined) return [];
    // Of keys there are only hashes here.
    return [[from, secret ? String(value) : (env[from] ?? "")]];
  });
  const more = [...otherVariables, ...loginSecrets.filter((name) => env[name] === "keyring")].flatMap(
    (name): [string, string][] => (env[name] ? [[name, env[name]]] : []),
  );
  return Object.fromEntries([...named, ...more]);
}

/** The variables of settings that must not be shown. */
function secretNames({ settings }: Pick<LoadedSettings, "settings">): string[] {
  return settings.flatMap(({ secret, env }) => (secret && env !== undefined ? [env] : []));
}

function sortVariables(variables: Record<string, string>, secrets: ReadonlySet<string>) {
  const open: Record<string, string> = {};
  const secret: Record<string, string> = {};
  for (const [name, value] of Object.entries(variables)) {
    // A name and a password before the host.
    const isSecret = secrets.has(name) || /^(?:[a-z][a-z0-9+.-]*:\/\/)?[^/?#]*@/i.test(value);
    (isSecret ? secret : open)[name] = value;
  }
  return { open, secret };
}

const secretsName = "service.env";

/** As systemd and a shell read it alike. */
async function writeSecrets(stateFolder: string, variables: Record<string, string>): Promise<string> {
  const file = join(stateFolder, secretsName);
  const lines = Object.entries(variables).map(([name, value]) => `${name}="${value.replace(/[\\"$`]/g, "\\$&")}"\n`);
  await mkdir(stateFolder, { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, lines.join(""), { mode: 0o600 });
  await rename(draft, file);
  return file;
}

function unit({ command, environment, secretsFile }: Service): string {
  const variables = Object.entries(environment).map(
    ([name, value]) => `Environment=${quoteUnit(`${name}=${value}`)}\n`,
  );
  const file = secretsFile === undefined ? "" : `EnvironmentFile=${secretsFile.replaceAll("%", "%%")}\n`;
  return `[Unit]
Description=codex-oauth: an OpenAI-compatible proxy for a ChatGPT plan
After=network-online.target

[Service]
ExecStart=${command.map((word) => quoteUnit(word).replaceAll("$", "$$$$")).join(" ")}
${variables.join("")}${file}Restart=on-failure
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

/** launchd reads no file of variables; a shell does, and then becomes the program. */
const readFileAndRun = 'set -a; . "$0"; set +a; exec "$@"';

function propertyList({ command, environment, secretsFile, log }: Service): string {
  const words = secretsFile === undefined ? command : ["/bin/sh", "-c", readFileAndRun, secretsFile, ...command];
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
${words.map((word) => `    <string>${escapeXml(word)}</string>\n`).join("")}  </array>
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
